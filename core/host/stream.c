#include "host/endpoint.h"
#include "host/guard.h"

#include <stdlib.h>

/* Measured, bench/RESULTS.md: on one fast stream each recv and send costs as much as a
 * thousand short lines, and more where it wakes the peer. */
enum
{
  INBOX_SIZE = 1024 * 1024,
  LIVE_SIZE = INBOX_SIZE + 64 * 1024,
  STRADDLE = 1024 /* bytes to put behind the beginning of a message at first */
};

int
stream_prepare (struct endpoint *endpoint)
{
  endpoint->inbox = malloc (INBOX_SIZE + PL_PADDING);
  endpoint->live.bytes = malloc (LIVE_SIZE + PL_PADDING);
  endpoint->live.capacity = LIVE_SIZE - 1; /* a terminator stands past the last answer */
  endpoint->live.out.terminator = -1;
  return endpoint->inbox == NULL || endpoint->live.bytes == NULL ? -1 : 0;
}

uint8_t *
stream_place (struct session *session, size_t *n)
{
  struct endpoint *endpoint = session->endpoint;
  size_t limit = endpoint->lab->limits.message_bytes;

  endpoint->room = INBOX_SIZE;
  if (endpoint->lab->framing.kind == FRAMING_RECV && limit < INBOX_SIZE)
    endpoint->room = limit;
  *n = endpoint->room;
  return endpoint->inbox;
}

uint8_t *
stream_room (struct door *door, size_t *n)
{
  uint8_t *room = stream_place (door->session, n);

  if (PL_UNLIKELY (door->session->link != NULL))
    *n = link_stream_room (door->session, *n);
  return room;
}

/* Finds the first message by the transform's own rule. */
static enum cut_result
cut_by_plugin (struct session *session, const uint8_t *data, size_t n, struct message *message)
{
  struct endpoint *endpoint = session->endpoint;
  const struct pl_transform *first = endpoint->stages[0].instance.plugin->transform;
  struct guard before = guard_enter (endpoint->stages[0].instance.plugin->name, "frame");
  ssize_t whole = first->frame (&session->stage[0], data, n);

  guard_leave (before);
  if (whole > 0 && (size_t) whole <= n)
    {
      *message = (struct message){ data, (size_t) whole };
      return (size_t) whole > endpoint->lab->limits.message_bytes ? CUT_TOO_LONG : CUT_MESSAGE;
    }
  if (whole == 0)
    return n > endpoint->lab->limits.message_bytes ? CUT_TOO_LONG : CUT_MORE;
  chain_judge (session, 0, -1);
  session_end (session, session->why);
  return CUT_MORE;
}

/* Finds the next messages; a lab that looks at each of them gets one at a time. */
static size_t
find_messages (struct session *session, const uint8_t *data, size_t n, struct message *messages,
               struct cut *cut, enum cut_result *result)
{
  struct endpoint *endpoint = session->endpoint;
  const struct lab *lab = endpoint->lab;
  bool one = lab->close_after_reply || endpoint_wants (endpoint, EVENT_RECEIVED);

  if (lab->framing.kind != FRAMING_PLUGIN || endpoint->side == SIDE_CLIENT)
    return framer_cut_many (lab->framing, data, n, session->peer_ended, lab->limits.message_bytes,
                            messages, one ? 1 : MESSAGES_AT_ONCE, cut, result);
  *result = cut_by_plugin (session, data, n, messages);
  return *result == CUT_MESSAGE ? 1 : 0;
}

static size_t
hand_over (struct session *session, const struct message *messages, size_t count)
{
  struct endpoint *endpoint = session->endpoint;
  size_t taken;

  if (endpoint_wants (endpoint, EVENT_RECEIVED))
    endpoint_tell (endpoint, EVENT_RECEIVED, session, session->door, messages->data, messages->size,
                   NULL);
  session->answered = false;
  session->spoken = true;
  taken = endpoint->application->messages (session, messages, count);
  if (session->answered && endpoint->lab->close_after_reply && endpoint->side == SIDE_SERVER)
    session->closing = true;
  return taken;
}

/* Takes message after message out of n bytes; returns how many bytes are done with. */
static size_t
digest (struct session *session, const uint8_t *data, size_t n)
{
  struct message messages[MESSAGES_AT_ONCE];
  struct cut cut = { .scanned = session->scanned };
  const uint8_t *at = data, *end = data + n;
  size_t tail = framer_tail_size (session->endpoint->lab->framing);
  bool all_of_it = framer_ends_with_stream (session->endpoint->lab->framing);
  enum cut_result result = CUT_MESSAGE;

  while (result == CUT_MESSAGE && session_takes (session)
         && (at < end || (all_of_it && session->peer_ended)))
    {
      size_t count = find_messages (session, at, (size_t) (end - at), messages, &cut, &result);
      size_t taken = count > 0 ? hand_over (session, messages, count) : 0;

      if (taken > 0)
        at = messages[taken - 1].data + messages[taken - 1].size + tail;
      if (taken < count)
        cut.scanned = 0;
      if (all_of_it && count > 0)
        session->closing = true;
      if (result == CUT_TOO_LONG && session_takes (session))
        session_end (session, "a message is longer than limits.message_bytes");
    }
  session->scanned = cut.scanned;
  return (size_t) (at - data);
}

/* The peer has finished, and all its messages are done with: so have we. */
static void
end_of_stream (struct session *session)
{
  if (!session->peer_ended || session->closing || !session_takes (session))
    return;
  if (buffer_size (&session->in) > 0)
    endpoint_tell (session->endpoint, EVENT_TROUBLE, session, session->door, NULL, 0,
                   "the peer ended its stream in the middle of a message; that part is dropped");
  session->closing = true;
}

/* Puts behind what has come before as many of n new bytes as it takes to be done with it.  Returns
 * how many of the new ones are done with, or are kept there. */
static size_t
complete (struct session *session, const uint8_t *data, size_t n)
{
  struct buffer *in = &session->in;
  size_t done = 0, kept, more, used;

  do
    {
      kept = buffer_size (in);
      more = kept < STRADDLE ? STRADDLE : kept;
      if (more > n - done)
        more = n - done;
      if (buffer_append (in, data + done, more) == -1)
        {
          session_doom (session, "out of memory");
          return n;
        }
      used = digest (session, buffer_bytes (in), kept + more);
      buffer_take (in, used);
      if (used >= kept)
        {
          /* What is left of the new ones stands in data too. */
          buffer_free (in);
          return done + used - kept;
        }
      done += more;
    }
  while (done < n && session_takes (session));
  return done;
}

/* Works through what has come, n new bytes behind what was kept, and keeps the rest. */
static void
work (struct session *session, const uint8_t *data, size_t n)
{
  size_t done = buffer_size (&session->in) > 0 ? complete (session, data, n) : 0;

  if (buffer_size (&session->in) == 0)
    done += digest (session, data + done, n - done);
  if (!session->closing && buffer_append (&session->in, data + done, n - done) == -1)
    session_doom (session, "out of memory");
  end_of_stream (session);
}

/* The transport receives until the socket has no more for now, or enough has come for one turn;
 * one send answers it all. */
void
stream_readable (struct door *door)
{
  struct session *session = door->session;
  struct endpoint *endpoint = session->endpoint;
  size_t came = 0;

  if (PL_UNLIKELY (session->link != NULL))
    {
      door_call_ready (door, PL_READABLE);
      return;
    }
  stream_enter (session);
  do
    {
      endpoint->received = 0;
      door_call_ready (door, PL_READABLE);
      came += endpoint->received;
    }
  while (endpoint->received == endpoint->room && came < INBOX_SIZE && session_takes (session));
  stream_leave (session);
}

static void
tell_received (struct session *session, size_t n)
{
  struct endpoint *endpoint = session->endpoint;

  endpoint_tell (endpoint, EVENT_RECV, session, session->door, n > 0 ? endpoint->inbox : NULL, n,
                 NULL);
  if (n == 0 && !session->peer_ended)
    endpoint_tell_event (endpoint, session, session->door,
                         (struct event){ .type = EVENT_HALF_CLOSED, .by_peer = true });
}

void
stream_arrived (struct session *session, size_t n)
{
  bool later = session->endpoint->active != session; /* than its recv, by the link */

  if (PL_UNLIKELY (endpoint_wants (session->endpoint, EVENT_RECV)))
    tell_received (session, n);
  if (n == 0)
    session->peer_ended = true;
  if (later)
    stream_enter (session);
  if (!session->closing)
    work (session, session->endpoint->inbox, n);
  if (later)
    stream_leave (session);
}

void
stream_received (struct door *door, size_t n)
{
  struct session *session = door->session;

  door->endpoint->received = n;
  if (session->doomed)
    return;
  session_touch (session);
  if (PL_UNLIKELY (session->link != NULL))
    link_stream_receive (session, door->endpoint->inbox, n);
  else
    stream_arrived (session, n);
}

static void
tell_drained (struct session *session)
{
  session->drain_owed = false;
  stream_enter (session);
  if (session->endpoint->application->drained (session) == -1)
    session_end (session, session->why);
  stream_leave (session);
}

void
stream_writable (struct session *session)
{
  bool took_messages = session_takes (session);

  if (session->doomed)
    return;
  stream_drain (session);
  if (session->drain_owed && buffer_size (&session->unsent) == 0 && !session->closing)
    tell_drained (session);
  if (!took_messages && session_takes (session))
    {
      stream_enter (session);
      work (session, session->endpoint->inbox, 0);
      stream_leave (session);
    }
  else
    stream_settle (session);
}

/* Says to the peer that nothing more will be sent. */
static void
finish_sending (struct session *session)
{
  session->endpoint->carrier->finish (&session->door->socket);
  endpoint_tell (session->endpoint, EVENT_HALF_CLOSED, session, session->door, NULL, 0, NULL);
}

/* Nothing more will be sent. */
static void
finish (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;

  if (endpoint->carrier->finish == NULL || session->peer_ended)
    {
      session_doom (session, session->why);
      return;
    }
  finish_sending (session);
  session->finished = true;
  if (endpoint->side == SIDE_CLIENT)
    {
      linger_wait (session);
      return;
    }
  session->next_finished = endpoint->finished;
  endpoint->finished = session;
  loop_again (endpoint->loop);
}

void
stream_settle (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;
  bool unsent = buffer_size (&session->unsent) > 0;
  unsigned events = 0;

  if (session->doomed)
    return;
  if (session->finished && session->peer_ended)
    {
      session_doom (session, session->why);
      return;
    }
  if (PL_UNLIKELY (session->link != NULL))
    unsent |= link_stream_holds_end (session);
  if (session->half_close && !unsent && endpoint->carrier->finish != NULL)
    {
      session->half_close = false;
      finish_sending (session);
    }
  if (session->closing && !session->finished && !unsent)
    finish (session);
  if (session->doomed || session->aside)
    return;
  if (PL_UNLIKELY (session->link != NULL))
    {
      link_stream_watch (session);
      return;
    }
  if (!session->peer_ended && (!unsent || session->finished))
    events |= PL_READABLE;
  if (unsent || (session->drain_owed && !session->closing))
    events |= PL_WRITABLE;
  if (loop_watch (endpoint->loop, &session->door->watch, events) == -1)
    session_doom (session, "the loop cannot watch its socket");
}

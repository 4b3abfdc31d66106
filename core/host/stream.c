#include "host/endpoint.h"
#include "host/framer.h"
#include "host/guard.h"

#include <stdlib.h>

enum
{
  INBOX_SIZE = 64 * 1024,
  LIVE_SIZE = 256 * 1024,
  LINGER_MS = 2000, /* how long a peer may take to end after we have */
  LINGER_STOPPING_MS = 200
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
stream_room (struct door *door, size_t *n)
{
  struct session *session = door->session;
  struct endpoint *endpoint = door->endpoint;
  size_t limit = endpoint->lab->limits.message_bytes;
  uint8_t *room = NULL;

  if (buffer_size (&session->in) > 0 && !session->closing)
    {
      room = buffer_room (&session->in, INBOX_SIZE);
      if (room == NULL)
        session_doom (session, "out of memory");
      *n = session->in.capacity - session->in.end;
    }
  if (room == NULL)
    {
      room = endpoint->inbox;
      *n = INBOX_SIZE;
    }
  if (endpoint->lab->framing.kind == FRAMING_RECV && limit < *n)
    *n = limit;
  return room;
}

/* Finds the next message, by the transform's own rule where the lab wants that. */
static enum cut_result
next_cut (struct session *session, const uint8_t *data, size_t n, struct cut *cut)
{
  struct endpoint *endpoint = session->endpoint;
  const struct pl_transform *first;
  struct guard before;
  ssize_t whole;

  if (endpoint->lab->framing.kind != FRAMING_PLUGIN || endpoint->side == SIDE_CLIENT)
    return framer_cut (endpoint->lab->framing, data, n, session->peer_ended,
                       endpoint->lab->limits.message_bytes, cut);
  if (n == 0)
    return CUT_MORE;
  first = endpoint->stages[0].instance.plugin->transform;
  before = guard_enter (endpoint->stages[0].instance.plugin->name, "frame");
  whole = first->frame (&session->stage[0], data, n);
  guard_leave (before);
  if (whole > 0 && (size_t) whole <= n)
    {
      *cut = (struct cut){ .size = (size_t) whole, .whole = (size_t) whole };
      return (size_t) whole > endpoint->lab->limits.message_bytes ? CUT_TOO_LONG : CUT_MESSAGE;
    }
  if (whole == 0)
    return n > endpoint->lab->limits.message_bytes ? CUT_TOO_LONG : CUT_MORE;
  chain_judge (session, 0, -1);
  session_end (session, session->why);
  return CUT_MORE;
}

/* Whether the session still takes messages: not while its peer leaves too much unread. */
static bool
takes_messages (const struct session *session)
{
  return !session->closing
         && buffer_size (&session->unsent) <= session->endpoint->lab->limits.unsent_bytes;
}

static void
hand_over (struct session *session, const uint8_t *data, size_t n)
{
  struct endpoint *endpoint = session->endpoint;

  if (endpoint_wants (endpoint, EVENT_RECEIVED))
    endpoint_tell (endpoint, EVENT_RECEIVED, session, session->door, data, n, NULL);
  session->answered = false;
  session->spoken = true;
  if (endpoint->application->message (session, data, n) == -1)
    session_end (session, session->why);
  else if (session->answered && endpoint->lab->close_after_reply && endpoint->side == SIDE_SERVER)
    session->closing = true;
}

/* Takes message after message out of n bytes; returns how many bytes are done with. */
static size_t
digest (struct session *session, const uint8_t *data, size_t n)
{
  struct cut cut = { .scanned = session->scanned };
  size_t used = 0;
  bool all_of_it = framer_ends_with_stream (session->endpoint->lab->framing);

  while (takes_messages (session) && (used < n || (all_of_it && session->peer_ended)))
    {
      enum cut_result result = next_cut (session, data + used, n - used, &cut);

      if (result == CUT_TOO_LONG)
        session_end (session, "a message is longer than limits.message_bytes");
      if (result != CUT_MESSAGE)
        break;
      hand_over (session, data + used + cut.head, cut.size);
      used += cut.whole;
      if (all_of_it)
        session->closing = true;
      cut.scanned = 0;
    }
  session->scanned = cut.scanned;
  return used;
}

/* The peer has finished, and all its messages are done with: so have we. */
static void
end_of_stream (struct session *session)
{
  if (!session->peer_ended || session->closing || !takes_messages (session))
    return;
  if (buffer_size (&session->in) > 0)
    endpoint_tell (session->endpoint, EVENT_TROUBLE, session, session->door, NULL, 0,
                   "the peer ended its stream in the middle of a message; that part is dropped");
  session->closing = true;
}

/* Works through what has come, sends the answers, keeps the rest. */
static void
work (struct session *session, const uint8_t *data, size_t n)
{
  bool kept = buffer_size (&session->in) > 0; /* data is what it holds */
  size_t used;

  stream_enter (session);
  used = digest (session, data, n);
  if (kept)
    buffer_take (&session->in, used);
  else if (!session->closing && buffer_append (&session->in, data + used, n - used) == -1)
    session_doom (session, "out of memory");
  end_of_stream (session);
  stream_leave (session);
}

/* The same for what has come before. */
static void
work_on_rest (struct session *session)
{
  size_t n = buffer_size (&session->in);

  work (session, n > 0 ? buffer_bytes (&session->in) : session->endpoint->inbox, n);
}

void
stream_received (struct door *door, size_t n)
{
  struct session *session = door->session;
  const uint8_t *data = door->endpoint->inbox;

  if (session->doomed)
    return;
  session_touch (session);
  if (n == 0)
    session->peer_ended = true;
  if (session->closing)
    {
      stream_settle (session);
      return;
    }
  if (buffer_size (&session->in) > 0)
    {
      session->in.end += n;
      n = buffer_size (&session->in);
      data = buffer_bytes (&session->in);
    }
  work (session, data, n);
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
  bool took_messages = takes_messages (session);

  if (session->doomed)
    return;
  stream_drain (session);
  if (session->drain_owed && buffer_size (&session->unsent) == 0 && !session->closing)
    tell_drained (session);
  if (!took_messages && takes_messages (session))
    work_on_rest (session);
  else
    stream_settle (session);
}

void
stream_linger (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;
  int64_t linger = endpoint->stopping ? LINGER_STOPPING_MS : LINGER_MS;

  if (loop_timer (endpoint->loop, &session->deadline, loop_now (endpoint->loop) + linger * 1000000)
      == -1)
    session_doom (session, session->why);
}

/* Nothing more will be sent.  Closing at once with unread input would reset
 * the connection, and the peer might lose the end of our answer (RFC 1122, 4.2.2.13): wait until
 * the peer ends too. */
static void
finish (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;

  if (endpoint->carrier->finish == NULL || session->peer_ended)
    {
      session_doom (session, session->why);
      return;
    }
  endpoint->carrier->finish (&session->door->socket);
  session->finished = true;
  if (endpoint->side == SIDE_SERVER)
    {
      session->next_finished = endpoint->finished;
      endpoint->finished = session;
      loop_again (endpoint->loop);
    }
  stream_linger (session);
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
  if (session->half_close && !unsent && endpoint->carrier->finish != NULL)
    {
      session->half_close = false;
      endpoint->carrier->finish (&session->door->socket);
    }
  if (session->closing && !session->finished && !unsent)
    finish (session);
  if (session->doomed)
    return;
  if (!session->peer_ended && (!unsent || session->finished))
    events |= PL_READABLE;
  if (unsent || (session->drain_owed && !session->closing))
    events |= PL_WRITABLE;
  if (loop_watch (endpoint->loop, &session->door->watch, events) == -1)
    session_doom (session, "the loop cannot watch its socket");
}

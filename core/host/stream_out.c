/* What the application says, on its way to the socket: put together, framed, sent
 * as far as the socket takes it, and kept for the rest. */
#include "host/endpoint.h"
#include "host/guard.h"

#include <errno.h>
#include <stdlib.h>

/* Sends what the socket takes now.  Returns that number, 0 too where the session is lost. */
static size_t
send_now (struct session *session, const uint8_t *data, size_t n, unsigned flags)
{
  struct door *door = session->door;
  struct guard before = guard_enter (door->endpoint->transport.plugin->name, "send");
  ssize_t sent;

  do
    sent = door->endpoint->carrier->send (&door->socket, data, n, flags);
  while (sent == -1 && errno == EINTR);
  guard_leave (before);
  if (sent == -1)
    {
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS)
        door_failed (door, "send", errno);
      return 0;
    }
  session_touch (session);
  if ((size_t) sent > n)
    sent = (ssize_t) n;
  if (endpoint_wants (door->endpoint, EVENT_SEND))
    endpoint_tell_event (
        door->endpoint, session, door,
        (struct event){ .type = EVENT_SEND, .data = data, .size = (size_t) sent, .asked = n });
  return (size_t) sent;
}

/* Sends bytes as they are, or keeps them until the socket takes them. */
static void
put_out (struct session *session, const uint8_t *data, size_t n)
{
  unsigned flags = session->closing && session->endpoint->side == SIDE_SERVER ? PL_LAST : 0;
  size_t sent = 0;

  if (session->doomed || n == 0)
    return;
  session->drain_owed = session->endpoint->tells_drained;
  if (PL_UNLIKELY (session->link != NULL))
    link_stream_enter (session, n);
  else if (buffer_size (&session->unsent) == 0)
    sent = send_now (session, data, n, flags);
  if (buffer_append (&session->unsent, data + sent, n - sent) == -1)
    session_doom (session, "out of memory");
  else if (PL_UNLIKELY (session->link != NULL))
    stream_drain (session);
}

void
stream_drain (struct session *session)
{
  size_t n = buffer_size (&session->unsent);
  size_t sent;

  if (PL_UNLIKELY (session->link != NULL) && n > 0)
    n = link_stream_sendable (session, n);
  if (n == 0)
    return;
  sent = send_now (session, buffer_bytes (&session->unsent), n, 0);
  buffer_take (&session->unsent, sent);
  if (PL_UNLIKELY (session->link != NULL))
    link_stream_sent (session, sent);
}

/* The live outlet is ready for the first answer of a session. */
static void
live_empty (struct endpoint *endpoint)
{
  size_t head = framer_head_size (endpoint->lab->framing);

  endpoint->live.out.next = endpoint->live.bytes + head;
  endpoint->live.out.end = endpoint->live.bytes + endpoint->live.capacity;
}

static void
live_flush (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;
  size_t head = framer_head_size (endpoint->lab->framing);
  size_t n = (size_t) (endpoint->live.out.next - endpoint->live.bytes) - head;

  if (n == 0)
    return;
  session->answered = true;
  live_empty (endpoint);
  put_out (session, endpoint->live.bytes, n);
}

void
stream_enter (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;
  bool watched = endpoint_wants (endpoint, EVENT_SENT) || endpoint->lab->close_after_reply;

  endpoint->active = session;
  if (endpoint->stage_count == 0)
    return;
  live_empty (endpoint);
  endpoint->live.out.terminator = watched ? -1 : framer_terminator (endpoint->lab->framing);
  session->stage[endpoint->stage_count - 1].out = &endpoint->live.out;
}

void
stream_leave (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;

  if (endpoint->stage_count > 0)
    {
      struct stage *last = &endpoint->stages[endpoint->stage_count - 1];

      live_flush (session);
      session->stage[endpoint->stage_count - 1].out = &last->outlet.out;
    }
  endpoint->active = NULL;
  stream_settle (session);
}

uint8_t *
stream_reserve (struct session *session, size_t n)
{
  struct endpoint *endpoint = session->endpoint;
  struct outlet *live = &endpoint->live;
  size_t head = framer_head_size (endpoint->lab->framing);

  live_flush (session);
  if (n + head > live->capacity)
    {
      uint8_t *bytes = realloc (live->bytes, n + head + 1 + PL_PADDING);

      if (bytes == NULL)
        return NULL;
      live->bytes = bytes;
      live->capacity = n + head;
      live_empty (endpoint);
    }
  return live->out.next;
}

int
stream_commit (struct session *session, size_t n)
{
  struct endpoint *endpoint = session->endpoint;
  struct pl_out *out = &endpoint->live.out;
  struct framing framing = endpoint->lab->framing;
  size_t head = framer_head_size (framing);
  int terminator = framer_terminator (framing);
  const char *why = framer_head (framing, n, out->next - head);

  if (why != NULL)
    {
      session->why = why;
      return -1;
    }
  if (endpoint_wants (endpoint, EVENT_SENT))
    endpoint_tell (endpoint, EVENT_SENT, session, session->door, out->next, n, NULL);
  if (terminator != -1)
    out->next[n++] = (uint8_t) terminator;
  out->next += n + head;
  session->answered = true;
  if (out->next > out->end)
    live_flush (session);
  return 0;
}

int
stream_send (struct session *session, const uint8_t *data, size_t n)
{
  struct endpoint *endpoint = session->endpoint;
  struct framing framing = endpoint->lab->framing;
  int terminator = framer_terminator (framing);
  size_t head_size = framer_head_size (framing);
  uint8_t head[4], end = (uint8_t) terminator;
  bool idle = buffer_size (&session->unsent) == 0;

  session->why = framer_head (framing, n, head);
  if (session->why != NULL)
    return -1;
  if (buffer_size (&session->unsent) > endpoint->lab->limits.unsent_bytes)
    {
      session->why = "the peer does not read: more than limits.unsent_bytes wait for it";
      session_doom (session, session->why);
      return -1;
    }
  if (endpoint_wants (endpoint, EVENT_SENT))
    endpoint_tell (endpoint, EVENT_SENT, session, session->door, data, n, NULL);
  session->answered = true;
  session->drain_owed = endpoint->tells_drained;
  if (buffer_append (&session->unsent, head, head_size) == -1
      || buffer_append (&session->unsent, data, n) == -1
      || (terminator != -1 && buffer_append (&session->unsent, &end, 1) == -1))
    {
      session_doom (session, "out of memory");
      return -1;
    }
  if (PL_UNLIKELY (session->link != NULL))
    link_stream_enter (session, head_size + n + (terminator != -1));
  if (idle && endpoint->active != session)
    stream_drain (session);
  if (endpoint->active != session)
    stream_settle (session);
  return 0;
}

/* What plugins may ask of the host: protolab.h, struct pl_host. */
#include "host/endpoint.h"

#include "host/address.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t
now (const struct pl_lab *lab)
{
  return loop_now (instance_of (lab)->endpoint->loop);
}

/* splitmix64: Steele, Lea and Flood, 2014. */
static uint64_t
next_random (const struct pl_lab *lab)
{
  uint64_t z = instance_of (lab)->endpoint->random += 0x9e3779b97f4a7c15u;

  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

PL_PRINTF (2, 0)
static void
reason (struct pl_lab *lab, const char *format, va_list args)
{
  struct instance *instance = instance_of (lab);

  vsnprintf (instance->reason, sizeof instance->reason, format, args);
}

uint8_t *
outlet_reserve (struct outlet *outlet, size_t n)
{
  if (n > outlet->capacity)
    {
      uint8_t *bytes = realloc (outlet->bytes, n + PL_PADDING);

      if (bytes == NULL)
        return NULL;
      *outlet = (struct outlet){ { bytes, bytes + n, -1, 0 }, bytes, n };
    }
  return outlet->bytes;
}

static uint8_t *
reserve (struct pl_session *s, size_t n)
{
  struct session *session = session_of (s);
  struct endpoint *endpoint = session->endpoint;
  size_t most = endpoint_answer_max (endpoint);
  uint8_t *room;

  if (!session->doomed)
    session->why = NULL;
  if (n > most)
    {
      pl_fail (s->lab, "an answer of %zu bytes is longer than the lab allows: %zu", n, most);
      return NULL;
    }
  if (s->out != &endpoint->live.out)
    room = outlet_reserve (container_of (s->out, struct outlet, out), n);
  else if (endpoint->stream)
    room = stream_reserve (session, n);
  else
    room = datagram_reserve (session, n);
  if (room == NULL)
    pl_fail (s->lab, "%s", session->why != NULL ? session->why : "out of memory");
  return room;
}

static int
commit (struct pl_session *s, size_t n)
{
  struct session *session = session_of (s);
  struct endpoint *endpoint = session->endpoint;
  size_t next_stage = instance_of (s->lab)->index + 1;
  int status;

  if (n > (size_t) (s->out->end - s->out->next))
    return pl_fail (s->lab, "pl_commit of %zu bytes: fewer were reserved", n);
  if (next_stage < endpoint->stage_count)
    status = chain_message (session, next_stage, s->out->next, n);
  else if (s->out != &endpoint->live.out)
    status = session_send (session, s->out->next, n);
  else
    status = endpoint->stream ? stream_commit (session, n) : datagram_commit (session, n);
  return status == 0 ? 0 : pl_fail (s->lab, "%s", session->why);
}

static int
send_copy (struct pl_session *s, const void *data, size_t n)
{
  return pl_send (s, data, n);
}

PL_PRINTF (2, 0)
static int
send_text (struct pl_session *s, const char *format, va_list args)
{
  char *text = NULL;
  int n = vasprintf (&text, format, args);
  int status;

  if (n == -1)
    return pl_fail (s->lab, "out of memory");
  status = pl_send (s, text, (size_t) n);
  free (text);
  return status;
}

PL_PRINTF (2, 0)
static void
note (struct pl_session *s, const char *format, va_list args)
{
  struct session *session = session_of (s);
  char text[REASON_SIZE];

  if (!endpoint_wants (session->endpoint, EVENT_NOTE))
    return;
  vsnprintf (text, sizeof text, format, args);
  endpoint_tell (session->endpoint, EVENT_NOTE, session, session->door, NULL, 0, text);
}

static int
set_timer (struct pl_session *s, int64_t ms)
{
  struct session *session = session_of (s);
  struct instance *instance = instance_of (s->lab);

  if (instance->plugin->transform->timer == NULL)
    return pl_fail (s->lab, "pl_timer: the transform has no timer hook");
  if (ms < 0 || ms > 86400000)
    return pl_fail (s->lab, "pl_timer: %lld ms is not between 0 and a day", (long long) ms);
  if (chain_timer (session, instance->index, ms) == -1)
    return pl_fail (s->lab, "out of memory");
  return 0;
}

static void
close_session (struct pl_session *s)
{
  session_close (session_of (s));
}

static struct pl_session *
next_session (struct pl_lab *lab, struct pl_session *after)
{
  struct instance *instance = instance_of (lab);
  struct session *session = after == NULL ? instance->endpoint->sessions : session_of (after)->next;

  while (session != NULL && (!session->opened || session->closing))
    session = session->next;
  return session == NULL ? NULL : &session->stage[instance->index];
}

static const char *
peer_text (struct pl_session *s)
{
  static char text[ADDRESS_TEXT];

  return address_text (&session_of (s)->peer, text);
}

static struct pl_socket *
adopt (struct pl_lab *lab, int fd, uint32_t role, const struct pl_address *peer)
{
  struct door *door = door_open (instance_of (lab)->endpoint, fd, role, peer);

  return door == NULL ? NULL : &door->socket;
}

static struct door *
door_of (struct pl_socket *socket)
{
  return container_of (socket, struct door, socket);
}

static void
connected (struct pl_socket *socket)
{
  door_connected (door_of (socket));
}

static void
failed (struct pl_socket *socket, const char *call)
{
  door_failed (door_of (socket), call, errno);
}

static uint8_t *
room (struct pl_socket *socket, size_t *n)
{
  return stream_room (door_of (socket), n);
}

static void
received (struct pl_socket *socket, size_t n)
{
  stream_received (door_of (socket), n);
}

static struct pl_datagram *
lend (struct pl_socket *socket, unsigned *count)
{
  return datagram_lend (door_of (socket), count);
}

static void
deliver (struct pl_socket *socket, unsigned count)
{
  datagram_deliver (door_of (socket), count);
}

static bool
shares_port (const struct pl_lab *lab)
{
  return instance_of (lab)->endpoint->lab->workers > 1;
}

const struct pl_host services = {
  .struct_size = sizeof (struct pl_host),
  .abi = PL_ABI,
  .now = now,
  .random = next_random,
  .reason = reason,
  .reserve = reserve,
  .commit = commit,
  .send = send_copy,
  .sendf = send_text,
  .note = note,
  .timer = set_timer,
  .close = close_session,
  .next_session = next_session,
  .peer = peer_text,
  .adopt = adopt,
  .connected = connected,
  .failed = failed,
  .room = room,
  .received = received,
  .lend = lend,
  .deliver = deliver,
  .shares_port = shares_port,
};

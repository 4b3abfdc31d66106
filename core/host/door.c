/* Sockets: the doors of the book's section 2.7. */
#include "host/address.h"
#include "host/endpoint.h"
#include "host/guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum
{
  PAUSE_MS = 100,       /* before accept is tried again when descriptors ran out */
  WELCOMES_AT_ONCE = 64 /* before the clients that are in get their turn */
};

void
door_call_ready (struct door *door, unsigned events)
{
  struct endpoint *endpoint = door->endpoint;
  struct guard before = guard_enter (endpoint->transport.plugin->name, "ready");

  endpoint->carrier->ready (&door->socket, events);
  guard_leave (before);
}

/* Lets clients in one by one: each may be the one that reaches limits.sessions. */
static void
welcome (struct door *door)
{
  struct endpoint *endpoint = door->endpoint;
  uint64_t last;

  for (int i = 0; i < WELCOMES_AT_ONCE && (door->watch.events & PL_READABLE); i++)
    {
      last = endpoint->last_ordinal;
      door_call_ready (door, PL_READABLE);
      if (endpoint->last_ordinal == last)
        break;
    }
}

static void
door_ready (struct watch *watch, unsigned events)
{
  struct door *door = container_of (watch, struct door, watch);
  struct endpoint *endpoint = door->endpoint;
  struct session *session = door->session;

  if (session != NULL && (events & PL_WRITABLE) && endpoint->stream)
    stream_writable (session);
  else if (door->connected && (events & PL_WRITABLE) && !endpoint->stream)
    {
      datagram_flush (endpoint);
      /* What was to go out by it is still in the link. */
      if (datagram_idle (endpoint))
        loop_watch (endpoint->loop, &door->watch, endpoint->stopping ? 0 : PL_READABLE);
    }
  if (session != NULL && session->doomed)
    return;
  /* A connection that has ended both ways counts as writable again: the transport is told of
   * that only while it waits for the handshake. */
  if (door->connected)
    events &= PL_READABLE;
  if (door->socket.role == PL_WELCOMING)
    welcome (door);
  else if (session != NULL && events != 0 && endpoint->stream)
    stream_readable (door);
  else if (events != 0)
    door_call_ready (door, events);
}

static void
enlist (struct door *door)
{
  struct endpoint *endpoint = door->endpoint;

  door->next = endpoint->doors;
  if (door->next != NULL)
    door->next->previous = door;
  endpoint->doors = door;
}

/* A client of ours: its conversation begins now. */
static bool
begin (struct door *door, const struct pl_address *peer)
{
  struct endpoint *endpoint = door->endpoint;
  struct pl_address unknown = { .length = 0 };
  struct session *session;

  session = session_open (endpoint, door, peer, &unknown);
  if (session == NULL)
    return false;
  if (endpoint->session_count >= endpoint->lab->limits.sessions && !endpoint->full)
    {
      endpoint->full = true;
      endpoint_tell (endpoint, EVENT_TROUBLE, NULL, NULL, NULL, 0,
                     "limits.sessions is reached: new clients wait until one has gone");
    }
  door_welcome (endpoint);
  return true;
}

struct door *
door_open (struct endpoint *endpoint, int fd, enum pl_role role, const struct pl_address *peer)
{
  uint32_t state_size = endpoint->carrier->socket_size;
  bool fits = role == PL_CLIENT || (role == PL_SERVER) != endpoint->stream;
  struct door *door = fits ? calloc (1, sizeof *door) : NULL;

  if (door == NULL)
    {
      errno = fits ? ENOMEM : EINVAL;
      return NULL;
    }
  door->socket.lab = &endpoint->transport.lab;
  door->socket.fd = fd;
  door->socket.role = role;
  if (peer != NULL)
    door->socket.peer = *peer;
  door->endpoint = endpoint;
  door->watch.fd = fd;
  door->watch.ready = door_ready;
  door->connected = role != PL_CLIENT;
  if (state_size > 0)
    door->socket.state = calloc (1, state_size);
  if ((state_size > 0 && door->socket.state == NULL)
      || loop_watch (endpoint->loop, &door->watch,
                     PL_READABLE | (role == PL_CLIENT ? PL_WRITABLE : 0))
             == -1)
    goto refuse;
  enlist (door);
  if (role == PL_WELCOMING || role == PL_SERVER)
    endpoint->welcoming = door;
  if (role == PL_CONNECTION)
    {
      if (begin (door, &door->socket.peer))
        return door;
      door->socket.fd = -1; /* still the transport's to close */
      door_free (door);
      return NULL;
    }
  endpoint_tell_of_calls (endpoint, door);
  return door;

refuse:
  loop_forget (endpoint->loop, &door->watch);
  free (door->socket.state);
  free (door);
  return NULL;
}

void
door_connected (struct door *door)
{
  struct endpoint *endpoint = door->endpoint;
  struct pl_address local = address_of_socket (door->socket.fd);

  if (door->connected)
    return;
  door->connected = true;
  if (session_open (endpoint, door, &door->socket.peer, &local) == NULL)
    endpoint->application->unreachable (endpoint, ENOMEM);
}

static void
resume (struct timer *timer)
{
  door_welcome (container_of (timer, struct endpoint, pause));
}

/* accept has failed: where the machine ran out of something, trying again at once would only
 * spin. */
static void
welcoming_failed (struct door *door, const char *call, int error)
{
  struct endpoint *endpoint = door->endpoint;
  char text[REASON_SIZE];

  if (error == ECONNABORTED || error == EPROTO)
    return;
  if (endpoint->pause.place == 0)
    {
      snprintf (text, sizeof text, "%s: %s; new clients wait", call, strerror (error));
      if (!endpoint->short_of_something)
        endpoint_tell (endpoint, EVENT_TROUBLE, NULL, door, NULL, 0, text);
      endpoint->short_of_something = true;
      endpoint->pause.fire = resume;
      loop_timer (endpoint->loop, &endpoint->pause, loop_now (endpoint->loop) + PAUSE_MS * 1000000);
    }
  loop_watch (endpoint->loop, &door->watch, 0);
}

/* Errors that an ICMP message brought: news of one peer, not of this socket (RFC 1122, 4.1.3.3). */
static bool
about_a_peer (int error)
{
  return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH
         || error == EHOSTDOWN || error == ENETDOWN || error == EPROTO || error == ENOPROTOOPT
         || error == ECONNRESET;
}

static const char *
why_lost (int error)
{
  switch (error)
    {
    case ECONNRESET:
      return "the peer reset the connection";
    case EPIPE:
      return "the peer has closed the connection";
    case ETIMEDOUT:
      return "the peer does not answer any more";
    default:
      return strerrordesc_np (error);
    }
}

static void
lose (struct session *session, int error)
{
  if (session->doomed)
    return;
  if (error == ECONNRESET)
    endpoint_tell_event (session->endpoint, session, session->door,
                         (struct event){ .type = EVENT_RESET, .by_peer = true });
  session_doom (session, why_lost (error));
}

void
door_failed (struct door *door, const char *call, int error)
{
  struct endpoint *endpoint = door->endpoint;

  if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR)
    return;
  switch ((enum pl_role) door->socket.role)
    {
    case PL_WELCOMING:
      welcoming_failed (door, call, error);
      break;
    case PL_SERVER:
      if (!about_a_peer (error))
        endpoint_tell (endpoint, EVENT_TROUBLE, NULL, door, NULL, 0, strerrordesc_np (error));
      break;
    case PL_CONNECTION:
      if (door->session != NULL)
        lose (door->session, error);
      break;
    case PL_CLIENT:
      if (!endpoint->stream || !door->connected)
        endpoint->application->unreachable (endpoint, error);
      else if (door->session != NULL)
        lose (door->session, error);
      break;
    }
}

void
door_free (struct door *door)
{
  struct endpoint *endpoint = door->endpoint;
  struct session *session = door->session;

  /* Who does not watch sockets being made wants to know of a close only why. */
  if (door->socket.fd != -1
      && ((session != NULL && session->why != NULL) || endpoint_wants (endpoint, EVENT_CREATED)))
    endpoint_tell (endpoint, EVENT_CLOSED, session, door, NULL, 0,
                   session != NULL ? session->why : NULL);
  loop_forget (endpoint->loop, &door->watch);
  if (!endpoint->stream)
    datagram_leave (door);
  if (door->socket.fd != -1)
    endpoint->carrier->close (&door->socket);
  if (endpoint->welcoming == door)
    endpoint->welcoming = NULL;
  if (door->next != NULL)
    door->next->previous = door->previous;
  if (door->previous != NULL)
    door->previous->next = door->next;
  else
    endpoint->doors = door->next;
  free (door->socket.state);
  free (door);
}

void
door_welcome (struct endpoint *endpoint)
{
  bool room = endpoint->session_count < endpoint->lab->limits.sessions;

  if (endpoint->welcoming == NULL)
    return;
  if (room)
    endpoint->full = false;
  if (endpoint->pause.place == 0 && !endpoint->stopping
      && loop_watch (endpoint->loop, &endpoint->welcoming->watch, room ? PL_READABLE : 0) == -1)
    endpoint_tell (endpoint, EVENT_TROUBLE, NULL, endpoint->welcoming, NULL, 0,
                   "the loop cannot watch the welcoming socket: no new clients");
}

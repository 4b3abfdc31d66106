/* What the observers are told.  Nothing here is on the way of a message that nobody watches. */
#include "host/address.h"
#include "host/endpoint.h"

/* Our end of the four-tuple.  A datagram's, known, tells only at which of our addresses it came in;
 * the port is the socket's. */
static struct pl_address
local_address (struct session *session, const struct door *door, struct pl_address known)
{
  struct pl_address of_socket = { .length = 0 };

  if (known.length == 0 && session != NULL)
    known = session->local;
  if (known.length > 0 && address_port (&known) != 0)
    return known;
  if (door != NULL && door->socket.fd != -1)
    of_socket = address_of_socket (door->socket.fd);
  if (known.length > 0)
    return address_with_port (known, address_port (&of_socket));
  if (session != NULL && session->endpoint->stream)
    session->local = of_socket;
  return of_socket;
}

void
endpoint_tell_event (struct endpoint *endpoint, struct session *session, struct door *door,
                     struct event event)
{
  if (!endpoint_wants (endpoint, event.type))
    return;
  event.side = endpoint->side;
  event.stream = endpoint->stream;
  event.time = loop_clock (endpoint->loop);
  event.session = session != NULL ? session->ordinal : 0;
  event.fd = door != NULL ? door->socket.fd : -1;
  event.role = door != NULL ? door->socket.role : 0;
  if (event.type != EVENT_CREATED)
    event.local = local_address (session, door, event.local);
  if (event.peer.length == 0 && session != NULL)
    event.peer = session->peer;
  else if (event.peer.length == 0 && door != NULL)
    event.peer = door->socket.peer;
  event.round = endpoint->audience->round;
  audience_tell (endpoint->audience, &event);
}

void
endpoint_tell (struct endpoint *endpoint, enum event_type type, struct session *session,
               struct door *door, const uint8_t *data, size_t n, const char *text)
{
  if (type == EVENT_TROUBLE && text != NULL && strstr (text, "limits.") != NULL)
    type = EVENT_LIMIT;
  if (endpoint_wants (endpoint, type))
    endpoint_tell_event (endpoint, session, door,
                         (struct event){ .type = type, .data = data, .size = n, .text = text });
}

void
endpoint_tell_of_peer (struct endpoint *endpoint, const struct pl_address *peer, const char *text)
{
  enum event_type type = strstr (text, "limits.") != NULL ? EVENT_LIMIT : EVENT_TROUBLE;

  endpoint_tell_event (endpoint, NULL, NULL,
                       (struct event){ .type = type, .peer = *peer, .text = text });
}

void
endpoint_tell_of_calls (struct endpoint *endpoint, struct door *door)
{
  enum pl_role role = door->socket.role;

  if (role == PL_CONNECTION)
    return;
  endpoint_tell (endpoint, EVENT_CREATED, NULL, door, NULL, 0, NULL);
  endpoint_tell (endpoint, role == PL_CLIENT ? EVENT_CONNECTING : EVENT_BOUND, NULL, door, NULL, 0,
                 NULL);
  if (role == PL_WELCOMING)
    endpoint_tell (endpoint, EVENT_LISTENING, NULL, door, NULL, 0, NULL);
}

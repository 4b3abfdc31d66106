#include "observe/segments.h"

#include "host/address.h"

#include <netinet/tcp.h>
#include <search.h>
#include <stdlib.h>

enum
{
  CONNECTIONS_MAX = 1 << 20, /* that are open at once; those of a log may never end */
  ACKNOWLEDGE = 65536 /* bytes after which a receiver that has nothing to say acknowledges them */
};

/* One direction of a connection. */
struct half
{
  uint32_t next;         /* sequence number of its next byte */
  size_t unacknowledged; /* bytes */
  bool began, ended;     /* SYN, FIN have passed */
};

struct connection
{
  struct pl_address local, peer;
  struct half ours, theirs;
  bool reset;
};

static int
address_order (const struct pl_address *a, const struct pl_address *b)
{
  if (a->length != b->length)
    return a->length < b->length ? -1 : 1;
  return memcmp (&a->as, &b->as, a->length);
}

/* By the four-tuple. */
static int
order (const void *a, const void *b)
{
  const struct connection *one = a, *other = b;
  int peers = address_order (&one->peer, &other->peer);

  return peers != 0 ? peers : address_order (&one->local, &other->local);
}

static struct connection *
find (const struct segments *segments, const struct event *event)
{
  struct connection key = { .local = event->local, .peer = event->peer };
  struct connection **node = tfind (&key, &segments->connections, order);

  return node != NULL ? *node : NULL;
}

static void
forget (struct segments *segments, struct connection *connection)
{
  if (connection == NULL)
    return;
  tdelete (connection, &segments->connections, order);
  segments->count--;
  free (connection);
}

/* Takes the place of an older one between the same ports. */
static struct connection *
begin (struct segments *segments, const struct event *event)
{
  struct connection *connection = NULL;

  forget (segments, find (segments, event));
  if (segments->count < CONNECTIONS_MAX)
    connection = calloc (1, sizeof *connection);
  if (connection == NULL)
    goto fail;
  connection->local = event->local;
  connection->peer = event->peer;
  /* Far from those of an older connection between the same ports. */
  connection->ours.next = ++segments->opened * 0x9e3779b1u;
  connection->theirs.next = ~connection->ours.next;
  if (tsearch (connection, &segments->connections, order) == NULL)
    goto fail;
  segments->count++;
  return connection;

fail:
  free (connection);
  segments->failed = true;
  return NULL;
}

/* Passes one segment, and moves the numbers on. */
static void
pass (struct segments *segments, struct connection *connection, bool outgoing, uint8_t flags,
      const uint8_t *data, size_t n)
{
  struct half *from = outgoing ? &connection->ours : &connection->theirs;
  struct half *to = outgoing ? &connection->theirs : &connection->ours;
  struct packet packet = {
    .from = outgoing ? connection->local : connection->peer,
    .to = outgoing ? connection->peer : connection->local,
    .stream = true,
    .sequence = from->next,
    .flags = flags | (to->began ? TH_ACK : 0),
    .acknowledgement = to->began ? to->next : 0,
    .data = data,
    .size = n,
  };

  segments->pass (segments->self, &packet, outgoing);
  from->next += (uint32_t) n + (flags & (TH_SYN | TH_FIN) ? 1 : 0);
  from->began = true;
  from->ended = from->ended || (flags & TH_FIN);
  from->unacknowledged += n;
  to->unacknowledged = 0;
}

static void
handshake (struct segments *segments, struct connection *connection, bool by_us)
{
  if (!connection->ours.began && !connection->theirs.began)
    pass (segments, connection, by_us, TH_SYN, NULL, 0);
  pass (segments, connection, !by_us, TH_SYN, NULL, 0);
  pass (segments, connection, by_us, 0, NULL, 0);
}

/* A connection that was there before we looked: it has no handshake. */
static struct connection *
found (struct segments *segments, const struct event *event)
{
  struct connection *connection = find (segments, event);

  if (connection == NULL)
    {
      connection = begin (segments, event);
      if (connection != NULL)
        connection->ours.began = connection->theirs.began = true;
    }
  return connection;
}

static void
carry (struct segments *segments, struct connection *connection, bool outgoing,
       const struct event *event)
{
  struct half *from = outgoing ? &connection->ours : &connection->theirs;

  for (size_t at = 0; at < event->size && !from->ended;)
    {
      size_t left = event->size - at;
      size_t n = left < PACKET_SEGMENT_MAX ? left : PACKET_SEGMENT_MAX;

      pass (segments, connection, outgoing, n == left ? TH_PUSH : 0, event->data + at, n);
      if (from->unacknowledged >= ACKNOWLEDGE)
        pass (segments, connection, !outgoing, 0, NULL, 0);
      at += n;
    }
}

static void
finish (struct segments *segments, struct connection *connection, bool outgoing)
{
  struct half *from = outgoing ? &connection->ours : &connection->theirs;
  struct half *to = outgoing ? &connection->theirs : &connection->ours;

  if (from->ended || !from->began || !to->began)
    return;
  pass (segments, connection, outgoing, TH_FIN, NULL, 0);
  if (to->ended)
    pass (segments, connection, !outgoing, 0, NULL, 0);
}

static void
reset (struct segments *segments, struct connection *connection, bool outgoing)
{
  struct half *from = outgoing ? &connection->ours : &connection->theirs;

  /* Who refuses a connection has no numbers of its own (RFC 9293, 3.10.7.1). */
  if (!from->began)
    from->next = 0;
  pass (segments, connection, outgoing, TH_RST, NULL, 0);
  connection->reset = true;
}

/* What an event means for a connection that it finds. */
static void
go_on (struct segments *segments, struct connection *connection, const struct event *event)
{
  if (connection == NULL || connection->reset)
    return;
  if (event->type == EVENT_RESET)
    reset (segments, connection, !event->by_peer);
  else if (event->type == EVENT_HALF_CLOSED || event->type == EVENT_CLOSED)
    finish (segments, connection, event->type == EVENT_CLOSED || !event->by_peer);
  else if (event->size > 0)
    carry (segments, connection, event->type == EVENT_SEND, event);
  else if (event->type == EVENT_RECV)
    finish (segments, connection, false);
}

void
segments_event (struct segments *segments, const struct event *event)
{
  struct connection *connection;

  switch (event->type)
    {
    case EVENT_CONNECTING:
      connection = begin (segments, event);
      if (connection != NULL)
        pass (segments, connection, true, TH_SYN, NULL, 0);
      break;
    case EVENT_CONNECTED:
    case EVENT_ACCEPTED:
      connection = event->type == EVENT_CONNECTED ? find (segments, event) : NULL;
      if (connection == NULL)
        connection = begin (segments, event);
      if (connection != NULL)
        handshake (segments, connection, event->type == EVENT_CONNECTED);
      break;
    case EVENT_RECV:
    case EVENT_SEND:
      go_on (segments, found (segments, event), event);
      break;
    case EVENT_HALF_CLOSED:
    case EVENT_RESET:
      go_on (segments, find (segments, event), event);
      break;
    case EVENT_CLOSED:
      connection = find (segments, event);
      go_on (segments, connection, event);
      forget (segments, connection);
      break;
    default:
      break;
    }
}

void
segments_free (struct segments *segments)
{
  tdestroy (segments->connections, free);
  segments->connections = NULL;
}

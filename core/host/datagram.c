#include "host/endpoint.h"

#include "host/address.h"
#include "host/guard.h"

#include <errno.h>
#include <stdlib.h>

enum
{
  LIVE_SIZE = DATAGRAMS_A_BATCH * 2048,
  BUCKETS_MIN = 4096,
  BUCKETS_MAX = 1 << 20
};

struct batch
{
  struct pl_datagram in[DATAGRAMS_A_BATCH], out[DATAGRAMS_A_BATCH];
  unsigned out_count, out_sent;
  uint8_t *bytes; /* of in */
  size_t room;    /* of each */
  bool blocked;   /* the socket takes no more for now */
  struct door *door;

  /* Where no hook needs a conversation all datagrams come in this one. */
  struct session *nobody;
  struct session **buckets; /* of sessions by peer; NULL where there is nobody */
  size_t bucket_count;      /* a power of two */
  uint64_t seed;            /* of the buckets: nobody can choose peers that share one */
};

/* A transform that remembers nothing of its peers needs no sessions. */
static bool
remembers (const struct pl_transform *transform)
{
  return transform->session_size > 0 || (transform->flags & PL_SHARED_STATE)
         || transform->open != NULL || transform->close != NULL || transform->timer != NULL;
}

static bool
needs_sessions (const struct endpoint *endpoint)
{
  for (size_t i = 0; i < endpoint->stage_count; i++)
    if (remembers (endpoint->stages[i].instance.plugin->transform))
      return true;
  return endpoint->side == SIDE_CLIENT;
}

/* Makes one that was delivered as it was when it was first lent. */
static inline void
lend_again (struct pl_datagram *datagram)
{
  datagram->size = 0;
  datagram->peer.length = datagram->local.length = 0;
  datagram->truncated = 0;
}

int
datagram_prepare (struct endpoint *endpoint)
{
  struct batch *batch = calloc (1, sizeof *batch);

  if (batch == NULL)
    return -1;
  endpoint->batch = batch;
  batch->seed = endpoint->random;
  batch->room = endpoint->lab->limits.message_bytes;
  batch->bytes = malloc (DATAGRAMS_A_BATCH * (batch->room + PL_PADDING));
  endpoint->live.bytes = malloc (LIVE_SIZE + PL_PADDING);
  endpoint->live.capacity = LIVE_SIZE;
  if (batch->bytes == NULL || endpoint->live.bytes == NULL)
    return -1;
  for (size_t i = 0; i < DATAGRAMS_A_BATCH; i++)
    {
      batch->in[i].data = batch->bytes + i * (batch->room + PL_PADDING);
      batch->in[i].room = batch->room;
    }
  endpoint->live.out = (struct pl_out){ .next = endpoint->live.bytes,
                                        .end = endpoint->live.bytes + LIVE_SIZE,
                                        .terminator = -1 };
  if (!needs_sessions (endpoint))
    return (batch->nobody = session_new (endpoint, NULL)) == NULL ? -1 : 0;
  batch->bucket_count = BUCKETS_MIN;
  while (batch->bucket_count < endpoint->lab->limits.sessions && batch->bucket_count < BUCKETS_MAX)
    batch->bucket_count *= 2;
  batch->buckets = calloc (batch->bucket_count, sizeof (struct session *));
  return batch->buckets == NULL ? -1 : 0;
}

void
datagram_end (struct endpoint *endpoint)
{
  struct batch *batch = endpoint->batch;

  if (batch == NULL)
    return;
  free (batch->bytes);
  if (batch->nobody != NULL)
    free (batch->nobody->told);
  free (batch->nobody);
  free (batch->buckets);
  free (batch);
  endpoint->batch = NULL;
}

struct pl_datagram *
datagram_lend (struct door *door, unsigned *count)
{
  *count = DATAGRAMS_A_BATCH;
  return door->endpoint->batch->in;
}

/* FNV-1a over an address and port. */
static size_t
bucket_of (const struct endpoint *endpoint, const struct pl_address *peer)
{
  const uint8_t *bytes = (const uint8_t *) &peer->as;
  uint64_t hash = 0xcbf29ce484222325u ^ endpoint->batch->seed;

  for (uint32_t i = 0; i < peer->length; i++)
    hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return (size_t) (hash ^ hash >> 32) & (endpoint->batch->bucket_count - 1);
}

/* The peer's conversation; begun if this is its first datagram.  NULL: it cannot be. */
static struct session *
find_session (struct door *door, const struct pl_datagram *datagram)
{
  struct endpoint *endpoint = door->endpoint;
  size_t bucket = bucket_of (endpoint, &datagram->peer);
  struct session *session = endpoint->batch->buckets[bucket];

  while (session != NULL
         && (session->doomed || !address_equal (&session->peer, &datagram->peer)
             || !address_equal (&session->local, &datagram->local)))
    session = session->next_in_bucket;
  if (session != NULL)
    return session;
  /* These datagrams were here when it began to stop; nobody would end their sessions. */
  if (endpoint->stopping)
    return NULL;
  if (endpoint->session_count >= endpoint->lab->limits.sessions)
    {
      if (!endpoint->full)
        endpoint_tell (endpoint, EVENT_TROUBLE, NULL, door, NULL, 0,
                       "limits.sessions is reached: datagrams from new peers are dropped");
      endpoint->full = true;
      return NULL;
    }
  endpoint->full = false;
  session = session_open (endpoint, door, &datagram->peer, &datagram->local);
  if (session == NULL)
    return NULL;
  session->next_in_bucket = endpoint->batch->buckets[bucket];
  endpoint->batch->buckets[bucket] = session;
  return session->doomed ? NULL : session;
}

void
datagram_forget (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;
  struct session **link = &endpoint->batch->buckets[bucket_of (endpoint, &session->peer)];

  while (*link != NULL && *link != session)
    link = &(*link)->next_in_bucket;
  if (*link == session)
    *link = session->next_in_bucket;
}

/* fate: NULL where it met no link. */
static void
tell_call (struct door *door, enum event_type type, const struct pl_datagram *datagram,
           const struct fate *fate)
{
  static const struct fate none;
  struct session *session = door->session;

  endpoint_tell_event (door->endpoint, session, door,
                       (struct event){ .type = type,
                                       .data = datagram->data,
                                       .size = datagram->size,
                                       .asked = datagram->size,
                                       .peer = datagram->peer,
                                       .local = datagram->local,
                                       .fate = fate != NULL ? *fate : none });
}

static void
tell_received (struct session *session, struct door *door, const struct pl_datagram *datagram,
               const struct fate *fate)
{
  static const struct fate none;

  endpoint_tell_event (door->endpoint, session, door,
                       (struct event){ .type = EVENT_RECEIVED,
                                       .data = datagram->data,
                                       .size = datagram->size,
                                       .fate = fate != NULL ? *fate : none });
}

static inline void
hand_over (struct door *door, struct pl_datagram *datagram, const struct fate *fate)
{
  struct endpoint *endpoint = door->endpoint;
  struct session *session = endpoint->batch->nobody;

  if (PL_UNLIKELY (endpoint_wants (endpoint, EVENT_RECV)))
    tell_call (door, EVENT_RECV, datagram, fate);
  if (datagram->truncated)
    {
      endpoint_tell_of_peer (endpoint, &datagram->peer,
                             "a datagram longer than limits.message_bytes was cut off: dropped");
      return;
    }
  if (door->session != NULL)
    session = door->session;
  else if (session == NULL)
    session = find_session (door, datagram);
  else
    {
      session->door = door;
      session->peer = datagram->peer;
      session->local = datagram->local;
    }
  if (session == NULL || session->closing)
    return;
  session_touch (session);
  session->spoken = true;
  if (endpoint_wants (endpoint, EVENT_RECEIVED))
    tell_received (session, door, datagram, fate);
  endpoint->application->messages (
      session, &(struct message){ .data = datagram->data, .size = datagram->size }, 1);
}

void
datagram_hand_over (struct door *door, struct pl_datagram *datagram, const struct fate *fate)
{
  hand_over (door, datagram, fate);
}

void
datagram_deliver (struct door *door, unsigned count)
{
  struct endpoint *endpoint = door->endpoint;
  struct batch *batch = endpoint->batch;

  if (PL_UNLIKELY (endpoint->packets != NULL))
    link_packets_receive (door, batch->in, count);
  else
    for (unsigned i = 0; i < count; i++)
      hand_over (door, &batch->in[i], NULL);
  for (unsigned i = 0; i < count; i++)
    lend_again (&batch->in[i]);
  datagram_flush (endpoint);
}

static void
batch_empty (struct endpoint *endpoint)
{
  struct batch *batch = endpoint->batch;

  batch->out_sent = batch->out_count = 0;
  batch->blocked = false;
  endpoint->live.out.next = endpoint->live.bytes;
}

/* Drops the first datagram that waits to be sent, and says why. */
static void
drop_first (struct endpoint *endpoint, int error)
{
  struct batch *batch = endpoint->batch;

  endpoint_tell_of_peer (endpoint, &batch->out[batch->out_sent].peer, strerror (error));
  batch->out_sent++;
}

void
datagram_flush (struct endpoint *endpoint)
{
  struct batch *batch = endpoint->batch;
  struct door *door = batch->door;

  while (batch->out_sent < batch->out_count)
    {
      struct guard before = guard_enter (endpoint->transport.plugin->name, "send_datagrams");
      int sent = endpoint->carrier->send_datagrams (&door->socket, batch->out + batch->out_sent,
                                                    batch->out_count - batch->out_sent);

      guard_leave (before);
      if (sent > 0)
        {
          /* Before a link the call was told when it was made. */
          if (endpoint_wants (endpoint, EVENT_SEND) && endpoint->packets == NULL)
            for (int i = 0; i < sent; i++)
              tell_call (door, EVENT_SEND, &batch->out[batch->out_sent + (unsigned) i], NULL);
          batch->out_sent += (unsigned) sent;
        }
      else if (sent == 0 || errno == EAGAIN || errno == EWOULDBLOCK)
        break;
      else if (errno != EINTR && endpoint->side == SIDE_CLIENT)
        {
          door_failed (door, "send", errno);
          batch->out_sent = batch->out_count;
        }
      else if (errno != EINTR)
        drop_first (endpoint, errno);
    }
  batch->blocked = batch->out_sent < batch->out_count;
  if (!batch->blocked)
    batch_empty (endpoint);
  if (door != NULL && !(door->session != NULL && door->session->doomed))
    loop_watch (endpoint->loop, &door->watch,
                batch->blocked       ? PL_WRITABLE
                : endpoint->stopping ? 0
                                     : PL_READABLE);
}

bool
datagram_idle (const struct endpoint *endpoint)
{
  return endpoint->batch->out_count == 0;
}

void
datagram_leave (struct door *door)
{
  struct endpoint *endpoint = door->endpoint;

  if (endpoint->packets != NULL)
    link_packets_forget (door);
  if (endpoint->batch == NULL || endpoint->batch->door != door)
    return;
  endpoint->batch->door = NULL;
  batch_empty (endpoint);
}

/* The socket takes nothing, and there is no room for more: datagrams may be lost. */
static void
drop_all (struct endpoint *endpoint)
{
  endpoint_tell (endpoint, EVENT_TROUBLE, NULL, endpoint->batch->door, NULL, 0,
                 "the socket's buffer is full: answers were dropped");
  batch_empty (endpoint);
}

/* Room in the live outlet for n bytes.  NULL: no memory. */
static uint8_t *
make_room (struct endpoint *endpoint, size_t n)
{
  if (endpoint->batch->out_count > 0)
    datagram_flush (endpoint);
  if (endpoint->batch->blocked)
    drop_all (endpoint);
  return outlet_reserve (&endpoint->live, n);
}

uint8_t *
datagram_reserve (struct session *session, size_t n)
{
  return make_room (session->endpoint, n);
}

/* Makes a place free in the batch. */
static inline void
make_place (struct endpoint *endpoint)
{
  struct batch *batch = endpoint->batch;

  /* pl_reserve does not ask whether the batch is full: what is written stays where it is. */
  if (batch->out_count == DATAGRAMS_A_BATCH)
    datagram_flush (endpoint);
  if (batch->out_count == DATAGRAMS_A_BATCH)
    drop_all (endpoint);
}

/* Puts n bytes that stand at the free end of the live outlet into the place that is free. */
static inline void
enqueue (struct door *door, uint8_t *data, size_t n, const struct pl_address *peer,
         const struct pl_address *local)
{
  struct endpoint *endpoint = door->endpoint;
  struct batch *batch = endpoint->batch;

  batch->door = door;
  batch->out[batch->out_count++]
      = (struct pl_datagram){ .data = data, .size = n, .peer = *peer, .local = *local };
  endpoint->live.out.next = data + n;
  if (batch->out_count == DATAGRAMS_A_BATCH)
    datagram_flush (endpoint);
}

void
datagram_put (struct door *door, const struct pl_datagram *datagram)
{
  struct endpoint *endpoint = door->endpoint;
  size_t n = datagram->size;
  uint8_t *to = endpoint->live.out.next;

  if (n > (size_t) (endpoint->live.out.end - to) || endpoint->batch->blocked)
    to = make_room (endpoint, n);
  if (to == NULL)
    {
      endpoint_tell_of_peer (endpoint, &datagram->peer, "out of memory: an answer is lost");
      return;
    }
  if (n > 0)
    memmove (to, datagram->data, n);
  make_place (endpoint);
  enqueue (door, to, n, &datagram->peer, &datagram->local);
}

int
datagram_commit (struct session *session, size_t n)
{
  static const struct pl_address connected;
  struct endpoint *endpoint = session->endpoint;
  struct door *door = session->door;
  uint8_t *answer = endpoint->live.out.next;

  if (n > PL_DATAGRAM_MAX)
    {
      session->why = "an answer is longer than a datagram can be, 65507 bytes";
      return -1;
    }
  /* RFC 768: who sends from port 0 wants no reply. */
  if (door->session == NULL && session->peer.length > 0 && address_port (&session->peer) == 0)
    return 0;
  session->answered = true;
  if (PL_UNLIKELY (endpoint->packets != NULL))
    {
      link_packets_send (session, answer, n);
      return 0;
    }
  make_place (endpoint);
  if (endpoint_wants (endpoint, EVENT_SENT))
    endpoint_tell (endpoint, EVENT_SENT, session, door, answer, n, NULL);
  enqueue (door, answer, n, door->session == NULL ? &session->peer : &connected, &session->local);
  return 0;
}

int
datagram_send (struct session *session, const uint8_t *data, size_t n)
{
  struct pl_out *out = &session->endpoint->live.out;
  uint8_t *to = out->next;

  if (n > (size_t) (out->end - out->next) || session->endpoint->batch->blocked)
    to = datagram_reserve (session, n);
  if (to == NULL)
    return -1;
  if (n > 0)
    memcpy (to, data, n);
  return datagram_commit (session, n);
}

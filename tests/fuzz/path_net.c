/* path_net.c - peers, and the transport between them and the host. */
#include "path.h"

#include "host/address.h"

#include <arpa/inet.h>
#include <errno.h>

struct queued
{
  size_t peer;
  struct piece piece;
};

struct net net;

void
pile_add (struct pile *pile, const void *bytes, size_t n)
{
  if (n >= pile->room - pile->size)
    {
      pile->room = 2 * (pile->room + n) + 64;
      pile->bytes = realloc (pile->bytes, pile->room);
      FUZZ_EXPECT (pile->bytes != NULL);
    }
  if (n > 0)
    memcpy (pile->bytes + pile->size, bytes, n);
  pile->size += n;
}

void
net_reset (void)
{
  net = (struct net){ .quantum = 64, .datagram_room = SIZE_MAX, .now = 1000000000 };
  epoll_reset ();
}

void
net_free (void)
{
  for (size_t i = 0; i < net.peer_count; i++)
    {
      free (net.peers[i].says.bytes);
      free (net.peers[i].hears.bytes);
      free (net.peers[i].datagrams);
    }
  free (net.queue.bytes);
}

void
net_say (struct peer *peer, const uint8_t *bytes, size_t n, bool datagram)
{
  struct queued queued = { (size_t) (peer - net.peers), { peer->says.size, n } };

  if (peer->ended || peer->reset || peer->says.size + n > BYTES_MAX)
    return;
  pile_add (&peer->says, bytes, n);
  if (datagram)
    pile_add (&net.queue, &queued, sizeof queued);
}

/* ------------------------------------------------------------------ stream -- */

static struct peer *
peer_of (const struct pl_socket *socket)
{
  size_t index = (size_t) (socket->fd - FD_BASE - 1);

  FUZZ_EXPECT (index < net.peer_count && net.peers[index].accepted);
  FUZZ_EXPECT (!net.peers[index].closed);
  return &net.peers[index];
}

/* The next call of that kind fails once, if it is to. */
static bool
fails (int *error)
{
  if (*error == 0)
    return false;
  net.activity++;
  errno = *error;
  *error = 0;
  return true;
}

static struct pl_address
address_of_peer (size_t index)
{
  struct pl_address address = { .length = sizeof address.as.in4 };

  address.as.in4.sin_family = AF_INET;
  address.as.in4.sin_port = htons ((uint16_t) (PEER_PORT + index));
  address.as.in4.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  return address;
}

static void
accept_peers (struct pl_socket *welcoming)
{
  for (int i = 0; i < ACCEPTS_AT_ONCE; i++)
    {
      struct pl_address address = address_of_peer (net.next_accepted);
      struct peer *peer = &net.peers[net.next_accepted];

      if (fails (&net.accept_error) || net.next_accepted == net.peer_count)
        {
          if (net.next_accepted == net.peer_count)
            errno = EAGAIN;
          pl_failed (welcoming, "accept");
          return;
        }
      net.activity++;
      net.next_accepted++;
      peer->accepted = true;
      if (pl_adopt (welcoming->lab, FD_BASE + 1 + (int) (peer - net.peers), PL_CONNECTION, &address)
          == NULL)
        peer->closed = true;
    }
}

static void
receive (struct pl_socket *connection)
{
  struct peer *peer = peer_of (connection);
  size_t n = 0, waiting = peer->says.size - peer->taken;
  uint8_t *room = pl_room (connection, &n);

  FUZZ_EXPECT (room != NULL && n > 0);
  if (fails (&net.recv_error))
    pl_failed (connection, "recv");
  else if (peer->reset || (waiting == 0 && !peer->ended))
    {
      errno = peer->reset ? ECONNRESET : EAGAIN;
      pl_failed (connection, "recv");
    }
  else
    {
      n = waiting < n ? waiting : n;
      n = net.quantum < n ? net.quantum : n;
      if (n > 0)
        memcpy (room, peer->says.bytes + peer->taken, n);
      peer->taken += n;
      net.activity++;
      pl_received (connection, n);
    }
}

static ssize_t
net_send (struct pl_socket *connection, const uint8_t *data, size_t n, unsigned flags)
{
  struct peer *peer = peer_of (connection);

  FUZZ_EXPECT (n > 0 && !peer->finished && (flags & ~PL_LAST) == 0);
  if (fails (&net.send_error))
    {
      peer->disturbed |= errno != EINTR && errno != ENOBUFS;
      return -1;
    }
  if (peer->reset || peer->room == 0)
    {
      errno = peer->reset ? EPIPE : EAGAIN;
      return -1;
    }
  if (n > peer->room)
    n = peer->room;
  if (peer->room != SIZE_MAX)
    peer->room -= n;
  net.activity++;
  if (model_sense != SENSE_NONE)
    pile_add (&peer->hears, data, n);
  return (ssize_t) n;
}

static void
net_finish (struct pl_socket *connection)
{
  struct peer *peer = peer_of (connection);

  FUZZ_EXPECT (!peer->finished);
  peer->finished = true;
  net.activity++;
}

/* ---------------------------------------------------------------- datagrams -- */

/* Keeps what was delivered: the answers are compared to it. */
static void
remember (struct peer *peer, struct piece piece)
{
  peer->datagrams = realloc (peer->datagrams, (peer->datagram_count + 1) * sizeof *peer->datagrams);
  FUZZ_EXPECT (peer->datagrams != NULL);
  peer->datagrams[peer->datagram_count++] = piece;
}

static void
fill (struct pl_datagram *to)
{
  struct queued queued;
  struct peer *peer;

  memcpy (&queued, net.queue.bytes + net.queue_taken, sizeof queued);
  net.queue_taken += sizeof queued;
  peer = &net.peers[queued.peer];
  to->peer = address_of_peer (queued.peer);
  if (net.local_known)
    to->local = address_with_port (address_of_peer (0), 0);
  to->size = queued.piece.size < to->room ? queued.piece.size : to->room;
  to->truncated = queued.piece.size > to->room;
  if (to->size > 0)
    memcpy (to->data, peer->says.bytes + queued.piece.at, to->size);
  if (!to->truncated)
    remember (peer, queued.piece);
  net.activity++;
}

static void
receive_datagrams (struct pl_socket *server)
{
  unsigned count = 0, n = 0;
  struct pl_datagram *datagrams = pl_lend (server, &count);

  FUZZ_EXPECT (count > 0);
  if (!fails (&net.recv_error) && net.queue_taken < net.queue.size)
    {
      while (n < count && n < net.quantum && net.queue_taken < net.queue.size)
        fill (&datagrams[n++]);
      pl_deliver (server, n);
      return;
    }
  if (net.queue_taken == net.queue.size)
    errno = EAGAIN;
  pl_failed (server, "recvmmsg");
}

static int
net_send_datagrams (struct pl_socket *server, const struct pl_datagram *d, unsigned count)
{
  unsigned n = 0;

  FUZZ_EXPECT (count > 0 && server->role == PL_SERVER && net.listening);
  if (fails (&net.send_error))
    return -1;
  for (; n < count && net.datagram_room > 0; n++)
    {
      size_t peer = (size_t) (address_port (&d[n].peer) - PEER_PORT);

      FUZZ_EXPECT (peer < net.peer_count && d[n].size <= 65507);
      FUZZ_EXPECT ((d[n].local.length > 0) == net.local_known);
      if (net.datagram_room != SIZE_MAX)
        net.datagram_room--;
      net.activity++;
      model_hear (model_sense, &net.peers[peer], d[n].data, d[n].size);
    }
  errno = EAGAIN;
  return n > 0 ? (int) n : -1;
}

/* ------------------------------------------------------------------- hooks -- */

static int
listen_stream (struct pl_lab *lab, const struct pl_address *at)
{
  (void) at;
  net.listening = pl_adopt (lab, FD_BASE, PL_WELCOMING, NULL) != NULL;
  return net.listening ? 0 : -1;
}

static int
listen_datagrams (struct pl_lab *lab, const struct pl_address *at)
{
  (void) at;
  net.listening = pl_adopt (lab, FD_BASE, PL_SERVER, NULL) != NULL;
  return net.listening ? 0 : -1;
}

static int
net_connect (struct pl_lab *lab, const struct pl_address *to)
{
  (void) to;
  return pl_fail (lab, "servers only");
}

static void
net_ready (struct pl_socket *socket, unsigned events)
{
  FUZZ_EXPECT (events == PL_READABLE);
  if (socket->role == PL_WELCOMING)
    accept_peers (socket);
  else if (socket->role == PL_SERVER)
    receive_datagrams (socket);
  else
    receive (socket);
}

static void
net_close (struct pl_socket *socket)
{
  FUZZ_EXPECT (!epoll_knows (socket->fd));
  net.activity++;
  if (socket->fd == FD_BASE)
    net.listening = false;
  else
    peer_of (socket)->closed = true;
}

static void
reset_connection (struct pl_socket *connection)
{
  peer_of (connection)->disturbed = true;
}

#define HOOKS .connect = net_connect, .ready = net_ready, .close = net_close
static const struct pl_transport stream_hooks = { .struct_size = sizeof stream_hooks,
                                                  .carries = PL_STREAM,
                                                  .listen = listen_stream,
                                                  .send = net_send,
                                                  .finish = net_finish,
                                                  .reset = reset_connection,
                                                  .socket_size = 8,
                                                  HOOKS };
static const struct pl_transport datagram_hooks = { .struct_size = sizeof datagram_hooks,
                                                    .carries = PL_DATAGRAMS,
                                                    .listen = listen_datagrams,
                                                    .send_datagrams = net_send_datagrams,
                                                    HOOKS };

const struct pl_plugin net_stream
    = { PL_MAGIC, PL_ABI, sizeof net_stream, PL_KIND_TRANSPORT, "stream", "1",
        "",       NULL,   &stream_hooks };
const struct pl_plugin net_datagrams
    = { PL_MAGIC, PL_ABI, sizeof net_datagrams, PL_KIND_TRANSPORT, "datagrams", "1",
        "",       NULL,   &datagram_hooks };

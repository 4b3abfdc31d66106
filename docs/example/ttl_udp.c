/* ttl_udp.c - UDP whose datagrams pass so many routers and no more. */
#include <protolab.h>

#include <sys/socket.h>

struct ttl_udp_lab
{
  int64_t ttl;
};

static const struct pl_param ttl_udp_params[] = {
  PL_INTEGER_PARAM (struct ttl_udp_lab, ttl, "64", 1, 255, "the hop count of each datagram"),
  PL_PARAMS_END,
};

static int
new_socket (const struct pl_lab *lab, int family)
{
  const struct ttl_udp_lab *mine = lab->state;
  int ttl = (int) mine->ttl;
  int fd = socket (family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd != -1 && family == AF_INET)
    setsockopt (fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
  else if (fd != -1)
    setsockopt (fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &ttl, sizeof ttl);
  return fd;
}

static int
ttl_udp_listen (struct pl_lab *lab, const struct pl_address *at)
{
  int on = pl_shares_port (lab);
  int fd = new_socket (lab, at->as.any.sa_family);

  if (fd == -1)
    return pl_give_up (lab, "socket", -1);
  if (on && setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == -1)
    return pl_give_up (lab, "setsockopt", fd);
  if (bind (fd, &at->as.any, at->length) == -1)
    return pl_give_up (lab, "bind", fd);
  if (pl_adopt (lab, fd, PL_SERVER, NULL) == NULL)
    return pl_give_up (lab, "adopt", fd);
  return 0;
}

/* There is no handshake: the way is open as soon as the socket is there. */
static int
ttl_udp_connect (struct pl_lab *lab, const struct pl_address *to)
{
  int fd = new_socket (lab, to->as.any.sa_family);
  struct pl_socket *client;

  if (fd == -1)
    return pl_give_up (lab, "socket", -1);
  if (connect (fd, &to->as.any, to->length) == -1)
    return pl_give_up (lab, "connect", fd);
  client = pl_adopt (lab, fd, PL_CLIENT, to);
  if (client == NULL)
    return pl_give_up (lab, "adopt", fd);
  pl_connected (client);
  return 0;
}

static void
ttl_udp_ready (struct pl_socket *socket, unsigned events)
{
  unsigned count;
  struct pl_datagram *d = pl_lend (socket, &count);
  ssize_t received;

  (void) events;
  d->peer.length = sizeof d->peer.as;
  /* With MSG_TRUNC it tells how long the datagram really was. */
  received = recvfrom (socket->fd, d->data, d->room, MSG_TRUNC, &d->peer.as.any, &d->peer.length);
  if (received == -1)
    {
      pl_failed (socket, "recvfrom");
      return;
    }
  d->truncated = (size_t) received > d->room;
  d->size = d->truncated ? d->room : (size_t) received;
  pl_deliver (socket, 1);
}

static int
ttl_udp_send (struct pl_socket *socket, const struct pl_datagram *d, unsigned count)
{
  const struct sockaddr *to = d->peer.length > 0 ? &d->peer.as.any : NULL;
  ssize_t sent = sendto (socket->fd, d->data, d->size, 0, to, d->peer.length);

  (void) count; /* at least 1; the rest comes with the next call */
  return sent == -1 ? -1 : 1;
}

static void
ttl_udp_close (struct pl_socket *socket)
{
  close (socket->fd);
}

PL_TRANSPORT (ttl_udp, "UDP whose datagrams pass so many routers and no more",
              .carries = PL_DATAGRAMS, .lab_size = sizeof (struct ttl_udp_lab),
              .params = ttl_udp_params, .listen = ttl_udp_listen, .connect = ttl_udp_connect,
              .ready = ttl_udp_ready, .send_datagrams = ttl_udp_send, .close = ttl_udp_close)

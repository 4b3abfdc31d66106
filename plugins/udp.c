/* udp.c - datagrams: each is a message of its own, and may be lost.
 *
 * Kurose and Ross, section 2.7.1; RFC 768.  One server socket receives from all
 * clients; each datagram carries the return address.  recvmmsg and sendmmsg
 * are recvfrom and sendto for many datagrams at once. */
#define _GNU_SOURCE /* recvmmsg, sendmmsg */
#include <protolab.h>

#include <netinet/udp.h>
#include <sys/socket.h>

enum
{
  BATCH = 64,
  SEGMENT_MAX = 1452 /* bytes that an Ethernet frame has room for behind the headers of IPv6 and UDP */
};

/* Control messages: at which of our addresses a datagram came in or from which it shall
 * leave, and into what segments the kernel cuts it. */
union control
{
  struct cmsghdr align;
  uint8_t space[CMSG_SPACE (sizeof (struct in6_pktinfo)) + CMSG_SPACE (sizeof (uint16_t))];
};

struct udp_socket
{
  unsigned ready;    /* messages that point to where the host wants datagrams */
  bool sends_singly; /* UDP_SEGMENT did not work */
  struct mmsghdr messages[BATCH];
  struct iovec bytes[BATCH];
  union control controls[BATCH];
};

static int
set_option (int fd, int level, int option)
{
  int on = 1;

  return setsockopt (fd, level, option, &on, sizeof on);
}

/* A server that is bound to all of the machine's addresses must reply from the
 * one that the request came to: asks the kernel to say which that was. */
static int
ask_for_local_address (int fd, const struct pl_address *at)
{
  if (at->as.any.sa_family == AF_INET6)
    return IN6_IS_ADDR_UNSPECIFIED (&at->as.in6.sin6_addr)
               ? set_option (fd, IPPROTO_IPV6, IPV6_RECVPKTINFO)
               : 0;
  return at->as.in4.sin_addr.s_addr == INADDR_ANY ? set_option (fd, IPPROTO_IP, IP_PKTINFO) : 0;
}

static int
udp_listen (struct pl_lab *lab, const struct pl_address *at)
{
  int server_socket = socket (at->as.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (server_socket == -1)
    return pl_give_up (lab, "socket", -1);
  if (pl_shares_port (lab) && set_option (server_socket, SOL_SOCKET, SO_REUSEPORT) == -1)
    return pl_give_up (lab, "setsockopt", server_socket);
  if (bind (server_socket, &at->as.any, at->length) == -1)
    return pl_give_up (lab, "bind", server_socket);
  if (ask_for_local_address (server_socket, at) == -1)
    return pl_give_up (lab, "setsockopt", server_socket);
  if (pl_adopt (lab, server_socket, PL_SERVER, NULL) == NULL)
    return pl_give_up (lab, "adopt", server_socket);
  return 0;
}

/* There is no connection: connect only fixes whom the socket sends to, and
 * lets it hear that nobody is there. */
static int
udp_connect (struct pl_lab *lab, const struct pl_address *to)
{
  struct pl_socket *client;
  int client_socket = socket (to->as.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (client_socket == -1)
    return pl_give_up (lab, "socket", -1);
  if (connect (client_socket, &to->as.any, to->length) == -1)
    return pl_give_up (lab, "connect", client_socket);
  client = pl_adopt (lab, client_socket, PL_CLIENT, to);
  if (client == NULL)
    return pl_give_up (lab, "adopt", client_socket);
  pl_connected (client);
  return 0;
}

static void
expect (struct udp_socket *own, unsigned i, struct pl_datagram *datagram)
{
  own->bytes[i] = (struct iovec){ datagram->data, datagram->room };
  own->messages[i].msg_hdr = (struct msghdr){
    .msg_name = &datagram->peer.as,
    .msg_namelen = sizeof datagram->peer.as,
    .msg_iov = &own->bytes[i],
    .msg_iovlen = 1,
    .msg_control = &own->controls[i],
    .msg_controllen = sizeof own->controls[i],
  };
}

static void
take_local_address (struct pl_datagram *datagram, struct msghdr *message)
{
  struct cmsghdr *at = CMSG_FIRSTHDR (message);

  if (at == NULL)
    return;
  if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO)
    {
      struct in_pktinfo info;

      memcpy (&info, CMSG_DATA (at), sizeof info);
      datagram->local.length = sizeof datagram->local.as.in4;
      datagram->local.as.in4.sin_family = AF_INET;
      datagram->local.as.in4.sin_addr = info.ipi_spec_dst;
    }
  else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO)
    {
      struct in6_pktinfo info;

      memcpy (&info, CMSG_DATA (at), sizeof info);
      datagram->local.length = sizeof datagram->local.as.in6;
      datagram->local.as.in6.sin6_family = AF_INET6;
      datagram->local.as.in6.sin6_addr = info.ipi6_addr;
      if (IN6_IS_ADDR_LINKLOCAL (&info.ipi6_addr))
        datagram->local.as.in6.sin6_scope_id = info.ipi6_ifindex;
    }
}

static void
udp_ready (struct pl_socket *socket, unsigned events)
{
  struct udp_socket *own = socket->state;
  unsigned count;
  struct pl_datagram *datagrams = pl_lend (socket, &count);
  int received;

  (void) events;
  for (; own->ready < count && own->ready < BATCH; own->ready++)
    expect (own, own->ready, &datagrams[own->ready]);
  received = recvmmsg (socket->fd, own->messages, own->ready, 0, NULL);
  if (received == -1)
    {
      pl_failed (socket, "recvmmsg");
      return;
    }
  for (int i = 0; i < received; i++)
    {
      struct msghdr *message = &own->messages[i].msg_hdr;

      datagrams[i].size = own->messages[i].msg_len;
      datagrams[i].peer.length = message->msg_namelen;
      datagrams[i].truncated = message->msg_flags & MSG_TRUNC;
      take_local_address (&datagrams[i], message);
      message->msg_namelen = sizeof datagrams[i].peer.as;
      message->msg_controllen = sizeof own->controls[i];
    }
  pl_deliver (socket, (unsigned) received);
}

static void
put_control (struct msghdr *message, int level, int type, const void *info, size_t size)
{
  struct cmsghdr *at
      = (struct cmsghdr *) ((uint8_t *) message->msg_control + message->msg_controllen);

  memset (at, 0, CMSG_SPACE (size)); /* what lies between them too */
  message->msg_controllen += CMSG_SPACE (size);
  at->cmsg_level = level;
  at->cmsg_type = type;
  at->cmsg_len = CMSG_LEN (size);
  memcpy (CMSG_DATA (at), info, size);
}

static void
put_local_address (struct msghdr *message, const struct pl_address *local)
{
  if (local->as.any.sa_family == AF_INET)
    {
      struct in_pktinfo info = { .ipi_spec_dst = local->as.in4.sin_addr };

      put_control (message, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
  else
    {
      struct in6_pktinfo info
          = { .ipi6_addr = local->as.in6.sin6_addr, .ipi6_ifindex = local->as.in6.sin6_scope_id };

      put_control (message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
}

static bool
same_address (const struct pl_address *a, const struct pl_address *b)
{
  return a->length == b->length && memcmp (&a->as, &b->as, a->length) == 0;
}

/* How many of the datagrams, of one size to one peer, stand one behind the other and can leave in
 * one go, to be cut up by the kernel: the last one may be shorter. */
static unsigned
run_of (const struct udp_socket *own, const struct pl_datagram *d, unsigned count)
{
  size_t size = d[0].size, total = size;
  unsigned n = 1;

  if (own->sends_singly || size > SEGMENT_MAX)
    return 1;
  while (n < count && d[n - 1].size == size && d[n].size <= size && d[n].size > 0
         && total + d[n].size <= PL_DATAGRAM_MAX && d[n].data == d[0].data + total
         && same_address (&d[n].peer, &d[0].peer) && same_address (&d[n].local, &d[0].local))
    total += d[n++].size;
  return n;
}

static void
address_message (struct mmsghdr *message, struct iovec *bytes, union control *control,
                 const struct pl_datagram *d, unsigned run)
{
  uint16_t size = (uint16_t) d->size;

  bytes->iov_base = d[0].data;
  bytes->iov_len = (size_t) (d[run - 1].data - d[0].data) + d[run - 1].size;
  message->msg_hdr = (struct msghdr){
    .msg_name = d->peer.length > 0 ? (void *) &d->peer.as : NULL,
    .msg_namelen = d->peer.length,
    .msg_iov = bytes,
    .msg_iovlen = 1,
    .msg_control = control,
  };
  if (d->local.length > 0)
    put_local_address (&message->msg_hdr, &d->local);
  if (run > 1)
    put_control (&message->msg_hdr, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
}

static int
udp_send (struct pl_socket *socket, const struct pl_datagram *datagrams, unsigned count)
{
  struct udp_socket *own = socket->state;
  struct mmsghdr messages[BATCH];
  struct iovec bytes[BATCH];
  union control controls[BATCH];
  unsigned first[BATCH + 1] = { 0 }; /* the datagram that each message begins with */
  unsigned made = 0;
  int sent;

  while (made < BATCH && first[made] < count)
    {
      const struct pl_datagram *d = &datagrams[first[made]];
      unsigned run = run_of (own, d, count - first[made]);

      address_message (&messages[made], &bytes[made], &controls[made], d, run);
      first[made + 1] = first[made] + run;
      made++;
    }
  sent = sendmmsg (socket->fd, messages, made, 0);
  if (sent == -1 && first[1] > 1 && errno != EAGAIN && errno != EINTR)
    {
      /* A kernel before 4.18, or a way that needs smaller segments. */
      own->sends_singly = true;
      return udp_send (socket, datagrams, count);
    }
  return sent == -1 ? -1 : (int) first[sent];
}

static void
udp_close (struct pl_socket *socket)
{
  close (socket->fd);
}

PL_TRANSPORT (udp, "Datagrams, each a message of its own; one server socket for all clients",
              .carries = PL_DATAGRAMS, .socket_size = sizeof (struct udp_socket),
              .listen = udp_listen, .connect = udp_connect, .ready = udp_ready,
              .send_datagrams = udp_send, .close = udp_close)

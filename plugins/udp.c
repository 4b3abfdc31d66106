/* udp.c - datagrams: each is a message of its own, and may be lost.
 *
 * Kurose and Ross, section 2.7.1; RFC 768.  One server socket receives from all
 * clients; each datagram carries the return address.  recvmmsg and sendmmsg
 * are recvfrom and sendto for many datagrams at once. */
#define _GNU_SOURCE /* recvmmsg, sendmmsg */
#include <protolab.h>

#include <sys/socket.h>

enum
{
  BATCH = 64
};

/* The control message that says at which of our addresses a datagram came in,
 * or from which it shall leave. */
union control
{
  struct cmsghdr align;
  uint8_t space[CMSG_SPACE (sizeof (struct in6_pktinfo))];
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
put_control (struct msghdr *message, int level, int type, const void *info, size_t size)
{
  struct cmsghdr *at = message->msg_control;

  message->msg_controllen = CMSG_SPACE (size);
  at->cmsg_level = level;
  at->cmsg_type = type;
  at->cmsg_len = CMSG_LEN (size);
  memcpy (CMSG_DATA (at), info, size);
}

static void
put_local_address (struct msghdr *message, const struct pl_address *local)
{
  if (local->length == 0)
    {
      message->msg_control = NULL;
      message->msg_controllen = 0;
    }
  else if (local->as.any.sa_family == AF_INET)
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

static void
udp_ready (struct pl_socket *socket, unsigned events)
{
  struct mmsghdr messages[BATCH];
  struct iovec bytes[BATCH];
  union control controls[BATCH];
  unsigned count;
  struct pl_datagram *datagrams = pl_lend (socket, &count);
  int received;

  (void) events;
  if (count > BATCH)
    count = BATCH;
  for (unsigned i = 0; i < count; i++)
    {
      bytes[i] = (struct iovec){ datagrams[i].data, datagrams[i].room };
      messages[i].msg_hdr = (struct msghdr){
        .msg_name = &datagrams[i].peer.as,
        .msg_namelen = sizeof datagrams[i].peer.as,
        .msg_iov = &bytes[i],
        .msg_iovlen = 1,
        .msg_control = &controls[i],
        .msg_controllen = sizeof controls[i],
      };
    }
  received = recvmmsg (socket->fd, messages, count, 0, NULL);
  if (received == -1)
    {
      pl_failed (socket, "recvmmsg");
      return;
    }
  for (int i = 0; i < received; i++)
    {
      datagrams[i].size = messages[i].msg_len;
      datagrams[i].peer.length = messages[i].msg_hdr.msg_namelen;
      datagrams[i].truncated = messages[i].msg_hdr.msg_flags & MSG_TRUNC;
      take_local_address (&datagrams[i], &messages[i].msg_hdr);
    }
  pl_deliver (socket, (unsigned) received);
}

static int
udp_send (struct pl_socket *socket, const struct pl_datagram *datagrams, unsigned count)
{
  struct mmsghdr messages[BATCH];
  struct iovec bytes[BATCH];
  union control controls[BATCH];

  if (count > BATCH)
    count = BATCH;
  for (unsigned i = 0; i < count; i++)
    {
      const struct pl_address *peer = &datagrams[i].peer;

      bytes[i] = (struct iovec){ datagrams[i].data, datagrams[i].size };
      messages[i].msg_hdr = (struct msghdr){
        .msg_name = peer->length > 0 ? (void *) &peer->as : NULL,
        .msg_namelen = peer->length,
        .msg_iov = &bytes[i],
        .msg_iovlen = 1,
        .msg_control = &controls[i],
      };
      put_local_address (&messages[i].msg_hdr, &datagrams[i].local);
    }
  return sendmmsg (socket->fd, messages, count, 0);
}

static void
udp_close (struct pl_socket *socket)
{
  close (socket->fd);
}

PL_TRANSPORT (udp, "Datagrams, each a message of its own; one server socket for all clients",
              .carries = PL_DATAGRAMS, .listen = udp_listen, .connect = udp_connect,
              .ready = udp_ready, .send_datagrams = udp_send, .close = udp_close)

/* tcp.c - a reliable, ordered stream of bytes between client and server.
 *
 * Kurose and Ross, section 2.7.2; RFC 9293.  The server has a welcoming socket
 * that every client knocks at, and gets a new connection socket for each. */
#define _GNU_SOURCE /* accept4 */
#include <protolab.h>

#include <netinet/tcp.h>
#include <sys/socket.h>

enum
{
  BACKLOG = 4096 /* clients that may wait to be accepted */
};

static void
set_option (int fd, int level, int option)
{
  int on = 1;

  setsockopt (fd, level, option, &on, sizeof on);
}

static int
tcp_listen (struct pl_lab *lab, const struct pl_address *at)
{
  int server_socket = socket (at->as.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (server_socket == -1)
    return pl_give_up (lab, "socket", -1);
  /* A server that was just ended can be started again: RFC 9293's TIME-WAIT
   * would keep the port from it for minutes. */
  set_option (server_socket, SOL_SOCKET, SO_REUSEADDR);
  /* Connection sockets inherit it: an answer leaves at once (RFC 896 would wait). */
  set_option (server_socket, IPPROTO_TCP, TCP_NODELAY);
  if (pl_shares_port (lab))
    set_option (server_socket, SOL_SOCKET, SO_REUSEPORT);
  if (bind (server_socket, &at->as.any, at->length) == -1)
    return pl_give_up (lab, "bind", server_socket);
  if (listen (server_socket, BACKLOG) == -1)
    return pl_give_up (lab, "listen", server_socket);
  if (pl_adopt (lab, server_socket, PL_WELCOMING, NULL) == NULL)
    return pl_give_up (lab, "adopt", server_socket);
  return 0;
}

static int
tcp_connect (struct pl_lab *lab, const struct pl_address *to)
{
  int client_socket = socket (to->as.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (client_socket == -1)
    return pl_give_up (lab, "socket", -1);
  set_option (client_socket, IPPROTO_TCP, TCP_NODELAY);
  if (connect (client_socket, &to->as.any, to->length) == -1 && errno != EINPROGRESS)
    return pl_give_up (lab, "connect", client_socket);
  if (pl_adopt (lab, client_socket, PL_CLIENT, to) == NULL)
    return pl_give_up (lab, "adopt", client_socket);
  return 0;
}

/* The handshake is over, one way or the other. */
static void
tcp_handshake_done (struct pl_socket *client)
{
  socklen_t length = sizeof errno;

  if (getsockopt (client->fd, SOL_SOCKET, SO_ERROR, &errno, &length) == 0 && errno == 0)
    pl_connected (client);
  else
    pl_failed (client, "connect");
}

static void
tcp_accept (struct pl_socket *welcoming)
{
  struct pl_address client = { .length = sizeof client.as };
  int connection_socket
      = accept4 (welcoming->fd, &client.as.any, &client.length, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (connection_socket == -1)
    pl_failed (welcoming, "accept");
  else if (pl_adopt (welcoming->lab, connection_socket, PL_CONNECTION, &client) == NULL)
    close (connection_socket);
}

static void
tcp_receive (struct pl_socket *connection)
{
  size_t n;
  uint8_t *room = pl_room (connection, &n);
  ssize_t received = recv (connection->fd, room, n, 0);

  if (received == -1)
    pl_failed (connection, "recv");
  else
    pl_received (connection, (size_t) received);
}

static void
tcp_ready (struct pl_socket *socket, unsigned events)
{
  if (socket->role == PL_WELCOMING)
    tcp_accept (socket);
  else if (events & PL_WRITABLE)
    tcp_handshake_done (socket);
  else
    tcp_receive (socket);
}

/* The last bytes wait for the end of the stream (MSG_MORE), and both leave in one segment. */
static ssize_t
tcp_send (struct pl_socket *connection, const uint8_t *data, size_t n, unsigned flags)
{
  return send (connection->fd, data, n, MSG_NOSIGNAL | (flags & PL_LAST ? MSG_MORE : 0));
}

static void
tcp_finish (struct pl_socket *connection)
{
  shutdown (connection->fd, SHUT_WR);
}

/* To close without patience for what is unsent: RST in the place of FIN. */
static void
tcp_reset (struct pl_socket *connection)
{
  struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static void
tcp_close (struct pl_socket *socket)
{
  close (socket->fd);
}

PL_TRANSPORT (tcp, "A reliable stream of bytes; one connection socket for each client",
              .carries = PL_STREAM, .listen = tcp_listen, .connect = tcp_connect,
              .ready = tcp_ready, .send = tcp_send, .finish = tcp_finish, .close = tcp_close,
              .reset = tcp_reset)

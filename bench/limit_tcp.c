/* limit_tcp.c - the TCP uppercase server by hand: what the host is measured against.
 *
 * All connections are received into one buffer.  Only what rests of one, unsent answers
 * and the beginning of a line, is copied away until it is the connection's turn again;
 * so one that is idle has nothing.
 *
 *   --close     answers one line, then closes
 *   --unframed  answers what each recv returns, without looking for lines */
#include "limit.h"

#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>

enum
{
  LINE = 65536,       /* the longest, newline included */
  RECEIVE = 256 << 10, /* the most in one recv */
  FDS = 1 << 20,
  BACKLOG = 4096
};

struct rest
{
  size_t unsent, partial; /* bytes of the answer, and behind them of the next line */
  uint8_t bytes[];
};

static uint8_t buffer[LINE + RECEIVE + BLOCK];
static struct rest *rests[FDS]; /* by descriptor; NULL: nothing rests */
static bool closes, unframed;
static int events;

static void
watch (int operation, int fd, uint32_t what)
{
  struct epoll_event event = { .events = what, .data.fd = fd };

  if (epoll_ctl (events, operation, fd, &event) == -1)
    give_up ("epoll_ctl");
}

static void
hang_up (int connection)
{
  free (rests[connection]);
  rests[connection] = NULL;
  close (connection);
}

static void
accept_all (int welcoming_socket)
{
  int connection;

  while ((connection = accept4 (welcoming_socket, NULL, NULL, SOCK_NONBLOCK)) != -1)
    if (connection < FDS)
      watch (EPOLL_CTL_ADD, connection, EPOLLIN);
    else
      close (connection);
}

/* How many of the N bytes in the buffer are whole lines; -1: a line is too long. */
static ssize_t
whole_lines (size_t n)
{
  size_t done = 0;
  const uint8_t *newline;

  if (unframed)
    return (ssize_t) n;
  while ((newline = memchr (buffer + done, '\n', n - done)) != NULL)
    {
      size_t end = (size_t) (newline - buffer) + 1;

      if (end - done > LINE)
        return -1;
      done = end;
      if (closes)
        break;
    }
  return n - done < LINE ? (ssize_t) done : -1;
}

static int
keep (int connection, const uint8_t *bytes, size_t unsent, size_t partial)
{
  struct rest *rest = malloc (sizeof *rest + unsent + partial);

  if (rest == NULL)
    return -1;
  rest->unsent = unsent;
  rest->partial = partial;
  memcpy (rest->bytes, bytes, unsent + partial);
  rests[connection] = rest;
  return 0;
}

/* Sends the first ANSWER of the N bytes in the buffer and keeps what rests; -1: it is over. */
static int
reply (int connection, size_t answer, size_t n, bool was_unsent)
{
  ssize_t sent = 0;
  bool is_unsent;

  if (answer > 0)
    sent = send (connection, buffer, answer, MSG_NOSIGNAL);
  if (sent == -1 && errno != EAGAIN)
    return -1;
  if (sent == -1)
    sent = 0;
  is_unsent = (size_t) sent < answer;
  if (is_unsent != was_unsent)
    watch (EPOLL_CTL_MOD, connection, was_unsent ? EPOLLIN : EPOLLOUT);
  if (closes && answer > 0 && !is_unsent)
    return -1;
  if ((size_t) sent < n)
    return keep (connection, buffer + sent, answer - (size_t) sent, n - answer);
  return 0;
}

/* Takes what rests back into the buffer; its length. */
static size_t
take (int connection, size_t *unsent)
{
  struct rest *rest = rests[connection];
  size_t n;

  *unsent = 0;
  if (rest == NULL)
    return 0;
  *unsent = rest->unsent;
  n = rest->unsent + rest->partial;
  memcpy (buffer, rest->bytes, n);
  free (rest);
  rests[connection] = NULL;
  return n;
}

/* -1: it is over. */
static int
serve (int connection)
{
  size_t unsent, n = take (connection, &unsent);
  ssize_t received, answer;

  if (unsent > 0)
    return reply (connection, unsent, n, true);
  received = recv (connection, buffer + n, RECEIVE, 0);
  if (received == 0 || (received == -1 && errno != EAGAIN))
    return -1;
  if (received == -1)
    received = 0;
  n += (size_t) received;
  answer = whole_lines (n);
  if (answer == -1)
    return -1;
  uppercase (buffer, (size_t) answer);
  return reply (connection, (size_t) answer, n, false);
}

static int
welcome (uint16_t port)
{
  int on = 1;
  int welcoming_socket = server_socket_at (port, SOCK_STREAM | SOCK_NONBLOCK);

  /* Connection sockets inherit it. */
  if (setsockopt (welcoming_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
    give_up ("setsockopt");
  if (listen (welcoming_socket, BACKLOG) == -1)
    give_up ("listen");
  return welcoming_socket;
}

static bool
read_options (int argc, char **argv)
{
  for (int i = 2; i < argc; i++)
    if (strcmp (argv[i], "--close") == 0)
      closes = true;
    else if (strcmp (argv[i], "--unframed") == 0)
      unframed = true;
    else
      return false;
  return argc >= 2;
}

int
main (int argc, char **argv)
{
  uint16_t port = read_options (argc, argv) ? read_port (argv[1]) : 0;
  int welcoming_socket;

  if (port == 0)
    usage ("limit_tcp PORT [--close] [--unframed]");
  welcoming_socket = welcome (port);
  events = epoll_create1 (0);
  if (events == -1)
    give_up ("epoll_create1");
  watch (EPOLL_CTL_ADD, welcoming_socket, EPOLLIN);
  for (;;)
    {
      struct epoll_event ready[BATCH];
      int count = epoll_wait (events, ready, BATCH, -1);

      for (int i = 0; i < count; i++)
        if (ready[i].data.fd == welcoming_socket)
          accept_all (welcoming_socket);
        else if (serve (ready[i].data.fd) == -1)
          hang_up (ready[i].data.fd);
    }
}

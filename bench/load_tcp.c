/* load_tcp.c - connections: opened, sent to, received from, compared, closed. */
#include "load_tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum
{
  PER_ADDRESS = 4096, /* connections */
  DRAIN_SECONDS = 5
};

/* ---------------------------------------------------------------- opening -- */

/* 127.1.0.1 and on: one of a million loopback addresses. */
static in_addr_t
source_address (unsigned i)
{
  i %= 1 << 20;
  return htonl (UINT32_C (0x7f010000) + ((i / 250) << 8) + i % 250 + 1);
}

static bool
is_loopback (const struct sockaddr_in *address)
{
  return ntohl (address->sin_addr.s_addr) >> 24 == 127;
}

int
tcp_socket (struct run *run, unsigned number, int flags)
{
  struct sockaddr_in from = { .sin_family = AF_INET };
  int on = 1;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

  if (fd == -1)
    return run_fail_errno (run, "socket");
  from.sin_addr.s_addr = source_address (number / PER_ADDRESS);
  if (!is_loopback (&run->plan->to)
      || (setsockopt (fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0
          && bind (fd, (struct sockaddr *) &from, sizeof from) == 0))
    return fd;
  run_fail_errno (run, "socket");
  close (fd);
  return -1;
}

static int
connection_open (struct tcp *tcp, unsigned number, uint32_t events)
{
  struct run *run = tcp->run;
  struct connection *c = &tcp->connections[number];
  struct epoll_event event = { .events = events, .data.ptr = c };
  struct timeval patience = { .tv_sec = DRAIN_SECONDS };
  int on = 1;

  c->number = number;
  c->ask_at = c->want_at = ring_start (&tcp->ring, number);
  c->fd = tcp_socket (run, number, 0);
  if (c->fd == -1)
    return -1;
  tcp->open++;
  /* The time-out is that of connect: nothing else here waits. */
  if (setsockopt (c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1
      || setsockopt (c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == -1
      || connect (c->fd, (const struct sockaddr *) &run->plan->to, sizeof run->plan->to) == -1)
    return run_fail (run, "connection %u: cannot connect to the server: %s", number,
                     errno == EINPROGRESS ? "no answer" : strerror (errno));
  if (epoll_ctl (tcp->epoll, EPOLL_CTL_ADD, c->fd, &event) == -1)
    return run_fail_errno (run, "epoll_ctl");
  return 0;
}

int
tcp_open (struct tcp *tcp, struct run *run, uint32_t events)
{
  unsigned n = run->plan->connections;

  *tcp = (struct tcp){ .run = run, .epoll = -1 };
  if (ring_make (run, &tcp->ring) == -1)
    return -1;
  tcp->buffer = malloc (RING_SLACK);
  tcp->connections = calloc (n, sizeof *tcp->connections);
  if (tcp->buffer == NULL || tcp->connections == NULL)
    return run_fail (run, "no memory for %u connections", n);
  for (unsigned i = 0; i < n; i++)
    tcp->connections[i].fd = -1;
  tcp->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (tcp->epoll == -1)
    return run_fail_errno (run, "epoll_create1");
  for (unsigned i = 0; i < n; i++)
    if (connection_open (tcp, i, events) == -1)
      return -1;
  return 0;
}

static void
connection_close (struct tcp *tcp, struct connection *c)
{
  if (c->fd == -1)
    return;
  close (c->fd);
  c->fd = -1;
  tcp->open--;
}

void
tcp_close (struct tcp *tcp)
{
  for (unsigned i = 0; tcp->connections != NULL && i < tcp->run->plan->connections; i++)
    connection_close (tcp, &tcp->connections[i]);
  if (tcp->epoll != -1)
    close (tcp->epoll);
  free (tcp->connections);
  free (tcp->buffer);
  ring_free (&tcp->ring);
}

/* ----------------------------------------------------- sending, receiving -- */

void
connection_send (struct tcp *tcp, struct connection *c)
{
  while (c->unsent > 0 && c->fd != -1)
    {
      size_t n = c->unsent < RING_SLACK ? (size_t) c->unsent : RING_SLACK;
      ssize_t sent = send (c->fd, tcp->ring.ask + c->ask_at, n, MSG_DONTWAIT | MSG_NOSIGNAL);

      if (sent == -1)
        {
          if (errno == EAGAIN || errno == EINTR)
            return;
          run_error (tcp->run, "connection %u: cannot send: %s", c->number, strerror (errno));
          connection_close (tcp, c);
          return;
        }
      c->unsent -= (size_t) sent;
      c->ask_at = ring_forward (&tcp->ring, c->ask_at, (size_t) sent);
      if ((size_t) sent < n)
        return;
    }
}

void
tcp_wrong (struct run *run, unsigned number, const char *got, const char *want, size_t n,
           size_t partial)
{
  size_t line = run->plan->size;

  for (size_t at = 0; at < n;)
    {
      size_t rest = line - (at + partial) % line;
      size_t piece = rest < n - at ? rest : n - at;
      char words[128];

      if (memcmp (got + at, want + at, piece) != 0)
        {
          text_difference (words, sizeof words, got + at, want + at, piece);
          run_mismatch (run, "connection %u: in a reply %s", number, words);
        }
      at += piece;
    }
}

/* Says why a connection ended that should not have. */
static void
connection_ended (struct tcp *tcp, struct connection *c, ssize_t n)
{
  run_error (tcp->run, "connection %u: %s", c->number,
             n == 0 ? "the server closed it" : strerror (errno));
  connection_close (tcp, c);
}

bool
connection_receive (struct tcp *tcp, struct connection *c, uint64_t *lines)
{
  const char *want = tcp->ring.want + c->want_at;
  ssize_t n = recv (c->fd, tcp->buffer, RING_SLACK, MSG_DONTWAIT);

  *lines = 0;
  if (n == -1 && (errno == EAGAIN || errno == EINTR))
    return false;
  if (n <= 0)
    {
      connection_ended (tcp, c, n);
      return false;
    }
  if ((uint64_t) n > c->unanswered - c->unsent)
    {
      run_mismatch (tcp->run, "connection %u: %zd bytes came where %ju were outstanding", c->number,
                    n, c->unanswered - c->unsent);
      connection_close (tcp, c);
      return false;
    }
  if (memcmp (tcp->buffer, want, (size_t) n) != 0)
    tcp_wrong (tcp->run, c->number, tcp->buffer, want, (size_t) n, c->partial);
  *lines = (c->partial + (size_t) n) / tcp->ring.line;
  c->partial = (c->partial + (size_t) n) % tcp->ring.line;
  c->unanswered -= (size_t) n;
  c->want_at = ring_forward (&tcp->ring, c->want_at, (size_t) n);
  tcp->run->replies += *lines;
  tcp->run->bytes += (size_t) n;
  return n == RING_SLACK;
}

int
tcp_goes_on (struct tcp *tcp)
{
  struct run *run = tcp->run;

  if (tcp->open > 0)
    return 0;
  return run_fail (run, "no connection is left: %s",
                   run->mismatched > 0 ? run->difference : run->first_error);
}

/* --------------------------------------------------------------- draining -- */

static bool
all_answered (const struct tcp *tcp)
{
  for (unsigned i = 0; i < tcp->run->plan->connections; i++)
    if (tcp->connections[i].fd != -1 && tcp->connections[i].unanswered > 0)
      return false;
  return true;
}

void
tcp_drain (struct tcp *tcp)
{
  struct run *run = tcp->run;
  uint64_t until = now_ns () + DRAIN_SECONDS * NS_PER_SECOND;
  struct epoll_event events[EVENTS];

  while (!all_answered (tcp) && now_ns () < until)
    {
      int n = run_wait (run, tcp->epoll, events);

      for (int i = 0; i < n; i++)
        {
          struct connection *c = events[i].data.ptr;
          uint64_t lines;

          connection_send (tcp, c);
          while (c->fd != -1 && connection_receive (tcp, c, &lines))
            ;
        }
    }
  for (unsigned i = 0; i < run->plan->connections; i++)
    {
      const struct connection *c = &tcp->connections[i];

      run->lost += (c->unanswered + tcp->ring.line - 1) / tcp->ring.line;
      if (c->fd != -1 && c->unanswered > 0)
        run_error (run, "connection %u: %ju bytes of what was asked were not answered within %d s",
                   i, c->unanswered, DRAIN_SECONDS);
    }
}

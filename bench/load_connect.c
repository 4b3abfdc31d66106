/* load_connect.c - a connection for each line: connect, ask, receive, close. */
#include "load_tcp.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum
{
  CLOSES_WITHIN_MS = 200, /* a server that closes first does so at once */
  GIVE_UP_SECONDS = 5,
  LOOK_AFTER_MS = 100
};

/* One request, in a connection of its own. */
struct call
{
  int fd;          /* -1: none */
  unsigned number; /* of the connection */
  bool asked;
  uint64_t due_at, begun_at;
  size_t line; /* place in the ring */
  size_t received;
};

struct connect
{
  struct run *run;
  struct ring ring;
  struct call *calls;
  int epoll;
  bool server_closes; /* the server does so first, after its reply */
  unsigned made;      /* connections */
  unsigned free;      /* calls not in use */
  unsigned *free_calls;
  uint64_t look_at; /* for calls to give up */
  char *buffer;     /* RING_SLACK bytes */
};

static void
call_end (struct connect *m, struct call *call)
{
  close (call->fd);
  call->fd = -1;
  m->free_calls[m->free++] = (unsigned) (call - m->calls);
}

static void
call_failed (struct connect *m, struct call *call, const char *reason)
{
  run_lost (m->run);
  run_error (m->run, "connection %u: %s", call->number, reason);
  call_end (m, call);
}

/* On the loopback the connection stands before connect has returned; elsewhere the socket says
 * EAGAIN until it does. */
static void
call_ask (struct connect *m, struct call *call)
{
  ssize_t n = send (call->fd, m->ring.ask + call->line, m->ring.line, MSG_NOSIGNAL);

  if (n == -1 && errno == EAGAIN)
    return;
  call->asked = true;
  if (n != (ssize_t) m->ring.line)
    call_failed (m, call, n == -1 ? strerror (errno) : "it took a part of the request only");
}

static int
call_begin (struct connect *m, uint64_t now)
{
  struct run *run = m->run;
  struct call *call = &m->calls[m->free_calls[--m->free]];
  struct epoll_event event
      = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = call };

  *call = (struct call){ .number = m->made++, .begun_at = now };
  call->due_at = run_take (run, now);
  call->line = ring_start (&m->ring, call->number);
  call->fd = tcp_socket (run, call->number, SOCK_NONBLOCK);
  if (call->fd == -1)
    return -1;
  if (connect (call->fd, (const struct sockaddr *) &run->plan->to, sizeof run->plan->to) == -1
      && errno != EINPROGRESS)
    return run_fail_errno (run, "cannot connect to the server");
  if (epoll_ctl (m->epoll, EPOLL_CTL_ADD, call->fd, &event) == -1)
    return run_fail_errno (run, "epoll_ctl");
  call_ask (m, call);
  return 0;
}

/* The reply has come, and the end of the connection where it is the server that ends it. */
static void
call_answered (struct connect *m, struct call *call)
{
  m->run->replies++;
  m->run->bytes += m->ring.line;
  run_answered (m->run, call->due_at, now_ns ());
  call_end (m, call);
}

/* What recv returned is the next part of the reply. */
static bool
call_compare (struct connect *m, struct call *call, size_t n)
{
  const char *want = m->ring.want + call->line + call->received;

  if (call->received + n > m->ring.line)
    run_mismatch (m->run, "connection %u: %zu bytes came instead of %zu", call->number,
                  call->received + n, m->ring.line);
  else if (memcmp (m->buffer, want, n) == 0)
    return true;
  else
    tcp_wrong (m->run, call->number, m->buffer, want, n, call->received);
  m->run->in_flight--;
  call_end (m, call);
  return false;
}

static void
call_ready (struct connect *m, struct call *call, uint32_t events)
{
  bool more = true;

  if (!call->asked && call->fd != -1)
    call_ask (m, call);
  while (more && call->fd != -1)
    {
      ssize_t n = recv (call->fd, m->buffer, RING_SLACK, 0);

      if (n == -1 && errno == EAGAIN)
        return;
      if (n == -1)
        call_failed (m, call, strerror (errno));
      else if (n == 0 && call->received < m->ring.line)
        call_failed (m, call, "the server closed it before its reply was complete");
      else if (n == 0)
        call_answered (m, call);
      else if (call_compare (m, call, (size_t) n))
        {
          call->received += (size_t) n;
          if (call->received == m->ring.line && (!m->server_closes || (events & EPOLLRDHUP) != 0))
            call_answered (m, call);
          more = n == RING_SLACK || (events & EPOLLRDHUP) != 0;
        }
    }
}

static void
connect_give_up (struct connect *m, uint64_t now)
{
  for (unsigned i = 0; i < m->run->plan->connections; i++)
    if (m->calls[i].fd != -1 && m->calls[i].begun_at + GIVE_UP_SECONDS * NS_PER_SECOND < now)
      call_failed (m, &m->calls[i], "no reply, or no end after it");
}

static int
connect_begin_due (struct connect *m, uint64_t now)
{
  while (m->free > 0 && run_due (m->run, now) > 0)
    if (call_begin (m, now) == -1)
      return -1;
  return 0;
}

/* Waits for what the calls have to say; returns the time. */
static uint64_t
connect_turn (struct connect *m)
{
  struct epoll_event events[EVENTS];
  int n = run_wait (m->run, m->epoll, events);
  uint64_t now;

  for (int i = 0; i < n; i++)
    call_ready (m, events[i].data.ptr, events[i].events);
  now = now_ns ();
  if (now >= m->look_at)
    {
      m->look_at = now + LOOK_AFTER_MS * NS_PER_MS;
      connect_give_up (m, now);
    }
  return now;
}

static int
connect_run (struct connect *m)
{
  uint64_t now = now_ns ();

  while (run_goes_on (m->run, now))
    {
      if (connect_begin_due (m, now) == -1)
        return -1;
      now = connect_turn (m);
    }
  while (m->free < m->run->plan->connections)
    connect_turn (m);
  return 0;
}

/* Does the server close after its reply to the first connection? */
static int
connect_look (struct connect *m, int fd)
{
  struct run *run = m->run;
  struct pollfd ready = { .fd = fd, .events = POLLIN };
  struct timeval patience = { .tv_sec = GIVE_UP_SECONDS };
  size_t line = m->ring.line;

  if (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == -1
      || connect (fd, (const struct sockaddr *) &run->plan->to, sizeof run->plan->to) == -1
      || send (fd, m->ring.ask, line, MSG_NOSIGNAL) != (ssize_t) line)
    return run_fail_errno (run, "cannot connect to the server");
  if (recv (fd, m->buffer, line, MSG_WAITALL) != (ssize_t) line)
    return run_fail (run, "the first connection had no reply of %zu bytes", line);
  m->server_closes = poll (&ready, 1, CLOSES_WITHIN_MS) == 1;
  return 0;
}

static int
connect_probe (struct connect *m)
{
  int fd = tcp_socket (m->run, m->made++, 0);
  int status;

  if (fd == -1)
    return -1;
  status = connect_look (m, fd);
  close (fd);
  return status;
}

static int
connect_open (struct connect *m)
{
  struct run *run = m->run;
  unsigned n = run->plan->connections;

  if (run->plan->size > RING_SLACK)
    return run_fail (run, "--size: at most %d where each line has its connection", RING_SLACK);
  if (ring_make (run, &m->ring) == -1)
    return -1;
  m->buffer = malloc (RING_SLACK);
  m->calls = calloc (n, sizeof *m->calls);
  m->free_calls = calloc (n, sizeof *m->free_calls);
  if (m->buffer == NULL || m->calls == NULL || m->free_calls == NULL)
    return run_fail (run, "no memory for %u connections", n);
  for (unsigned i = 0; i < n; i++)
    {
      m->calls[i].fd = -1;
      m->free_calls[m->free++] = i;
    }
  m->epoll = epoll_create1 (EPOLL_CLOEXEC);
  return m->epoll == -1 ? run_fail_errno (run, "epoll_create1") : 0;
}

static void
connect_close (struct connect *m)
{
  for (unsigned i = 0; m->calls != NULL && i < m->run->plan->connections; i++)
    if (m->calls[i].fd != -1)
      close (m->calls[i].fd);
  if (m->epoll != -1)
    close (m->epoll);
  free (m->calls);
  free (m->free_calls);
  free (m->buffer);
  ring_free (&m->ring);
}

int
tcp_connect (struct run *run)
{
  struct connect m = { .run = run, .epoll = -1 };
  int status = connect_open (&m);

  if (status == 0)
    status = connect_probe (&m);
  if (status == 0)
    status = run_begin (run, run->plan);
  if (status == 0)
    status = connect_run (&m);
  connect_close (&m);
  return status;
}

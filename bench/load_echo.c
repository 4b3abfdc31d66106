/* load_echo.c - lines over connections that stay, so many in flight on each. */
#include "load_tcp.h"

#include <stdlib.h>

/* What one connection has in flight: line i is due_at[i modulo K]. */
struct flight
{
  unsigned free;
  uint64_t asked, answered; /* lines */
  uint64_t *due_at;
};

struct echo
{
  struct tcp tcp;
  struct flight *flights; /* of the connection of the same number */
  uint64_t *due_at;       /* of all flights */
  unsigned next;          /* whose turn it is to send what is due */
};

/* Sends what is due, as far as the connection may have more in flight. */
static void
echo_ask (struct echo *e, struct connection *c, uint64_t now)
{
  struct run *run = e->tcp.run;
  struct flight *f = &e->flights[c->number];
  uint64_t due = run_due (run, now);
  uint64_t lines = 0;

  for (; f->free > 0 && due > 0; f->free--, due--, lines++)
    f->due_at[f->asked++ % run->plan->outstanding] = run_take (run, now);
  c->unsent += lines * run->plan->size;
  c->unanswered += lines * run->plan->size;
  connection_send (&e->tcp, c);
}

static void
echo_answered (struct echo *e, const struct connection *c, uint64_t lines, uint64_t now)
{
  struct run *run = e->tcp.run;
  struct flight *f = &e->flights[c->number];

  f->free += (unsigned) lines;
  for (; lines > 0; lines--)
    run_answered (run, f->due_at[f->answered++ % run->plan->outstanding], now);
}

static void
echo_ready (struct echo *e, struct connection *c)
{
  uint64_t now = now_ns ();
  bool more = c->fd != -1;

  while (more)
    {
      uint64_t lines;

      more = connection_receive (&e->tcp, c, &lines) && c->fd != -1;
      now = now_ns ();
      echo_answered (e, c, lines, now);
    }
  if (c->fd == -1)
    return;
  if (run_takes_turns (e->tcp.run))
    connection_send (&e->tcp, c);
  else
    echo_ask (e, c, now);
}

/* All connections in turn, beginning with the one after the last that had something to send. */
static void
echo_ask_all (struct echo *e, uint64_t now)
{
  unsigned n = e->tcp.run->plan->connections;

  for (unsigned i = 0; i < n && run_due (e->tcp.run, now) > 0; i++)
    {
      struct connection *c = &e->tcp.connections[e->next];

      e->next = (e->next + 1) % n;
      if (c->fd != -1)
        echo_ask (e, c, now);
    }
}

static int
echo_run (struct echo *e)
{
  struct run *run = e->tcp.run;
  struct epoll_event events[EVENTS];
  uint64_t now = now_ns ();

  echo_ask_all (e, now);
  while (run_goes_on (run, now))
    {
      int n = run_wait (run, e->tcp.epoll, events);

      for (int i = 0; i < n; i++)
        echo_ready (e, events[i].data.ptr);
      now = now_ns ();
      if (run_takes_turns (run))
        echo_ask_all (e, now);
      if (tcp_goes_on (&e->tcp) == -1)
        return -1;
    }
  tcp_drain (&e->tcp);
  return 0;
}

static int
echo_flights (struct echo *e)
{
  const struct plan *plan = e->tcp.run->plan;

  e->flights = calloc (plan->connections, sizeof *e->flights);
  e->due_at = calloc ((size_t) plan->connections * plan->outstanding, sizeof *e->due_at);
  if (e->flights == NULL || e->due_at == NULL)
    return run_fail (e->tcp.run, "no memory for %u connections", plan->connections);
  for (unsigned i = 0; i < plan->connections; i++)
    {
      e->flights[i].free = plan->outstanding;
      e->flights[i].due_at = e->due_at + (size_t) i * plan->outstanding;
    }
  return 0;
}

int
tcp_echo (struct run *run)
{
  struct echo e = { .next = 0 };
  int status = tcp_open (&e.tcp, run, EPOLLIN | EPOLLOUT | EPOLLET);

  if (status == 0)
    status = echo_flights (&e);
  if (status == 0)
    status = run_begin (run, run->plan);
  if (status == 0)
    status = echo_run (&e);
  tcp_close (&e.tcp);
  free (e.flights);
  free (e.due_at);
  return status;
}

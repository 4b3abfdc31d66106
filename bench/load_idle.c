/* load_idle.c - connections that have been answered once and then say nothing: what do they cost
 * the server in memory? */
#include "load_tcp.h"

/* One line over each connection. */
static void
answer_once (struct tcp *tcp)
{
  for (unsigned i = 0; i < tcp->run->plan->connections; i++)
    {
      struct connection *c = &tcp->connections[i];

      c->unsent = c->unanswered = tcp->ring.line;
      connection_send (tcp, c);
    }
  tcp_drain (tcp);
}

/* One connection, closed again: what the server takes once only it has taken then. */
static int
settle_server (struct run *run)
{
  const struct plan *plan = run->plan;
  struct plan single = *plan;
  struct tcp tcp;
  int status;

  single.connections = 1;
  run->plan = &single;
  status = tcp_open (&tcp, run, EPOLLIN | EPOLLOUT | EPOLLET);
  if (status == 0)
    answer_once (&tcp);
  tcp_close (&tcp);
  run->plan = plan;
  return status;
}

/* Nothing should happen; if a connection is closed, it is said. */
static void
hold (struct tcp *tcp)
{
  struct run *run = tcp->run;
  struct epoll_event events[EVENTS];
  uint64_t lines;

  while (run_goes_on (run, now_ns ()))
    {
      int n = run_wait (run, tcp->epoll, events);

      for (int i = 0; i < n; i++)
        {
          struct connection *c = events[i].data.ptr;

          if (c->fd != -1)
            connection_receive (tcp, c, &lines);
        }
    }
}

static int
idle_run (struct tcp *tcp)
{
  struct run *run = tcp->run;

  answer_once (tcp);
  if (run_begin (run, run->plan) == -1)
    return -1;
  hold (tcp);
  run->memory_after = run_server_memory (run->plan);
  return 0;
}

int
tcp_idle (struct run *run)
{
  struct tcp tcp;
  int status = settle_server (run);

  if (status == -1)
    return -1;
  run->memory_before = run_server_memory (run->plan);
  status = tcp_open (&tcp, run, EPOLLIN | EPOLLOUT | EPOLLET);
  if (status == 0)
    status = idle_run (&tcp);
  tcp_close (&tcp);
  return status;
}

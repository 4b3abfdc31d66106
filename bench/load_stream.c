/* load_stream.c - lines as fast as the connections take them. */
#include "load_tcp.h"

enum
{
  AHEAD = RING_SLACK /* bytes of requests made at once: some whole lines */
};

static void
stream_ready (struct tcp *tcp, struct connection *c)
{
  size_t line = tcp->ring.line;
  uint64_t lines;

  if (c->fd == -1)
    return;
  if (c->unsent == 0)
    {
      c->unsent = (AHEAD + line - 1) / line * line;
      c->unanswered += c->unsent;
    }
  connection_send (tcp, c);
  if (c->fd != -1)
    connection_receive (tcp, c, &lines);
}

static int
stream_run (struct tcp *tcp)
{
  struct run *run = tcp->run;
  struct epoll_event events[EVENTS];
  uint64_t now = now_ns ();

  while (run_goes_on (run, now))
    {
      int n = run_wait (run, tcp->epoll, events);

      for (int i = 0; i < n; i++)
        stream_ready (tcp, events[i].data.ptr);
      if (tcp_goes_on (tcp) == -1)
        return -1;
      now = now_ns ();
    }
  tcp_drain (tcp);
  return 0;
}

int
tcp_stream (struct run *run)
{
  struct tcp tcp;
  int status = tcp_open (&tcp, run, EPOLLIN | EPOLLOUT);

  if (status == 0)
    status = run_begin (run, run->plan);
  if (status == 0)
    status = stream_run (&tcp);
  tcp_close (&tcp);
  return status;
}

/* load_tcp.h - a connection whose requests and replies run through the ring. */
#ifndef LOAD_TCP_H
#define LOAD_TCP_H

#include "load.h"

struct connection
{
  int fd; /* -1: closed */
  unsigned number;
  size_t ask_at, want_at; /* places in the ring: of the next byte to send, to receive */
  uint64_t unsent;        /* bytes of requests made */
  uint64_t unanswered;    /* bytes of requests made, sent or not */
  size_t partial;         /* bytes of the first unanswered line that have come */
};

struct tcp
{
  struct run *run;
  struct ring ring;
  struct connection *connections;
  unsigned open; /* connections */
  int epoll;
  char *buffer; /* RING_SLACK bytes: what one recv returns */
};

/* Opens the plan's connections, each answering to the epoll events. */
int tcp_open (struct tcp *tcp, struct run *run, uint32_t events);
void tcp_close (struct tcp *tcp);

/* A socket for connection number to the server, not yet connected.  On the loopback each few
 * thousand numbers have a source address of their own: a closed connection keeps its pair of ports
 * in TIME_WAIT for a minute, and one address has no more than some 28000. */
int tcp_socket (struct run *run, unsigned number, int flags);

/* Sends as much as the socket takes; ends the connection where it takes no more. */
void connection_send (struct tcp *tcp, struct connection *c);

/* Receives and compares what is there; *lines is how many replies have been completed.  Returns
 * whether there may be more. */
bool connection_receive (struct tcp *tcp, struct connection *c, uint64_t *lines);

/* Fails when no connection is left. */
int tcp_goes_on (struct tcp *tcp);

/* Waits until all that was asked has been answered, and says it where it was not. */
void tcp_drain (struct tcp *tcp);

/* Counts as mismatched each line of n bytes of a stream that differs.  partial is how many bytes
 * of the first line lie before. */
void tcp_wrong (struct run *run, unsigned number, const char *got, const char *want, size_t n,
                size_t partial);

#endif

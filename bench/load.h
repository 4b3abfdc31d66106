/* load.h - what the parts of the load generator share.
 *
 * main reads the command line into a plan; the plan's shape makes the requests
 * and compares the replies; the run counts them and knows when to stop; the
 * report is made of what the run counted between warm-up and end.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC.  A function that returns int
 * returns 0, or -1 with the reason in run->error.
 */
#ifndef LOAD_H
#define LOAD_H

#include "histogram.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/types.h>
#include <time.h>

#define NS_PER_SECOND UINT64_C (1000000000)
#define NS_PER_MS UINT64_C (1000000)

enum
{
  SIZE_LEAST = 9, /* the letters of a number and a newline */
  UDP_SIZE_MOST = 65507,
  TCP_SIZE_MOST = 16 << 20,
  PIDS_MOST = 128,
  EVENTS = 256
};

enum shape
{
  SHAPE_ECHO,    /* requests over sockets that stay */
  SHAPE_CONNECT, /* a connection for each request */
  SHAPE_STREAM,  /* as much as the connection takes */
  SHAPE_IDLE     /* connections that say nothing */
};

/* What the command line asks for. */
struct plan
{
  bool tcp;
  enum shape shape;
  struct sockaddr_in to;
  unsigned connections; /* or sockets */
  unsigned outstanding; /* requests in flight on each, at most */
  uint64_t in_flight;   /* on all together, at most */
  size_t size;          /* bytes of a request, with its newline */
  bool newline;         /* each request ends with one */
  bool spin;            /* look again instead of sleeping */
  double seconds, warmup;
  double rate; /* requests a second in total; 0: as fast as replies come */
  unsigned pid_count;
  pid_t pids[PIDS_MOST]; /* of the server */
};

/* What stands on the counters at one moment. */
struct moment
{
  uint64_t time;
  uint64_t own_cpu, server_cpu;
  uint64_t idle; /* part of own_cpu */
  uint64_t replies, bytes;
};

enum stage
{
  STAGE_WARM_UP,
  STAGE_WINDOW,
  STAGE_OVER
};

struct run
{
  const struct plan *plan;
  uint64_t start;
  enum stage stage;
  uint64_t edge; /* when the stage ends */
  struct moment opened, closed;
  struct histogram latency; /* within the window */

  /* Since the start. */
  uint64_t replies, bytes;
  uint64_t taken;      /* requests made */
  uint64_t in_flight;  /* of them, neither answered nor lost */
  uint64_t mismatched; /* replies that are not what they should be */
  uint64_t lost;       /* requests without a reply */
  uint64_t reordered;  /* right replies that came after a later request's */
  uint64_t errors;     /* connections that ended too early */

  /* While it does not sleep. */
  uint64_t idle;      /* time in which nothing was to be done */
  uint64_t looked_at; /* when it was looked for something to do, */
  uint64_t taken_then;
  bool found_nothing; /* in vain */

  uint64_t memory_before, memory_after; /* SHAPE_IDLE: bytes of the server */
  char difference[512];                 /* the first mismatch, in words */
  char first_error[256];                /* the first of the errors, in words */
  char error[256];                      /* why a function returned -1 */
};

/* ------------------------------------------------------------- load_run.c -- */

static inline uint64_t
now_ns (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (uint64_t) t.tv_sec * NS_PER_SECOND + (uint64_t) t.tv_nsec;
}

int run_begin (struct run *run, const struct plan *plan);

/* Does what is to be done at the end of a stage; returns false when the window has closed. */
bool run_next_stage (struct run *run);

static inline bool
run_goes_on (struct run *run, uint64_t now)
{
  return now < run->edge || run_next_stage (run);
}

/* How many requests may be made now: as many as --in-flight leaves room for and, with --rate, as
 * should have been made by now. */
uint64_t run_due (const struct run *run, uint64_t now);

/* Do the connections take turns in making what is due?  Otherwise each asks again when it has been
 * answered. */
static inline bool
run_takes_turns (const struct run *run)
{
  const struct plan *plan = run->plan;

  return plan->rate > 0 || plan->in_flight < (uint64_t) plan->connections * plan->outstanding;
}

/* Makes the next request; returns when it should have been made. */
uint64_t run_take (struct run *run, uint64_t now);

/* The request that was due then has been answered. */
static inline void
run_answered (struct run *run, uint64_t due_at, uint64_t now)
{
  run->in_flight--;
  histogram_add (&run->latency, now > due_at ? now - due_at : 0);
}

static inline void
run_lost (struct run *run)
{
  run->in_flight--;
  run->lost++;
}

/* Waits until one of the descriptors is ready, or the next request is due, or it is time to look
 * round; returns the number of events, 0 for none. */
int run_wait (struct run *run, int epoll, struct epoll_event *events);

/* Puts the reason into run->error; returns -1. */
int run_fail (struct run *run, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/* run_fail with what errno says. */
int run_fail_errno (struct run *run, const char *what);

/* Counts an error that the run survives; keeps the words of the first. */
void run_error (struct run *run, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/* Counts a wrong reply; keeps the words of the first. */
void run_mismatch (struct run *run, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* The server's resident memory in bytes; 0: not known. */
uint64_t run_server_memory (const struct plan *plan);

/* ------------------------------------------------------------ load_text.c -- */

/* Writes request number into size bytes: the number in eight letters, then the alphabet, begun at
 * another letter for each number. */
void text_write (char *to, size_t size, uint32_t number);

/* The number in the first eight bytes of an answer; any number if they hold none. */
uint32_t text_number (const char *answer);

/* Is that the upper case of request number? */
bool text_is_answer (const char *answer, size_t size, uint32_t number);

/* Writes n bytes as text that a terminal can show; what does not fit is left out. */
void text_show (char *to, size_t room, const char *bytes, size_t n);

/* Says in words where two texts of n bytes part. */
void text_difference (char *words, size_t room, const char *got, const char *want, size_t n);

/* A ring of different requests and its upper-case twin: the bytes of a stream, over and over.
 * Behind its end the ring goes on for RING_SLACK bytes more, so that so many bytes from any place
 * lie in one piece.  Its lines are a prime number: no buffer of a server fits into the ring in
 * whole, so bytes from an earlier round would differ. */
struct ring
{
  size_t line; /* bytes */
  size_t bytes;
  char *ask, *want;
};

enum
{
  RING_SLACK = 1 << 20
};

int ring_make (struct run *run, struct ring *ring);
void ring_free (struct ring *ring);

/* Where in the ring the stream of connection number begins. */
size_t ring_start (const struct ring *ring, unsigned number);

static inline size_t
ring_forward (const struct ring *ring, size_t at, size_t n)
{
  return (at + n) % ring->bytes;
}

/* ------------------------------------------------------------- the shapes -- */

int udp_echo (struct run *run);
int tcp_echo (struct run *run);
int tcp_stream (struct run *run);
int tcp_connect (struct run *run);
int tcp_idle (struct run *run);

/* -------------------------------------------------------- load_options.c -- */

/* 0, or the exit status + 1: --help has been printed, or a complaint. */
int plan_read (struct plan *plan, int argc, char **argv);

/* -------------------------------------------------------- load_report.c -- */

/* Prints the run as one JSON object. */
void report_write (const struct run *run, FILE *to);

#endif

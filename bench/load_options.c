/* load_options.c - the command line, from one table. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

enum
{
  IN_FLIGHT_MOST = 16 << 20
};

struct row
{
  const char *name;
  const char *argument; /* NULL: takes none */
  const char *help;
  bool (*set) (struct plan *plan, const char *value); /* false: not such a value */
  const char *wanted;
};

/* -------------------------------------------------------------- the values -- */

static bool
number (const char *text, double least, double most, double *value)
{
  char *end;

  errno = 0;
  *value = strtod (text, &end);
  return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *value >= least
         && *value <= most;
}

static bool
whole (const char *text, double most, unsigned *value)
{
  double given;

  if (!number (text, 1, most, &given) || given != (double) (unsigned) given)
    return false;
  *value = (unsigned) given;
  return true;
}

static bool
set_udp (struct plan *plan, const char *value)
{
  (void) value;
  plan->tcp = false;
  return true;
}

static bool
set_tcp (struct plan *plan, const char *value)
{
  (void) value;
  plan->tcp = true;
  return true;
}

static bool
set_to (struct plan *plan, const char *value)
{
  char host[INET_ADDRSTRLEN];
  const char *colon = strchr (value, ':');
  unsigned port;

  if (colon == NULL || (size_t) (colon - value) >= sizeof host || !whole (colon + 1, 65535, &port))
    return false;
  memcpy (host, value, (size_t) (colon - value));
  host[colon - value] = '\0';
  plan->to.sin_family = AF_INET;
  plan->to.sin_port = htons ((uint16_t) port);
  return inet_pton (AF_INET, host, &plan->to.sin_addr) == 1;
}

static bool
set_shape (struct plan *plan, const char *value)
{
  static const char *const names[] = { "echo", "connect", "stream", "idle" };

  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp (value, names[i]) == 0)
      {
        plan->shape = (enum shape) i;
        return true;
      }
  return false;
}

static bool
set_framing (struct plan *plan, const char *value)
{
  plan->newline = strcmp (value, "line") == 0;
  return plan->newline || strcmp (value, "recv") == 0;
}

static bool
set_connections (struct plan *plan, const char *value)
{
  return whole (value, 1000000, &plan->connections);
}

static bool
set_outstanding (struct plan *plan, const char *value)
{
  return whole (value, 65536, &plan->outstanding);
}

static bool
set_in_flight (struct plan *plan, const char *value)
{
  unsigned in_flight;

  if (!whole (value, IN_FLIGHT_MOST, &in_flight))
    return false;
  plan->in_flight = in_flight;
  return true;
}

static bool
set_size (struct plan *plan, const char *value)
{
  unsigned size;

  if (!whole (value, TCP_SIZE_MOST, &size))
    return false;
  plan->size = size;
  return size >= SIZE_LEAST;
}

static bool
set_rate (struct plan *plan, const char *value)
{
  return number (value, 1e-3, 1e9, &plan->rate);
}

static bool
set_seconds (struct plan *plan, const char *value)
{
  return number (value, 1e-3, 600, &plan->seconds);
}

static bool
set_warmup (struct plan *plan, const char *value)
{
  return number (value, 0, 600, &plan->warmup);
}

static bool
set_spin (struct plan *plan, const char *value)
{
  (void) value;
  plan->spin = true;
  return true;
}

static bool
set_pid (struct plan *plan, const char *value)
{
  unsigned pid;

  if (plan->pid_count == PIDS_MOST || !whole (value, 1 << 22, &pid))
    return false;
  plan->pids[plan->pid_count++] = (pid_t) pid;
  return true;
}

/* --------------------------------------------------------------- the table -- */

static const struct row rows[] = {
  { "udp", NULL, "each request is a datagram", set_udp, NULL },
  { "tcp", NULL, "each request is a line of a stream", set_tcp, NULL },
  { "to", "HOST:PORT", "where the server is", set_to, "an IPv4 address and a port" },
  { "shape", "SHAPE", "echo, connect (one line each), stream or idle; echo", set_shape,
    "echo, connect, stream or idle" },
  { "framing", "HOW", "line: a newline ends a request; recv: nothing does; line", set_framing,
    "line or recv" },
  { "connections", "N", "how many connections, or UDP sockets; 1", set_connections,
    "a number from 1 to 1000000" },
  { "outstanding", "K", "how many requests in flight on each; 1", set_outstanding,
    "a number from 1 to 65536" },
  { "in-flight", "M", "how many on all together, which then take turns; no limit", set_in_flight,
    "a number from 1 to 16777216" },
  { "size", "BYTES", "bytes of a request, with its newline; 64", set_size,
    "a number from 9 to 16777216 (65507 for UDP)" },
  { "rate", "R", "make R requests a second, whatever the server does", set_rate,
    "a number from 0.001 to 1e9" },
  { "seconds", "S", "how long to measure; 2", set_seconds, "a number from 0.001 to 600" },
  { "warmup", "S", "how long to run before that; 0.5", set_warmup, "a number from 0 to 600" },
  { "spin", NULL, "never sleep: for a load that has a core of its own", set_spin, NULL },
  { "server-pid", "PID", "whose CPU time to read; may be repeated", set_pid,
    "the number of a process, 128 of them at most" },
  { "help", NULL, "print this help", NULL, NULL },
};

enum
{
  ROWS = sizeof rows / sizeof rows[0]
};

static void
write_help (void)
{
  printf ("Usage: load --udp|--tcp --to HOST:PORT [OPTION...]\n\n"
          "Sends lowercase text to an uppercase server, compares each byte that comes back,\n"
          "and prints what it saw as one JSON object. Status 1: something was wrong.\n\n");
  for (size_t i = 0; i < ROWS; i++)
    {
      char text[64];

      snprintf (text, sizeof text, "--%s%s%s", rows[i].name, rows[i].argument != NULL ? "=" : "",
                rows[i].argument != NULL ? rows[i].argument : "");
      printf ("  %-18s %s\n", text, rows[i].help);
    }
}

static int
refuse (const char *reason)
{
  fprintf (stderr, "load: %s\nload: --help lists the options.\n", reason);
  return 3;
}

static int
check (const struct plan *plan, bool transport_given)
{
  if (!transport_given)
    return refuse ("--udp or --tcp is missing");
  if (plan->to.sin_port == 0)
    return refuse ("--to HOST:PORT is missing");
  if (!plan->tcp && plan->shape != SHAPE_ECHO)
    return refuse ("--shape: UDP has no connections: echo is the only one");
  if (!plan->tcp && plan->size > UDP_SIZE_MOST)
    return refuse ("--size: a UDP datagram carries 65507 bytes at most");
  if (plan->rate > 0 && (plan->shape == SHAPE_STREAM || plan->shape == SHAPE_IDLE))
    return refuse ("--rate: a stream and idle connections have none");
  if ((uint64_t) plan->connections * plan->outstanding > IN_FLIGHT_MOST)
    return refuse ("--connections times --outstanding: 16777216 at most");
  return 0;
}

int
plan_read (struct plan *plan, int argc, char **argv)
{
  struct option longs[ROWS + 1] = { { 0 } };
  bool transport_given = false;
  int row = 0;
  int result;

  *plan = (struct plan){
    .connections = 1, .outstanding = 1, .size = 64, .newline = true, .seconds = 2, .warmup = .5
  };
  for (size_t i = 0; i < ROWS; i++)
    longs[i]
        = (struct option){ rows[i].name, rows[i].argument != NULL ? required_argument : no_argument,
                           NULL, 0 };
  while ((result = getopt_long (argc, argv, "", longs, &row)) == 0)
    {
      if (rows[row].set == NULL)
        {
          write_help ();
          return 1;
        }
      if (!rows[row].set (plan, optarg))
        {
          fprintf (stderr, "load: --%s \"%s\": %s is wanted\n", rows[row].name, optarg,
                   rows[row].wanted);
          return 3;
        }
      transport_given |= rows[row].set == set_udp || rows[row].set == set_tcp;
    }
  if (result != -1)
    return 3;
  if (optind < argc)
    return refuse ("only options are taken");
  if (plan->in_flight == 0 || plan->in_flight > (uint64_t) plan->connections * plan->outstanding)
    plan->in_flight = (uint64_t) plan->connections * plan->outstanding;
  return check (plan, transport_given);
}

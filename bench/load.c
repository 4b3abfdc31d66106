/* load.c - the load generator: asks an uppercase server, and compares all it says. */
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum
{
  STATUS_WRONG = 1, /* the server gave a wrong reply, or none */
  STATUS_USAGE = 2,
  STATUS_FAILED = 3 /* nothing could be measured */
};

static int
allow_descriptors (struct run *run)
{
  struct rlimit limit;
  rlim_t wanted = run->plan->connections + 32;

  if (getrlimit (RLIMIT_NOFILE, &limit) == -1)
    return run_fail_errno (run, "getrlimit");
  if (limit.rlim_max < wanted)
    return run_fail (run, "%u connections need %ju descriptors and %ju are allowed: ulimit -Hn",
                     run->plan->connections, (uintmax_t) wanted, (uintmax_t) limit.rlim_max);
  limit.rlim_cur = limit.rlim_max;
  return setrlimit (RLIMIT_NOFILE, &limit) == -1 ? run_fail_errno (run, "setrlimit") : 0;
}

static int
measure (struct run *run)
{
  static int (*const shapes[]) (struct run *) = {
    [SHAPE_ECHO] = tcp_echo,
    [SHAPE_CONNECT] = tcp_connect,
    [SHAPE_STREAM] = tcp_stream,
    [SHAPE_IDLE] = tcp_idle,
  };

  if (allow_descriptors (run) == -1)
    return -1;
  /* A request must not wait for a timer longer than it is told to. */
  prctl (PR_SET_TIMERSLACK, 1UL);
  return run->plan->tcp ? shapes[run->plan->shape](run) : udp_echo (run);
}

static int
conclude (const struct run *run)
{
  if (run->mismatched > 0)
    fprintf (stderr, "load: wrong reply: %s\n", run->difference);
  if (run->errors > 0)
    fprintf (stderr, "load: %s\n", run->first_error);
  if (run->closed.replies == run->opened.replies && run->plan->shape != SHAPE_IDLE)
    {
      fprintf (stderr, "load: no reply within %g seconds\n", run->plan->seconds);
      return STATUS_WRONG;
    }
  return run->mismatched > 0 || run->errors > 0 ? STATUS_WRONG : EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  static struct run run;
  struct plan plan;
  int status = plan_read (&plan, argc, argv);

  if (status != 0)
    return status - 1;
  run.plan = &plan;
  if (measure (&run) == -1)
    {
      fprintf (stderr, "load: %s\n", run.error);
      return run.mismatched > 0 ? STATUS_WRONG : STATUS_FAILED;
    }
  report_write (&run, stdout);
  if (fflush (stdout) != 0)
    {
      fprintf (stderr, "load: standard output: %s\n", strerror (errno));
      return STATUS_FAILED;
    }
  return conclude (&run);
}

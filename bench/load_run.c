/* load_run.c - the clock of a run: warm-up, window, due requests, and what went wrong. */
#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>

enum
{
  LOOK_ROUND_MS = 50,
  FALL_ASLEEP_NS = 10000 /* a shorter sleep takes longer than it should */
};

/* --------------------------------------------------------------- counters -- */

/* The nanoseconds that a thread has been on a core. */
static uint64_t
thread_cpu (const char *path)
{
  FILE *file = fopen (path, "r");
  uint64_t ns = 0;

  if (file == NULL)
    return 0;
  if (fscanf (file, "%ju", &ns) != 1)
    ns = 0;
  fclose (file);
  return ns;
}

/* /proc/PID/schedstat tells of the first thread alone. */
static uint64_t
process_cpu (pid_t pid)
{
  char path[64 + sizeof (((struct dirent *) 0)->d_name)];
  struct dirent *entry;
  uint64_t ns = 0;
  DIR *tasks;

  snprintf (path, sizeof path, "/proc/%d/task", (int) pid);
  tasks = opendir (path);
  if (tasks == NULL)
    return 0;
  while ((entry = readdir (tasks)) != NULL)
    if (entry->d_name[0] != '.')
      {
        snprintf (path, sizeof path, "/proc/%d/task/%s/schedstat", (int) pid, entry->d_name);
        ns += thread_cpu (path);
      }
  closedir (tasks);
  return ns;
}

static uint64_t
own_cpu (void)
{
  struct timespec t;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t) t.tv_sec * NS_PER_SECOND + (uint64_t) t.tv_nsec;
}

static struct moment
take_moment (const struct run *run)
{
  struct moment m = { .idle = run->idle, .replies = run->replies, .bytes = run->bytes };

  for (unsigned i = 0; i < run->plan->pid_count; i++)
    m.server_cpu += process_cpu (run->plan->pids[i]);
  m.own_cpu = own_cpu ();
  m.time = now_ns ();
  return m;
}

uint64_t
run_server_memory (const struct plan *plan)
{
  uint64_t kilobytes = 0;

  for (unsigned i = 0; i < plan->pid_count; i++)
    {
      char path[64], line[256];
      uint64_t one;
      FILE *file;

      snprintf (path, sizeof path, "/proc/%d/status", (int) plan->pids[i]);
      file = fopen (path, "r");
      while (file != NULL && fgets (line, sizeof line, file) != NULL)
        if (sscanf (line, "VmRSS: %ju", &one) == 1)
          kilobytes += one;
      if (file != NULL)
        fclose (file);
    }
  return kilobytes * 1024;
}

/* ------------------------------------------------------------- the stages -- */

int
run_begin (struct run *run, const struct plan *plan)
{
  run->plan = plan;
  for (unsigned i = 0; i < plan->pid_count; i++)
    if (process_cpu (plan->pids[i]) == 0)
      return run_fail (run, "--server-pid %d: no such process, or its schedstat says nothing",
                       (int) plan->pids[i]);
  run->stage = STAGE_WARM_UP;
  run->start = now_ns ();
  run->edge = run->start + (uint64_t) (plan->warmup * (double) NS_PER_SECOND);
  return 0;
}

bool
run_next_stage (struct run *run)
{
  if (run->stage == STAGE_WARM_UP)
    {
      run->stage = STAGE_WINDOW;
      memset (&run->latency, 0, sizeof run->latency);
      run->opened = take_moment (run);
      run->edge = run->opened.time + (uint64_t) (run->plan->seconds * (double) NS_PER_SECOND);
      return true;
    }
  if (run->stage == STAGE_WINDOW)
    {
      run->closed = take_moment (run);
      run->stage = STAGE_OVER;
    }
  return false;
}

/* ----------------------------------------------------------- the requests -- */

static uint64_t
due_at (const struct run *run, uint64_t request)
{
  return run->start + (uint64_t) ((double) request / run->plan->rate * (double) NS_PER_SECOND);
}

uint64_t
run_due (const struct run *run, uint64_t now)
{
  const struct plan *plan = run->plan;
  uint64_t room = plan->in_flight > run->in_flight ? plan->in_flight - run->in_flight : 0;
  uint64_t due;

  if (plan->rate == 0)
    return room;
  due = (uint64_t) ((double) (now - run->start) / (double) NS_PER_SECOND * plan->rate) + 1;
  due = due > run->taken ? due - run->taken : 0;
  return due < room ? due : room;
}

uint64_t
run_take (struct run *run, uint64_t now)
{
  uint64_t request = run->taken++;

  run->in_flight++;
  return run->plan->rate == 0 ? now : due_at (run, request);
}

/* Sleeps until there is an event or the next request can be made, unless that is too soon to fall
 * asleep; epoll_wait counts in milliseconds.  Returns whether it slept. */
static bool
sleep_until_due (const struct run *run, int epoll)
{
  struct pollfd any = { .fd = epoll, .events = POLLIN };
  uint64_t now = now_ns ();
  uint64_t until = now + LOOK_ROUND_MS * NS_PER_MS;
  struct timespec t = { 0 };

  if (run->in_flight < run->plan->in_flight && due_at (run, run->taken) < until)
    until = due_at (run, run->taken);
  if (until <= now + FALL_ASLEEP_NS)
    return false;
  t.tv_nsec = (long) (until - now);
  ppoll (&any, 1, &t, NULL);
  return true;
}

/* The time since the last look was idle if that look found nothing and no request was made. */
static void
count_idle (struct run *run)
{
  uint64_t now = now_ns ();

  if (run->found_nothing && run->taken == run->taken_then)
    run->idle += now - run->looked_at;
  run->looked_at = now;
  run->taken_then = run->taken;
}

int
run_wait (struct run *run, int epoll, struct epoll_event *events)
{
  const struct plan *plan = run->plan;
  bool paced = plan->rate > 0 && run->stage != STAGE_OVER;
  bool slept = !plan->spin;
  int n;

  if (plan->spin || paced)
    count_idle (run);
  if (paced && !plan->spin)
    slept = sleep_until_due (run, epoll);
  n = epoll_wait (epoll, events, EVENTS, plan->spin || paced ? 0 : LOOK_ROUND_MS);
  run->found_nothing = n <= 0 && !slept;
  return n > 0 ? n : 0;
}

/* -------------------------------------------------------- what went wrong -- */

int
run_fail (struct run *run, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  vsnprintf (run->error, sizeof run->error, format, arguments);
  va_end (arguments);
  return -1;
}

int
run_fail_errno (struct run *run, const char *what)
{
  return run_fail (run, "%s: %s", what, strerror (errno));
}

void
run_error (struct run *run, const char *format, ...)
{
  va_list arguments;

  if (run->errors++ > 0)
    return;
  va_start (arguments, format);
  vsnprintf (run->first_error, sizeof run->first_error, format, arguments);
  va_end (arguments);
}

void
run_mismatch (struct run *run, const char *format, ...)
{
  va_list arguments;

  if (run->mismatched++ > 0)
    return;
  va_start (arguments, format);
  vsnprintf (run->difference, sizeof run->difference, format, arguments);
  va_end (arguments);
}

#include "host/workers.h"

#include "protolab.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

enum
{
  DEATHS_MAX = 5,      /* this many deaths, a worker, ... */
  DEATHS_SECONDS = 10, /* ... within this time are too many */
  TEXT_SIZE = 160
};

struct supervisor
{
  const struct workers *workers;
  pid_t *pids; /* 0: not running */
  unsigned running;
  bool ending, gave_up;
  unsigned deaths;
  time_t first_death; /* of those that count */
};

static time_t
seconds_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

/* The child's life: it never returns from here. */
static void
be_worker (const struct workers *workers, unsigned index, pid_t supervisor, const sigset_t *before)
{
  /* The supervisor may die before we can ask to be told of it. */
  if (prctl (PR_SET_PDEATHSIG, SIGTERM) == -1 || getppid () != supervisor)
    _exit (1);
  sigprocmask (SIG_SETMASK, before, NULL);
  exit (workers->work (workers->self, index));
}

static int
start (struct supervisor *supervisor, unsigned index, const sigset_t *before)
{
  pid_t self = getpid ();
  pid_t pid = fork ();

  if (pid == -1)
    return -1;
  if (pid == 0)
    be_worker (supervisor->workers, index, self, before);
  supervisor->pids[index] = pid;
  supervisor->running++;
  return 0;
}

static void
end_all (struct supervisor *supervisor, int signal)
{
  if (!supervisor->ending)
    supervisor->workers->ending (supervisor->workers->self);
  supervisor->ending = true;
  for (unsigned i = 0; i < supervisor->workers->count; i++)
    if (supervisor->pids[i] != 0)
      kill (supervisor->pids[i], signal);
}

static bool
dying_in_rows (struct supervisor *supervisor)
{
  time_t now = seconds_now ();

  if (supervisor->deaths == 0 || now - supervisor->first_death > DEATHS_SECONDS)
    {
      supervisor->deaths = 0;
      supervisor->first_death = now;
    }
  return ++supervisor->deaths > DEATHS_MAX * supervisor->workers->count;
}

static void
describe (unsigned index, int status, const char *what, char *text)
{
  if (WIFSIGNALED (status))
    snprintf (text, TEXT_SIZE, "worker %u was ended by signal %d (%s)%s", index + 1,
              WTERMSIG (status), strsignal (WTERMSIG (status)), what);
  else
    snprintf (text, TEXT_SIZE, "worker %u ended with status %d%s", index + 1, WEXITSTATUS (status),
              what);
}

/* A worker has gone that nobody asked to go. */
static void
replace (struct supervisor *supervisor, unsigned index, int status, const sigset_t *before)
{
  const struct workers *workers = supervisor->workers;
  char text[TEXT_SIZE];

  if (dying_in_rows (supervisor))
    {
      describe (index, status, "; they die too often, so protolab ends", text);
      supervisor->gave_up = true;
    }
  else
    describe (index, status, "; another takes its place", text);
  workers->tell (workers->self, text);
  if (!supervisor->gave_up && start (supervisor, index, before) == -1)
    {
      workers->tell (workers->self, "no new worker could be started");
      supervisor->gave_up = true;
    }
  if (supervisor->gave_up)
    end_all (supervisor, SIGTERM);
}

static void
bury (struct supervisor *supervisor, const sigset_t *before)
{
  int status;
  pid_t pid;

  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    for (unsigned i = 0; i < supervisor->workers->count; i++)
      if (supervisor->pids[i] == pid)
        {
          supervisor->pids[i] = 0;
          supervisor->running--;
          if (!supervisor->ending)
            replace (supervisor, i, status, before);
        }
}

static void
supervise (struct supervisor *supervisor, const sigset_t *signals, const sigset_t *before)
{
  while (supervisor->running > 0)
    {
      int signal = sigwaitinfo (signals, NULL);

      if (signal == SIGCHLD)
        bury (supervisor, before);
      else if (signal != -1)
        end_all (supervisor, SIGTERM);
    }
}

int
workers_run (const struct workers *workers)
{
  struct supervisor supervisor = { .workers = workers };
  sigset_t signals, before;

  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGHUP);
  supervisor.pids = calloc (workers->count, sizeof *supervisor.pids);
  if (supervisor.pids == NULL || sigprocmask (SIG_BLOCK, &signals, &before) == -1)
    {
      free (supervisor.pids);
      return -1;
    }
  for (unsigned i = 0; i < workers->count && !supervisor.ending; i++)
    if (start (&supervisor, i, &before) == -1)
      {
        workers->tell (workers->self, "a worker could not be started");
        supervisor.gave_up = true;
        end_all (&supervisor, SIGTERM);
      }
  supervise (&supervisor, &signals, &before);
  free (supervisor.pids);
  return supervisor.gave_up ? 1 : 0;
}

#include "host/guard.h"

#include "protolab.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum
{
  HOOK_SECONDS = 10
};

struct guard guard_now;
volatile unsigned long guard_calls;

static int exit_status;
static int patience; /* seconds */
static unsigned long calls_seen;
static int ticks; /* since calls_seen last changed */

/* Only what a signal handler may call. */
static void
say (const char *text)
{
  ssize_t n = write (STDERR_FILENO, text, strlen (text));

  (void) n;
}

static void
last_words (const char *what_a_plugin_did, const char *what_we_did, const char *detail)
{
  say ("protolab: ");
  if (guard_now.hook != NULL)
    {
      say (guard_now.plugin);
      say (": ");
      say (what_a_plugin_did);
      say (" in its ");
      say (guard_now.hook);
      say (" hook");
    }
  else
    say (what_we_did);
  say (detail);
  say ("\n");
  _exit (exit_status);
}

static const char *
name_of (int signal)
{
  switch (signal)
    {
    case SIGSEGV:
      return ": SIGSEGV, an address that is not its own";
    case SIGBUS:
      return ": SIGBUS, an address that is not there";
    case SIGFPE:
      return ": SIGFPE, a number that cannot be";
    case SIGILL:
      return ": SIGILL, an instruction that is none";
    case SIGSYS:
      return ": SIGSYS, a system call that is locked";
    default:
      return ": SIGABRT, it gave up";
    }
}

static void
crashed (int signal)
{
  last_words ("the plugin crashed", "protolab itself crashed", name_of (signal));
}

static void
tick (int signal)
{
  (void) signal;
  if (guard_now.hook == NULL || guard_calls != calls_seen)
    {
      calls_seen = guard_calls;
      ticks = 0;
    }
  else if (++ticks >= patience)
    last_words ("the plugin hangs", "protolab itself hangs", ": it has not returned for too long");
}

int
guard_crashes (int status)
{
#if defined __SANITIZE_ADDRESS__
  /* The sanitizer tells more of a wild pointer than we could. */
  static const int signals[] = { SIGABRT, SIGSYS };
#else
  static const int signals[] = { SIGABRT, SIGSYS, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
#endif
  static uint8_t stack_of_its_own[16384]; /* a hook may have used up the other */
  stack_t stack = { .ss_sp = stack_of_its_own, .ss_size = sizeof stack_of_its_own };
  struct sigaction action = { .sa_handler = crashed, .sa_flags = SA_ONSTACK | SA_RESETHAND };

  exit_status = status;
  if (sigaltstack (&stack, NULL) == -1)
    return -1;
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
    if (sigaction (signals[i], &action, NULL) == -1)
      return -1;
  return 0;
}

int
guard_time (void)
{
  const char *seconds = getenv ("PROTOLAB_HOOK_SECONDS");
  struct sigaction action = { .sa_handler = tick, .sa_flags = SA_RESTART };
  struct itimerspec every_second = { { 1, 0 }, { 1, 0 } };
  struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
  timer_t timer;

  patience = seconds != NULL ? atoi (seconds) : 0;
  if (patience < 1)
    patience = HOOK_SECONDS;
  if (sigaction (SIGALRM, &action, NULL) == -1
      || timer_create (CLOCK_MONOTONIC, &event, &timer) == -1)
    return -1;
  return timer_settime (timer, 0, &every_second, NULL);
}

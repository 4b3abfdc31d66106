/* run.c - server and client in one terminal; or the server, for as long as a
 * command runs. */
#include "command/log.h"
#include "command/plan.h"
#include "command/spawn.h"
#include "command/talk.h"
#include "command/watch.h"
#include "host/address.h"
#include "host/guard.h"

#include <errno.h>

struct running
{
  struct opened opened;
  struct endpoint *server;
  struct talk talk; /* without a command */
  struct watching watching;
  pid_t child;              /* with one; 0: none is running */
  int signals;              /* how many came that ask to end */
  int status;
};

static void
after_round (void *self)
{
  struct running *running = self;

  endpoint_after_round (running->server);
  if (endpoint_stopped (running->server))
    loop_stop (running->opened.loop);
}

/* The command or the keyboard has ended, or we are asked to: what is queued still goes. */
static void
wind_up (void *self)
{
  struct running *running = self;

  talk_end (&running->talk);
  running->talk.client = NULL;
  endpoint_stop (running->server);
  loop_again (running->opened.loop);
}

static void
caught (void *self, int signal)
{
  struct running *running = self;

  if (signal == SIGCHLD)
    {
      if (running->child != 0 && spawn_ended (running->child, &running->status))
        {
          running->child = 0;
          wind_up (running);
        }
      return;
    }
  running->signals++;
  if (running->child != 0 && running->signals > 1)
    kill (running->child, SIGKILL);
  else if (running->child != 0)
    {
      /* Ctrl-C has reached the command already. */
      if (!loop_signal_from_terminal (running->opened.loop))
        kill (running->child, signal);
    }
  else if (running->signals == 1)
    wind_up (running);
  else
    loop_stop (running->opened.loop);
}

static int
watch_signals (struct running *running)
{
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGHUP);
  sigaddset (&signals, SIGCHLD);
  if (loop_signals (running->opened.loop, &signals, caught, running) == 0)
    return 0;
  complain ("signals", "%s", strerror (errno));
  return -1;
}

static enum status
start_child (struct running *running, char **argv)
{
  struct pl_address at = endpoint_address (running->server);
  pid_t child = spawn (argv, &at);

  if (child == -1)
    {
      complain (argv[0], "%s", strerror (errno));
      return STATUS_NOT_STARTED;
    }
  running->child = child;
  return STATUS_DONE;
}

static enum status
start_talk (struct running *running)
{
  struct pl_address at = endpoint_address (running->server);

  if (address_is_any (&at))
    {
      struct pl_address list[ADDRESSES_MAX];
      char error[REASON_SIZE];
      bool six = at.as.any.sa_family == AF_INET6;

      if (address_resolve (six ? "::1" : "127.0.0.1", address_port (&at), false, list, error,
                           sizeof error)
          > 0)
        at = list[0];
    }
  return talk_begin (&running->talk, &running->opened, &running->watching.audience, false, &at, 1,
                     wind_up, running)
                 == 0
             ? STATUS_DONE
             : STATUS_USAGE;
}

static int
run (struct running *running, struct invocation *in)
{
  enum status status;

  if (watch_signals (running) == -1)
    return STATUS_OUR_FAULT;
  if (guard_time () == -1)
    {
      complain ("timer", "%s", strerror (errno));
      return STATUS_OUR_FAULT;
    }
  loop_after_round (running->opened.loop, after_round, running);
  status = in->child != NULL ? start_child (running, in->child) : start_talk (running);
  if (status != STATUS_DONE)
    return status;
  if (loop_run (running->opened.loop) == -1)
    {
      complain ("loop", "%s", strerror (errno));
      return STATUS_OUR_FAULT;
    }
  if (in->child != NULL)
    return running->status;
  return running->talk.failed ? STATUS_FAILED : STATUS_DONE;
}

/* Options that say something of a plan, or of a run. */
static enum status
check_options (const struct invocation *in)
{
  if (in->plan == 0 && (in->json || in->flows > 0))
    complain ("run", "--%s: only with --plan", in->json ? "json" : "flows");
  else if (in->plan > 0 && in->child != NULL)
    complain ("run", "--plan runs nothing, and \"%s\" stands behind \"--\"", in->child[0]);
  else
    return STATUS_DONE;
  return STATUS_USAGE;
}

static int
plan (const struct invocation *in)
{
  struct opened opened;
  enum status status = opened_lab (&opened, in, in->argv[0]);

  if (status == STATUS_DONE)
    plan_write (opened.lab, in, stdout);
  opened_close (&opened);
  return status;
}

int
command_run (struct invocation *in)
{
  struct running running = { .child = 0 };
  enum status opening = check_options (in);
  int status;

  if (opening != STATUS_DONE)
    return opening;
  if (in->plan > 0)
    return plan (in);
  opening = opened_lab (&running.opened, in, in->argv[0]);
  if (in->child != NULL && in->port == -1 && running.opened.lab != NULL)
    running.opened.lab->port = 0;
  /* One terminal shows one server. */
  if (running.opened.lab != NULL)
    running.opened.lab->workers = 1;
  if (in->child == NULL && in->trace == NULL)
    in->trace = "messages";
  if (opening == STATUS_DONE)
    opening = watching_begin (&running.watching, in, &running.opened, &running.talk.keyboard);
  if (in->trace == NULL)
    audience_add (&running.watching.audience, &log_observer);
  if (opening == STATUS_DONE)
    running.server = opened_server (&running.opened, running.opened.loop,
                                    &running.watching.audience, &opening);
  status = opening;
  if (running.server != NULL)
    {
      status = run (&running, in);
      talk_end (&running.talk);
      endpoint_free (running.server);
    }
  if (watching_end (&running.watching) == -1 && status == STATUS_DONE)
    status = STATUS_FAILED;
  opened_close (&running.opened);
  return status;
}

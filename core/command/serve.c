#include "command/lab.h"
#include "command/log.h"
#include "host/address.h"

#include <errno.h>

struct serving
{
  struct loop *loop;
  struct endpoint *server;
  bool asked; /* to end */
};

/* The first signal ends the server when what is queued has gone, the second at once. */
static void
caught (void *self, int signal)
{
  struct serving *serving = self;

  (void) signal;
  if (serving->asked)
    loop_stop (serving->loop);
  else
    endpoint_stop (serving->server);
  serving->asked = true;
}

static void
after_round (void *self)
{
  struct serving *serving = self;

  endpoint_after_round (serving->server);
  if (endpoint_stopped (serving->server))
    loop_stop (serving->loop);
}

static enum status
serve (struct opened *opened, struct serving *serving)
{
  struct pl_address at = endpoint_address (serving->server);
  char where[ADDRESS_TEXT + 64];
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGHUP);
  if (loop_signals (opened->loop, &signals, caught, serving) == -1)
    {
      complain ("signals", "%s", strerror (errno));
      return STATUS_OUR_FAULT;
    }
  loop_after_round (opened->loop, after_round, serving);
  printf ("ready: %s on %s\n", opened->lab->name, opened_where (opened, &at, where, sizeof where));
  fflush (stdout);
  if (loop_run (opened->loop) == 0)
    return STATUS_DONE;
  complain ("loop", "%s", strerror (errno));
  return STATUS_OUR_FAULT;
}

int
command_serve (struct invocation *in)
{
  struct opened opened;
  struct serving serving = { 0 };
  enum status status = opened_lab (&opened, in, in->argv[0]);

  if (status == STATUS_DONE)
    serving.server = opened_server (&opened, &log_observer, &status);
  if (serving.server != NULL)
    {
      serving.loop = opened.loop;
      status = serve (&opened, &serving);
      endpoint_free (serving.server);
    }
  opened_close (&opened);
  return status;
}

#include "command/talk.h"
#include "host/address.h"

#include <errno.h>

static void
stop (void *loop)
{
  loop_stop (loop);
}

static void
caught (void *loop, int signal)
{
  (void) signal;
  loop_stop (loop);
}

static enum status
converse (struct opened *opened)
{
  struct pl_address addresses[ADDRESSES_MAX];
  size_t count = opened_addresses (opened, false, addresses);
  struct talk talk;
  enum status status = STATUS_OUR_FAULT;
  sigset_t signals;

  if (count == 0)
    return STATUS_FAILED;
  sigemptyset (&signals);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  if (loop_signals (opened->loop, &signals, caught, opened->loop) == -1)
    {
      complain ("signals", "%s", strerror (errno));
      return STATUS_OUR_FAULT;
    }
  if (talk_begin (&talk, opened, addresses, count, stop, opened->loop) == -1)
    return STATUS_USAGE;
  if (loop_run (opened->loop) == 0)
    status = talk.failed ? STATUS_FAILED : STATUS_DONE;
  else
    complain ("loop", "%s", strerror (errno));
  talk_end (&talk);
  return status;
}

int
command_client (struct invocation *in)
{
  struct opened opened;
  enum status status = opened_lab (&opened, in, in->argv[0]);

  if (status == STATUS_DONE)
    status = converse (&opened);
  opened_close (&opened);
  return status;
}

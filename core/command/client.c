#include "command/talk.h"
#include "command/watch.h"
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
converse (struct opened *opened, struct watching *watching, struct talk *talk)
{
  struct pl_address addresses[ADDRESSES_MAX];
  size_t count = opened_addresses (opened, false, addresses);
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
  if (talk_begin (talk, opened, &watching->audience, true, addresses, count, stop, opened->loop)
      == -1)
    return STATUS_USAGE;
  if (loop_run (opened->loop) == 0)
    status = talk->failed ? STATUS_FAILED : STATUS_DONE;
  else
    complain ("loop", "%s", strerror (errno));
  talk_end (talk);
  return status;
}

int
command_client (struct invocation *in)
{
  struct opened opened;
  struct watching watching = { .keyboard = NULL };
  struct talk talk = { .client = NULL };
  enum status status = opened_lab (&opened, in, in->argv[0]);

  if (status == STATUS_DONE)
    status = watching_begin (&watching, in, &opened, &talk.keyboard);
  if (status == STATUS_DONE)
    status = converse (&opened, &watching, &talk);
  if (watching_end (&watching) == -1 && status == STATUS_DONE)
    status = STATUS_FAILED;
  opened_close (&opened);
  return status;
}

#include "command/log.h"

#include "command/command.h"
#include "host/address.h"

enum
{
  LINES_A_SECOND = 20 /* a flood of bad peers must not become a flood of lines */
};

static int64_t second; /* that the lines are counted in */
static unsigned lines, left_out;

void
log_end (void)
{
  if (left_out > 0)
    complain (NULL, "%u more lines like these were left out", left_out);
  lines = left_out = 0;
}

static bool
is_too_much (const struct event *event)
{
  if (event->time / 1000000000 != second)
    {
      log_end ();
      second = event->time / 1000000000;
    }
  if (++lines <= LINES_A_SECOND)
    return false;
  left_out++;
  return true;
}

static void
log_event (struct observer *observer, const struct event *event)
{
  char peer[ADDRESS_TEXT];

  (void) observer;
  if (event->text == NULL || is_too_much (event))
    return;
  if (event->peer.length > 0)
    complain (address_text (&event->peer, peer), "%s", event->text);
  else
    complain (NULL, "%s", event->text);
}

struct observer log_observer
    = { .wants = 1u << EVENT_TROUBLE | 1u << EVENT_CLOSED, .event = log_event };

#include "command/log.h"

#include "command/command.h"
#include "host/address.h"

#include <poll.h>

enum
{
  LINES_A_SECOND = 20 /* a flood of bad peers must not become a flood of lines */
};

static int64_t second; /* that the lines are counted in */
static unsigned lines, left_out;

/* Who does not read our stderr must not stop the server. */
static bool
would_not_block (void)
{
  struct pollfd to = { .fd = STDERR_FILENO, .events = POLLOUT };

  return poll (&to, 1, 0) != 0;
}

void
log_end (void)
{
  lines = 0;
  if (left_out == 0 || !would_not_block ())
    return;
  complain (NULL, "%u more lines like these were left out", left_out);
  left_out = 0;
}

static bool
is_too_much (const struct event *event)
{
  if (event->time / 1000000000 != second)
    {
      log_end ();
      second = event->time / 1000000000;
    }
  if (++lines <= LINES_A_SECOND && would_not_block ())
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
    = { .wants = 1u << EVENT_TROUBLE | 1u << EVENT_LIMIT | 1u << EVENT_CLOSED, .event = log_event };

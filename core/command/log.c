#include "command/log.h"

#include "command/command.h"
#include "host/address.h"

static void
log_event (struct observer *observer, const struct event *event)
{
  char peer[ADDRESS_TEXT];

  (void) observer;
  if (event->text == NULL)
    return;
  if (event->peer.length > 0)
    complain (address_text (&event->peer, peer), "%s", event->text);
  else
    complain (NULL, "%s", event->text);
}

struct observer log_observer
    = { .wants = 1u << EVENT_TROUBLE | 1u << EVENT_CLOSED, .event = log_event };

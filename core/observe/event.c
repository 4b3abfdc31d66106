#include "observe/event.h"

static const char *const names[EVENT_TYPES] = {
  [EVENT_CREATED] = "created",
  [EVENT_BOUND] = "bound",
  [EVENT_LISTENING] = "listening",
  [EVENT_CONNECTING] = "connecting",
  [EVENT_CONNECTED] = "connected",
  [EVENT_ACCEPTED] = "accepted",
  [EVENT_RECV] = "recv",
  [EVENT_SEND] = "send",
  [EVENT_PACKET] = "packet",
  [EVENT_RECEIVED] = "received",
  [EVENT_SENT] = "sent",
  [EVENT_NOTE] = "note",
  [EVENT_TIMER] = "timer",
  [EVENT_LIMIT] = "limit",
  [EVENT_TROUBLE] = "trouble",
  [EVENT_HALF_CLOSED] = "half-closed",
  [EVENT_RESET] = "reset",
  [EVENT_CLOSED] = "closed",
};

const char *
event_name (enum event_type type)
{
  return names[type];
}

enum event_type
event_named (const char *name)
{
  int type = 0;

  while (type < EVENT_TYPES && strcmp (names[type], name) != 0)
    type++;
  return (enum event_type) type;
}

const char *
event_call (const struct event *event)
{
  switch (event->type)
    {
    case EVENT_CREATED:
      return "socket";
    case EVENT_BOUND:
      return "bind";
    case EVENT_LISTENING:
      return "listen";
    case EVENT_CONNECTING:
      return "connect";
    case EVENT_ACCEPTED:
      return "accept";
    case EVENT_RECV:
      return event->stream ? "recv" : "recvfrom";
    case EVENT_SEND:
      return event->stream ? "send" : "sendto";
    case EVENT_HALF_CLOSED:
      return event->by_peer ? NULL : "shutdown";
    case EVENT_CLOSED:
      return "close";
    default:
      return NULL;
    }
}

void
audience_add (struct audience *audience, struct observer *observer)
{
  struct observer **link = &audience->first;

  while (*link != NULL)
    link = &(*link)->next;
  observer->next = NULL;
  *link = observer;
  audience->wants |= observer->wants;
}

void
audience_tell (struct audience *audience, const struct event *event)
{
  for (struct observer *at = audience->first; at != NULL; at = at->next)
    if (at->wants >> event->type & 1)
      at->event (at, event);
  audience->told = true;
}

void
audience_settle (struct audience *audience)
{
  if (!audience->told)
    return;
  audience->told = false;
  audience->round++;
  for (struct observer *at = audience->first; at != NULL; at = at->next)
    if (at->settle != NULL)
      at->settle (at);
}

/* event.h - what happens on the way of a message, told to observers.  An
 * observer changes nothing; whatever it is shown is lent for the call. */
#ifndef PL_OBSERVE_EVENT_H
#define PL_OBSERVE_EVENT_H

#include "protolab.h"

enum event_type
{
  EVENT_OPENED,    /* a socket is there: role, local, and peer where it has one */
  EVENT_CONNECTED, /* a client's connection stands */
  EVENT_RECEIVED,  /* a message came in: data */
  EVENT_SENT,      /* a message went out: data */
  EVENT_NOTE,      /* a transform's remark: text */
  EVENT_TROUBLE,   /* something went wrong, and the lab goes on: text */
  EVENT_CLOSED     /* a socket is closed: text is why, where there is a reason */
};

enum side
{
  SIDE_SERVER,
  SIDE_CLIENT
};

struct event
{
  enum event_type type;
  enum side side;
  bool stream;      /* whether the transport carries a stream */
  int64_t time;     /* nanoseconds, as loop_now */
  uint64_t session; /* its number on this side, from 1; 0: none */
  enum pl_role role;
  struct pl_address local, peer; /* length 0: not known */
  const uint8_t *data;
  size_t size;
  const char *text;
};

/* Owned by whoever made it, and lives longer than what it observes. */
struct observer
{
  unsigned wants; /* 1u << EVENT_..., for each type that it is told of */
  void (*event) (struct observer *observer, const struct event *event);
  struct observer *next; /* kept by the endpoint */
};

#endif

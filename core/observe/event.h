/* event.h - what happens on the way of a message, told to observers.  An
 * observer changes nothing; whatever it is shown is lent for the call.
 *
 * protolab-events(5) documents the same for people, and EVENT_SCHEMA numbers it. */
#ifndef PL_OBSERVE_EVENT_H
#define PL_OBSERVE_EVENT_H

#include "observe/fate.h"
#include "protolab.h"

#define EVENT_SCHEMA 1

/* In the order of a connection's life.  The socket calls are told in the book's order, after
 * they have returned.
 *
 * The link lies between the socket and the peer.  A datagram that goes out is told as SENT, SEND,
 * PACKET, one behind the other, whatever becomes of it; one that comes in as PACKET, and then, each
 * time that it arrives, as RECV and RECEIVED.  So what is dropped on its way in is a PACKET alone.
 * Where no link is played there is no PACKET.  A stream has none either: RECV and SEND show its
 * slices when they pass. */
enum event_type
{
  EVENT_CREATED,     /* socket: role */
  EVENT_BOUND,       /* bind: local */
  EVENT_LISTENING,   /* listen: it is the welcoming socket now */
  EVENT_CONNECTING,  /* connect was called: peer is the server */
  EVENT_CONNECTED,   /* the connection stands; a datagram socket has its peer */
  EVENT_ACCEPTED,    /* accept returned this connection socket */
  EVENT_RECV,        /* one recv or recvfrom returned data; size 0 of a stream: the peer ended */
  EVENT_SEND,        /* one send or sendto took data, of asked bytes */
  EVENT_PACKET,      /* the link decided on data: fate */
  EVENT_RECEIVED,    /* a whole message, data, came in */
  EVENT_SENT,        /* a whole message, data, goes out: told before its EVENT_SEND */
  EVENT_NOTE,        /* a transform's remark: text */
  EVENT_TIMER,       /* a transform's timer: text "set" with ms, or "due" */
  EVENT_LIMIT,       /* one of the lab's limits was reached: text */
  EVENT_TROUBLE,     /* something went wrong, and the lab goes on: text */
  EVENT_HALF_CLOSED, /* one end has finished sending: the peer (by_peer), or we by shutdown */
  EVENT_RESET,       /* the connection was reset, by the peer or by our link: text */
  EVENT_CLOSED,      /* close: text is why, where there is a reason */
  EVENT_TYPES
};

enum side
{
  SIDE_SERVER,
  SIDE_CLIENT
};

struct event
{
  enum event_type type;
  enum side side;   /* whose socket, message or remark this is */
  bool stream;      /* whether the transport carries a stream */
  int64_t time;     /* nanoseconds on the monotonic clock */
  uint64_t session; /* its number on this side, from 1; 0: none */
  int fd;           /* the socket's descriptor number; -1: no socket */
  enum pl_role role; /* 0 where there is no socket */
  struct pl_address local, peer; /* our end and the other; length 0: not known */
  const uint8_t *data; /* NULL where size is 0 */
  size_t size;
  size_t asked;     /* EVENT_SEND: how many bytes send was given */
  int64_t ms;       /* EVENT_TIMER "set" */
  bool by_peer;     /* EVENT_HALF_CLOSED, EVENT_RESET */
  struct fate fate; /* EVENT_PACKET; SENT, SEND, RECV, RECEIVED: of the datagram; index 0: none */
  const char *text; /* NULL: none */
  uint64_t round;   /* how often the audience was settled before */
};

/* What is true of a whole run.  All strings live as long as the run. */
struct scene
{
  const char *lab;       /* the lab's name */
  const char *title;     /* NULL: none */
  const char *transport; /* "udp" */
  const char *framing;   /* "line" */
  const char *transform; /* "reverse, uppercase" */
  int64_t wall;          /* nanoseconds since 1970, UTC, at ... */
  int64_t monotonic;     /* ... this time of the events */
};

#define OBSERVE_ALL (~0u)

/* Owned by whoever made it, and lives longer than what it observes. */
struct observer
{
  unsigned wants; /* 1u << EVENT_..., for each type that it is told of */
  void (*event) (struct observer *observer, const struct event *event);
  /* At the end of each round of the loop in which an event came: what is buffered may go
   * out.  NULL: nothing is. */
  void (*settle) (struct observer *observer);
  /* There are no more events: writes what is left and frees the observer.  0, or -1 with the
   * reason in error: something of it could not be written.  NULL: nothing is to be done. */
  int (*end) (struct observer *observer, char *error, size_t size);
  struct observer *next; /* kept by the audience */
};

/* All observers of a run, which may have several sides. */
struct audience
{
  struct observer *first;
  unsigned wants;  /* by any of them */
  bool told;       /* since the last audience_settle */
  uint64_t round;  /* how often it was settled */
};

/* Takes the observer in, behind those that are there. */
void audience_add (struct audience *audience, struct observer *observer);
void audience_tell (struct audience *audience, const struct event *event);
void audience_settle (struct audience *audience);

/* "received"; the name of the event in the log. */
const char *event_name (enum event_type type);
/* EVENT_TYPES: no event has that name. */
enum event_type event_named (const char *name);

/* The call that a student would write for it: "recvfrom" for EVENT_RECV of datagrams.  NULL:
 * it stands for no call. */
const char *event_call (const struct event *event);

#endif

/* lifelines.h - the clients of a sequence diagram: who they are, and the column of each. */
#ifndef PL_OBSERVE_LIFELINES_H
#define PL_OBSERVE_LIFELINES_H

#include "observe/event.h"

enum
{
  LIFELINES = 256, /* clients that are told apart at the same time */
  LIFELINE_COLUMNS = 8
};

/* What is on its way between a client and the server, in one direction. */
struct flow
{
  uint64_t sent, received; /* bytes of a stream */
  uint64_t under_way;      /* up to which byte it was drawn as sent alone */
  bool ended;              /* the sender has finished, or reset the connection */
  bool end_under_way;      /* ... and that was drawn alone */
  bool messages;           /* the last recv had the end of one: more may be in it */
  bool messages_arrive;    /* ... and what they were sent by was drawn before */
};

struct lifeline
{
  bool used;
  bool stream;
  struct pl_address address; /* length 0: not known yet */
  bool own;                  /* its own events come, or came until it closed its socket */
  int fd;                    /* of that socket; -1: closed, or not told of */
  bool connected;            /* the connection stands, or did */
  bool reset;
  bool finished; /* the server has closed its end */
  unsigned column;
  int64_t last;         /* time of its last event */
  struct flow flows[2]; /* by enum direction */
};

struct lifelines
{
  struct lifeline all[LIFELINES];
  unsigned columns;                 /* that there is room for, from 1 to LIFELINE_COLUMNS */
  unsigned crowd[LIFELINE_COLUMNS]; /* how many clients stand in each: in the last maybe many */
  bool shared;                      /* there were several in the last one, and some are left */
};

/* The client that an event is about; NULL: about none, or one that is not there. */
struct lifeline *lifelines_find (struct lifelines *lifelines, const struct event *event);

/* Gives the event's client a lifeline: the first column that is free, or the last one.  Where
 * LIFELINES are there one that has been silent for the longest time is forgotten. */
struct lifeline *lifelines_open (struct lifelines *lifelines, const struct event *event);

/* Whether the client shares its column, or did, so that it must be named. */
bool lifelines_shares (const struct lifelines *lifelines, const struct lifeline *line);

void lifelines_close (struct lifelines *lifelines, struct lifeline *line);

#endif

/* talk.h - the interactive client: sentences from the keyboard to the server, its
 * replies to the screen. */
#ifndef PL_COMMAND_TALK_H
#define PL_COMMAND_TALK_H

#include "command/keyboard.h"
#include "command/lab.h"
#include "host/client.h"

struct talk
{
  const struct opened *opened;
  struct client *client;
  struct keyboard keyboard;
  bool failed; /* a sentence got no reply */
  void (*ended) (void *self);
  void *self;
};

/* Begins to ask for sentences; ended is called when there are no more.  plays_link: the lab's
 * "link", at the client's end.  0, or -1 after it has complained. */
int talk_begin (struct talk *talk, const struct opened *opened, struct audience *audience,
                bool plays_link, const struct pl_address *addresses, size_t count,
                void (*ended) (void *self), void *self);
void talk_end (struct talk *talk);

#endif

/* sequence.h - draws a server's side of a lab as a sequence diagram, as it happens. */
#ifndef PL_OBSERVE_SEQUENCE_H
#define PL_OBSERVE_SEQUENCE_H

#include "observe/event.h"

#include <stdio.h>

struct sequence
{
  struct observer observer;
  FILE *to;
  bool colour;
  struct pl_address last_peer; /* datagrams: whose sockets were shown last */
};

/* Observe the server's endpoint with sequence->observer.  to stays the caller's. */
void sequence_init (struct sequence *sequence, FILE *to, bool colour);

#endif

/* segments.h - the TCP segments that the events of a stream stand for: handshake, data,
 * acknowledgements, and the end (RFC 9293, sections 3.5 and 3.6).
 *
 * A socket shows bytes, not segments.  These are made so that they carry the same bytes in the same
 * order, one for each recv and send where it fits; whether the network cut them elsewhere is not
 * known. */
#ifndef PL_OBSERVE_SEGMENTS_H
#define PL_OBSERVE_SEGMENTS_H

#include "observe/event.h"
#include "observe/packet.h"

/* All zero but the first two: no connection is known. */
struct segments
{
  /* A segment goes out from our side, or comes in.  It is lent for the call. */
  void (*pass) (void *self, const struct packet *packet, bool outgoing);
  void *self;
  void *connections; /* a tree of them, <search.h> */
  size_t count;      /* of them, now */
  uint32_t opened;   /* since the beginning */
  bool failed;       /* no memory: some connections are not shown */
};

/* Passes what the event stands for. */
void segments_event (struct segments *segments, const struct event *event);

void segments_free (struct segments *segments);

#endif

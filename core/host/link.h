/* link.h - the network that the host plays: what becomes of each packet.
 *
 * A fate follows from the lab's link, the direction, the flow's ordinal and the packet's index in
 * its flow and direction, and from nothing else: not from the time, not from what other packets
 * met.  Each kind of misfortune has dice of its own, so that another share of one kind changes no
 * packet of another kind. */
#ifndef PL_HOST_LINK_H
#define PL_HOST_LINK_H

#include "lab/lab.h"
#include "observe/fate.h"

/* Whether its dice, delay, rate, slices and reset hold in that direction. */
bool link_covers (const struct lab_link *link, enum direction direction);

/* Whether packets of that direction meet it at all: a script names its directions itself. */
bool link_meets (const struct lab_link *link, enum direction direction);

/* size: of the packet; FATE_ANY where it is not known, and then bit and kept are FATE_ANY unless
 * the script has them. */
struct fate link_fate (const struct lab_link *link, enum direction direction, uint64_t flow,
                       uint64_t index, size_t size);

/* Nanoseconds that bytes of a stream are on their way, the first of which has that offset. */
int64_t link_stream_delay (const struct lab_link *link, enum direction direction, uint64_t flow,
                           uint64_t offset);

/* Nanoseconds that so many bytes take to pass at the link's rate; 0: it has none. */
int64_t link_passing_time (const struct lab_link *link, size_t n);

#endif

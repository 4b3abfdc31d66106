/* pcapng.h - the packets of a lab as a capture file that Wireshark opens: draft-ietf-opsawg-pcapng.
 *
 * What a socket shows is bytes with addresses and ports.  The headers around them are put together
 * from that, with right checksums, and for TCP with a handshake, sequence numbers and an end; no
 * network card is read, and no privilege is needed.  Where a run has both sides, the server's view
 * of each packet is the one that is written.  What the link does to a packet, what a transform
 * notes and what limits are met is said in comments of the packet. */
#ifndef PL_OBSERVE_PCAPNG_H
#define PL_OBSERVE_PCAPNG_H

#include "observe/event.h"

/* Writes to a new file, whole packets at the end of each round, so that it can be read while it
 * grows; "-" is standard output, which must be no terminal.  Who reads too slowly misses packets
 * (sink.h).  scene is lent until the end.
 * NULL with the reason in error.  Ended, and freed, by its end. */
struct observer *pcapng_open (const char *path, const struct scene *scene, char *error,
                              size_t size);

#endif

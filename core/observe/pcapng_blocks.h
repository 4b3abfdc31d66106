/* pcapng_blocks.h - the blocks that a capture file is made of: draft-ietf-opsawg-pcapng, sections
 * 3 and 4.
 *
 * Each function writes one block to the end of a buffer, numbers little-endian.  0, or -1: no
 * memory, and the buffer is as it was.  Times are nanoseconds since 1970, UTC. */
#ifndef PL_OBSERVE_PCAPNG_BLOCKS_H
#define PL_OBSERVE_PCAPNG_BLOCKS_H

#include "host/buffer.h"
#include "observe/remark.h"

/* What a file begins with. */
int pcapng_section (struct buffer *to, const char *application, const struct remarks *remarks);

/* The interface that all packets pass; they begin with an IP header. */
int pcapng_interface (struct buffer *to, const char *name, const char *description);

/* A packet in two parts, 262144 bytes at the most. */
int pcapng_packet (struct buffer *to, int64_t time, bool outgoing, const uint8_t *head,
                   size_t head_size, const uint8_t *data, size_t size,
                   const struct remarks *remarks);

/* What is to be said of the interface at the end. */
int pcapng_statistics (struct buffer *to, int64_t time, const struct remarks *remarks);

#endif

/* sink.h - where an observer's records go: a file, a pipe, standard output.
 *
 * Whoever reads a pipe too slowly, or not at all, must not halt the lab: what would block is kept,
 * up to a bound, and beyond it records are left out and counted.  A sink that has failed once
 * (a full disk, a closed pipe) takes no more and tells so at its end. */
#ifndef PL_OBSERVE_SINK_H
#define PL_OBSERVE_SINK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct sink;

/* Writes to a new file, or over what is in an old one; "-" is standard output.  A named pipe must
 * have a reader already.  NULL with the reason in error. */
struct sink *sink_open (const char *path, char *error, size_t size);

/* Begins a record, which is written to what is returned and goes out whole or not at all.  NULL:
 * it is to be left out. */
FILE *sink_begin (struct sink *sink);
/* Ends the record; it leaves at the next sink_flush, or before. */
void sink_put (struct sink *sink);

/* How many records were left out, for want of room, since this was asked last; not 0 only when
 * there is room again. */
uint64_t sink_left_out (struct sink *sink);

/* Writes what goes without waiting. */
void sink_flush (struct sink *sink);

/* Writes what is left, waits for a slow reader for 2 s at the most, and frees the sink.  0, or -1
 * with the reason in error: something is missing. */
int sink_close (struct sink *sink, char *error, size_t size);

#endif

/* history.h - the lines of an event stream in bounded memory: its beginning, which shows the
 * sockets being made, and its end.  What lay between them is gone, and is counted. */
#ifndef PL_OBSERVE_HISTORY_H
#define PL_OBSERVE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

struct history;

/* Keeps so many bytes of the beginning, and of the end.  NULL: no memory. */
struct history *history_new (size_t beginning, size_t end);
void history_free (struct history *history);

/* Takes a copy of the line in.  One that is longer than the end's bytes counts as gone at once. */
void history_add (struct history *history, const char *line, size_t size);

/* How many lines came in; they are numbered from 0. */
uint64_t history_count (const struct history *history);

/* The first line from *number on that is still there, with its size; *number becomes the number of
 * the next.  *gone is how many before it are gone.  Lent until the next history_add.
 * NULL: there is none; what is gone was counted all the same. */
const char *history_read (const struct history *history, uint64_t *number, size_t *size,
                          uint64_t *gone);

#endif

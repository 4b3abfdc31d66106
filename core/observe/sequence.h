/* sequence.h - draws a run as a sequence diagram in text, as it happens. */
#ifndef PL_OBSERVE_SEQUENCE_H
#define PL_OBSERVE_SEQUENCE_H

#include "observe/event.h"

#include <stdio.h>

enum sequence_what
{
  SEQUENCE_MESSAGES, /* messages, with the socket calls that they took beside them */
  SEQUENCE_CALLS,    /* the socket calls alone */
  SEQUENCE_HEX       /* messages, each with a dump of its bytes */
};

struct sequence_style
{
  enum sequence_what what;
  unsigned columns; /* of the terminal; 80 are enough */
  bool colour;
  unsigned sides; /* 1u << SIDE_... of those whose events may come; 0: it is not known */
  /* Nanoseconds after which what was sent gets a row of its own, above that of its arrival; 0: only
   * where something happens between the two. */
  int64_t late;
};

/* Draws on to, which stays the caller's.  scene is lent until the end.
 * NULL with the reason in error.  Ended, and freed, by its end. */
struct observer *sequence_open (FILE *to, const struct scene *scene,
                                const struct sequence_style *style, char *error, size_t size);

#endif

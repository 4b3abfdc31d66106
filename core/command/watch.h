/* watch.h - the observers that the command line asks for. */
#ifndef PL_COMMAND_WATCH_H
#define PL_COMMAND_WATCH_H

#include "command/keyboard.h"
#include "command/lab.h"
#include "observe/sequence.h"

struct watching
{
  struct audience audience;
  struct scene scene;
  char framing[32], transform[256]; /* of scene */
  struct observer *trace;           /* NULL: none */
  struct observer curtain;          /* hands events to trace, the prompt out of its way */
  struct keyboard *keyboard;        /* NULL: none */
};

/* How --trace draws to a stream. */
struct sequence_style trace_style (const struct invocation *in, FILE *to);

/* Makes them; keyboard may be opened later.  STATUS_DONE, or another status after it has
 * complained; watching_end is owed either way. */
enum status watching_begin (struct watching *watching, const struct invocation *in,
                            struct opened *opened, struct keyboard *keyboard);
/* Ends them, after the endpoints that they watch.  0, or -1 after it has complained: something
 * could not be written. */
int watching_end (struct watching *watching);

#endif

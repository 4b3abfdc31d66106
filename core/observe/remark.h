/* remark.h - what is to be said of a packet beside its bytes. */
#ifndef PL_OBSERVE_REMARK_H
#define PL_OBSERVE_REMARK_H

#include "observe/fate.h"
#include "protolab.h"

enum
{
  REMARKS_MAX = 64, /* in one list; more are left out */
  REMARK_FATE = FATE_TEXT + 128
};

struct remark
{
  struct remark *next;
  struct pl_address peer; /* whose packet it is for; length 0: anybody's */
  size_t size;
  char text[]; /* UTF-8 that can be shown, without an end */
};

struct remarks
{
  struct remark *first;
  size_t count;
};

/* Adds a text at the end of the list, with all escaped that cannot be shown, and cut to some lines.
 * 0, or -1: no memory. */
int remarks_add (struct remarks *remarks, const struct pl_address *peer, const char *text);

/* Moves the remarks for a peer's packet to the end of another list. */
void remarks_move (struct remarks *from, const struct pl_address *peer, struct remarks *to);

/* "dropped by the link: packet 3 in of flow 1"; returns text, REMARK_FATE long. */
const char *remark_of_fate (const struct fate *fate, char *text);

void remarks_free (struct remarks *remarks);

#endif

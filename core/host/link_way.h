/* link_way.h - one direction of a stream that passes a link: pieces of bytes, which leave it in
 * their order, each when it is due and the one in front of it has left. */
#ifndef PL_HOST_LINK_WAY_H
#define PL_HOST_LINK_WAY_H

#include "host/buffer.h"
#include "lab/lab.h"
#include "observe/fate.h"

enum
{
  WAY_PIECES = 4096 /* on one way; more are put together */
};

struct piece
{
  int64_t due; /* as loop_now */
  size_t size; /* 0: the end of the stream */
};

struct way
{
  enum direction direction;
  uint64_t flow;
  bool covered;         /* by the link */
  bool delays;          /* covered, and bytes do not pass at once */
  bool ended;           /* the end of the stream is among the pieces, or has been */
  uint64_t offset;      /* of the next byte that comes to it */
  int64_t busy;         /* when the last one has passed, at the link's rate */
  struct buffer pieces; /* of struct piece */
};

struct way way_begin (const struct lab_link *link, enum direction direction, uint64_t flow);
void way_end (struct way *way);

/* The pieces in their order, to be changed; NULL: there is none. */
struct piece *way_pieces (const struct way *way);
size_t way_count (const struct way *way);

/* n bytes come to it; 0: the end of the stream.  0, or -1: no memory. */
int way_add (struct way *way, const struct lab_link *link, int64_t now, size_t n);

/* The first n bytes have left it. */
void way_take (struct way *way, size_t n);

/* The end of the stream stands first, and leaves it. */
void way_take_end (struct way *way);

#endif

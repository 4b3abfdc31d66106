#include "host/link_way.h"

#include "host/link.h"

enum
{
  SEGMENT = 1460 /* bytes that pass together where there is a rate: TCP over Ethernet */
};

struct way
way_begin (const struct lab_link *link, enum direction direction, uint64_t flow)
{
  bool covered = link_covers (link, direction);

  return (struct way){
    .direction = direction,
    .flow = flow,
    .covered = covered,
    .delays = covered && (link->delay_ms > 0 || link->jitter_ms > 0 || link->rate_kbps > 0)
  };
}

void
way_end (struct way *way)
{
  buffer_free (&way->pieces);
}

struct piece *
way_pieces (const struct way *way)
{
  return buffer_size (&way->pieces) == 0 ? NULL : (void *) buffer_bytes (&way->pieces);
}

size_t
way_count (const struct way *way)
{
  return buffer_size (&way->pieces) / sizeof (struct piece);
}

/* When n bytes that come now are through, if those in front of them are. */
static int64_t
due_at (struct way *way, const struct lab_link *link, int64_t now, size_t n)
{
  int64_t due = now;

  if (link->rate_kbps > 0)
    due = way->busy = (way->busy > now ? way->busy : now) + link_passing_time (link, n);
  due += link_stream_delay (link, way->direction, way->flow, way->offset);
  way->offset += n;
  return due;
}

static int
add_piece (struct way *way, const struct lab_link *link, int64_t now, size_t n)
{
  struct piece piece = { due_at (way, link, now, n), n };
  struct piece *last;

  if (n == 0 || way_count (way) < WAY_PIECES)
    return buffer_append (&way->pieces, &piece, sizeof piece);
  last = way_pieces (way) + way_count (way) - 1;
  if (last->due < piece.due)
    last->due = piece.due;
  last->size += n;
  return 0;
}

int
way_add (struct way *way, const struct lab_link *link, int64_t now, size_t n)
{
  /* The first of many bytes do not wait for the last. */
  size_t most = link->rate_kbps > 0 ? SEGMENT : n;

  way->ended |= n == 0;
  for (; n > most; n -= most)
    if (add_piece (way, link, now, most) == -1)
      return -1;
  return add_piece (way, link, now, n);
}

void
way_take_end (struct way *way)
{
  buffer_take (&way->pieces, sizeof (struct piece));
}

void
way_take (struct way *way, size_t n)
{
  struct piece *first;

  while (n > 0 && (first = way_pieces (way)) != NULL)
    if (n < first->size)
      {
        first->size -= n;
        n = 0;
      }
    else
      {
        n -= first->size;
        buffer_take (&way->pieces, sizeof *first);
      }
}

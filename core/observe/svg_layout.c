/* Where each item of the picture stands: time runs down, and long waits are drawn shorter than they
 * are, but longer than short ones. */
#include "observe/svg_picture.h"

#include <stdlib.h>

enum
{
  SHORTEST = 8, /* powers of two: microseconds that are drawn as none at all */
  STEP = 5,     /* for each power of two beyond */
  LONGEST = 90
};

static int
order (const void *a, const void *b)
{
  const struct svg_item *one = *(struct svg_item *const *) a;
  const struct svg_item *other = *(struct svg_item *const *) b;

  if (one->time != other->time)
    return one->time < other->time ? -1 : 1;
  return one->order < other->order ? -1 : one->order > other->order;
}

static int
gap (int64_t nanoseconds)
{
  uint64_t microseconds = (uint64_t) nanoseconds / 1000;
  int powers = 0, length;

  while (microseconds >> powers > 1)
    powers++;
  length = (powers - SHORTEST) * STEP;
  return length < 0 ? 0 : length > LONGEST ? LONGEST : length;
}

/* The texts of an arrow that takes its time stand where it begins, in two lines; those of another
 * in its middle, above and below it. */
static int
above (const struct svg_item *item)
{
  switch (item->kind)
    {
    case SVG_CALL:
      return 17;
    case SVG_ARROW:
      if (item->other != NULL)
        return item->other->begins ? 17 : 33;
      return item->at_server ? 30 : 20;
    case SVG_REMARK:
      return 21;
    case SVG_POINT:
      return item->begins ? 33 : 14;
    }
  return 0;
}

static int
below (const struct svg_item *item)
{
  int fate = item->fate.what != 0 ? 13 : 0;

  if (item->kind != SVG_ARROW || item->other != NULL)
    return 0;
  if (!item->at_server && item->fate.what & FATE_DUPLICATE)
    return fate + 24;
  return fate + (item->at_server ? 0 : 12);
}

int
svg_layout (struct svg_picture *picture, int top)
{
  int y = top;

  if (picture->item_count > 0)
    qsort (picture->items, picture->item_count, sizeof picture->items[0], order);
  for (size_t i = 0; i < picture->item_count; i++)
    {
      struct svg_item *item = picture->items[i];

      if (i > 0)
        y += gap (item->time - picture->items[i - 1]->time);
      y += above (item);
      item->y = y;
      y += below (item);
    }
  return y + 24;
}

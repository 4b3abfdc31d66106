#include "host/link.h"

#include "host/siphash.h"

/* The dice: one for each thing that is left to chance.  Their numbers are part of what a seed
 * means, and stay. */
enum dice
{
  DICE_LOSS = 1,
  DICE_DUPLICATE = 2,
  DICE_CORRUPT = 3,
  DICE_BIT = 4,
  DICE_TRUNCATE = 5,
  DICE_KEPT = 6,
  DICE_REORDER = 7,
  DICE_JITTER = 8
};

#define MILLISECOND INT64_C (1000000)
#define MICROSECOND INT64_C (1000)

/* One packet, or one place of a stream. */
struct subject
{
  const struct lab_link *link;
  enum direction direction;
  uint64_t flow, index;
};

static uint64_t
roll (const struct subject *of, enum dice dice)
{
  /* "protolab", as bytes. */
  const uint64_t key[2] = { (uint64_t) of->link->seed, 0x62616c6f746f7270u };
  const uint64_t words[4] = { of->direction, of->flow, of->index, dice };

  return siphash (key, words, 4);
}

/* 0 to count - 1.  No count comes near 2 to the 64th, so that none of them is the likelier. */
static uint64_t
roll_below (const struct subject *of, enum dice dice, uint64_t count)
{
  return roll (of, dice) % count;
}

static bool
happens (const struct subject *of, enum dice dice, double share)
{
  return (double) (roll (of, dice) >> 11) * 0x1p-53 < share;
}

bool
link_covers (const struct lab_link *link, enum direction direction)
{
  return link->direction == LAB_BOTH || (link->direction == LAB_IN) == (direction == DIRECTION_IN);
}

static bool
is_towards (const struct lab_event *event, enum direction direction)
{
  return (event->direction == LAB_IN) == (direction == DIRECTION_IN);
}

bool
link_meets (const struct lab_link *link, enum direction direction)
{
  for (size_t i = 0; i < link->script_count; i++)
    if (is_towards (&link->script[i], direction))
      return true;
  return link_covers (link, direction);
}

/* The script's word on the packet; false: it has none. */
static bool
read_script (const struct subject *of, struct fate *fate)
{
  static const unsigned whats[] = {
    [LAB_DROP] = FATE_DROP,         [LAB_DUPLICATE] = FATE_DUPLICATE, [LAB_CORRUPT] = FATE_CORRUPT,
    [LAB_TRUNCATE] = FATE_TRUNCATE, [LAB_REORDER] = FATE_REORDER,     [LAB_DELAY] = FATE_DELAY
  };
  const struct lab_link *link = of->link;

  for (size_t i = 0; i < link->script_count; i++)
    {
      const struct lab_event *event = &link->script[i];
      bool meant = event->every > 0 ? of->index % event->every == 0
                                    : of->index >= event->first && of->index <= event->last;

      if (!meant || !is_towards (event, of->direction))
        continue;
      fate->scripted = true;
      fate->what |= whats[event->what];
      if (event->what == LAB_DELAY)
        fate->delay = event->amount * MILLISECOND;
      else if (event->what == LAB_TRUNCATE && event->amount >= 0)
        fate->kept = (size_t) event->amount;
    }
  return fate->scripted;
}

static void
roll_dice (const struct subject *of, struct fate *fate)
{
  const struct lab_link *link = of->link;

  if (happens (of, DICE_LOSS, link->loss))
    fate->what |= FATE_DROP;
  if (happens (of, DICE_DUPLICATE, link->duplicate))
    fate->what |= FATE_DUPLICATE;
  if (happens (of, DICE_CORRUPT, link->corrupt))
    fate->what |= FATE_CORRUPT;
  if (happens (of, DICE_TRUNCATE, link->truncate))
    fate->what |= FATE_TRUNCATE;
  if (happens (of, DICE_REORDER, link->reorder))
    fate->what |= FATE_REORDER;
}

/* Which end is cut off, and which bit of the rest is turned over. */
static void
roll_details (const struct subject *of, size_t size, struct fate *fate)
{
  size_t left = size;

  if ((fate->what & FATE_TRUNCATE) && fate->kept == FATE_ANY && size != FATE_ANY)
    fate->kept = size == 0 ? 0 : roll_below (of, DICE_KEPT, size);
  if (fate->kept < left)
    left = fate->kept;
  if ((fate->what & FATE_CORRUPT) && size != FATE_ANY && left > 0)
    fate->bit = roll_below (of, DICE_BIT, left * 8);
}

/* delay_ms, and jitter_ms more or less. */
static int64_t
roll_delay (const struct subject *of)
{
  const struct lab_link *link = of->link;
  int64_t delay = link->delay_ms * MILLISECOND;

  if (link->jitter_ms == 0)
    return delay;
  delay -= link->jitter_ms * MILLISECOND;
  delay += (int64_t) roll_below (of, DICE_JITTER, (uint64_t) link->jitter_ms * 2000 + 1)
           * MICROSECOND;
  return delay > 0 ? delay : 0;
}

struct fate
link_fate (const struct lab_link *link, enum direction direction, uint64_t flow, uint64_t index,
           size_t size)
{
  const struct subject of = { link, direction, flow, index };
  struct fate fate = { .direction = direction,
                       .flow = flow,
                       .index = index,
                       .delay = -1,
                       .bit = FATE_ANY,
                       .kept = FATE_ANY };

  if (!read_script (&of, &fate) && link_covers (link, direction))
    roll_dice (&of, &fate);
  if (fate.what & FATE_DROP)
    {
      fate.what = FATE_DROP;
      fate.delay = 0;
      fate.kept = FATE_ANY;
      return fate;
    }
  if (fate.delay == -1 && !link_covers (link, direction))
    fate.delay = 0;
  else if (fate.delay == -1)
    fate.delay = fate.scripted ? link->delay_ms * MILLISECOND : roll_delay (&of);
  if (fate.delay > 0)
    fate.what |= FATE_DELAY;
  roll_details (&of, size, &fate);
  return fate;
}

int64_t
link_stream_delay (const struct lab_link *link, enum direction direction, uint64_t flow,
                   uint64_t offset)
{
  const struct subject of = { link, direction, flow, offset };

  return roll_delay (&of);
}

int64_t
link_passing_time (const struct lab_link *link, size_t n)
{
  return link->rate_kbps == 0 ? 0 : (int64_t) n * 8 * MILLISECOND / link->rate_kbps;
}

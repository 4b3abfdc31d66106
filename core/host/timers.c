#include "host/timers.h"

#include <stdlib.h>

static void
put (struct timers *timers, size_t at, struct timer *timer)
{
  timers->heap[at] = timer;
  timer->place = at + 1;
}

/* Moves a timer from a free place to where it belongs. */
static void
settle (struct timers *timers, size_t at, struct timer *timer)
{
  while (at > 0 && timers->heap[(at - 1) / 2]->due > timer->due)
    {
      put (timers, at, timers->heap[(at - 1) / 2]);
      at = (at - 1) / 2;
    }
  for (;;)
    {
      size_t child = 2 * at + 1;

      if (child + 1 < timers->count && timers->heap[child + 1]->due < timers->heap[child]->due)
        child++;
      if (child >= timers->count || timers->heap[child]->due >= timer->due)
        break;
      put (timers, at, timers->heap[child]);
      at = child;
    }
  put (timers, at, timer);
}

int
timers_set (struct timers *timers, struct timer *timer, int64_t due)
{
  timer->due = due;
  if (timer->place != 0)
    {
      settle (timers, timer->place - 1, timer);
      return 0;
    }
  if (timers->count == timers->capacity)
    {
      size_t capacity = timers->capacity == 0 ? 16 : timers->capacity * 2;
      struct timer **heap = realloc (timers->heap, capacity * sizeof *heap);

      if (heap == NULL)
        return -1;
      timers->heap = heap;
      timers->capacity = capacity;
    }
  timers->count++;
  settle (timers, timers->count - 1, timer);
  return 0;
}

void
timers_clear (struct timers *timers, struct timer *timer)
{
  size_t at = timer->place - 1;
  struct timer *last;

  if (timer->place == 0)
    return;
  timer->place = 0;
  last = timers->heap[--timers->count];
  if (last != timer)
    settle (timers, at, last);
}

struct timer *
timers_next (const struct timers *timers)
{
  return timers->count == 0 ? NULL : timers->heap[0];
}

void
timers_free (struct timers *timers)
{
  free (timers->heap);
  *timers = (struct timers){ 0 };
}

/* timers.h - a binary heap of timers: the earliest is always at hand. */
#ifndef PL_HOST_TIMERS_H
#define PL_HOST_TIMERS_H

#include "host/loop.h"

/* All zero: empty. */
struct timers
{
  struct timer **heap; /* heap[0] is the earliest */
  size_t count, capacity;
};

/* 0, or -1: no memory. */
int timers_set (struct timers *timers, struct timer *timer, int64_t due);
void timers_clear (struct timers *timers, struct timer *timer);
/* NULL: none is set. */
struct timer *timers_next (const struct timers *timers);
void timers_free (struct timers *timers);

#endif

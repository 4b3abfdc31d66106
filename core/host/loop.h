/* loop.h - waits for descriptors, signals and times: one thread, epoll,
 * signalfd, and a heap of timers. */
#ifndef PL_HOST_LOOP_H
#define PL_HOST_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

/* A descriptor to wait for.  Owned by the caller, who fills fd and ready, and
 * stays where it is until loop_forget. */
struct watch
{
  int fd;
  unsigned events; /* PL_READABLE | PL_WRITABLE; loop_watch keeps it */
  bool known;      /* to epoll; kept by the loop */
  void (*ready) (struct watch *watch, unsigned events);
};

/* A time to wait for.  Owned by the caller, who fills fire; all else zero. */
struct timer
{
  int64_t due;  /* nanoseconds, as loop_now */
  size_t place; /* in the heap, from 1; 0: not set */
  void (*fire) (struct timer *timer);
};

/* NULL with errno. */
struct loop *loop_new (void);
void loop_free (struct loop *loop);

/* Nanoseconds on the monotonic clock, read once each time that the loop wakes. */
int64_t loop_now (const struct loop *loop);

/* The same clock, read now: where a round is too coarse. */
int64_t loop_clock (const struct loop *loop);

/* Waits for these events from now on; 0 keeps the watch but waits for none.
 * 0, or -1 with errno. */
int loop_watch (struct loop *loop, struct watch *watch, unsigned events);

/* Must be called before fd is closed; the watch may be freed then, even from
 * within a ready function. */
void loop_forget (struct loop *loop, struct watch *watch);

/* Sets the timer, anew if it was set.  0, or -1 with errno ENOMEM. */
int loop_timer (struct loop *loop, struct timer *timer, int64_t due);
void loop_timer_clear (struct loop *loop, struct timer *timer);

/* Takes these signals out of the process's hands: they are blocked, and come as
 * calls from loop_run.  0, or -1 with errno. */
int loop_signals (struct loop *loop, const sigset_t *signals,
                  void (*caught) (void *self, int signal), void *self);

/* Within caught: whether a key at the terminal sent it, so that the whole process group has it. */
bool loop_signal_from_terminal (const struct loop *loop);

/* Calls this after each round of ready functions and timers. */
void loop_after_round (struct loop *loop, void (*after) (void *self), void *self);

/* Calls nothing with that self any more. */
void loop_forget_after (struct loop *loop, const void *self);

/* From within an after-round function: does not wait in the next round, something is to be done
 * after it. */
void loop_again (struct loop *loop);

/* Goes round until loop_stop, which may come before it.  0, or -1 with errno. */
int loop_run (struct loop *loop);
void loop_stop (struct loop *loop);

#endif

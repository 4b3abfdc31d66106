#include "host/loop.h"

#include "host/timers.h"
#include "protolab.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum
{
  EVENTS_A_ROUND = 64,
  AFTER_MAX = 4
};

struct after
{
  void (*call) (void *self);
  void *self;
};

struct loop
{
  int epoll;
  int64_t now;
  bool stopped;
  bool again;
  struct timers timers;

  struct epoll_event events[EVENTS_A_ROUND];
  int event_count; /* in this round */

  struct watch signals;
  void (*caught) (void *self, int signal);
  void *caught_self;
  bool from_terminal;

  struct after after[AFTER_MAX];
  size_t after_count;
};

static int64_t
clock_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

struct loop *
loop_new (void)
{
  struct loop *loop = calloc (1, sizeof *loop);

  if (loop == NULL)
    return NULL;
  loop->signals.fd = -1;
  loop->now = clock_now ();
  loop->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (loop->epoll == -1)
    {
      free (loop);
      return NULL;
    }
  return loop;
}

void
loop_free (struct loop *loop)
{
  if (loop == NULL)
    return;
  if (loop->signals.fd != -1)
    close (loop->signals.fd);
  close (loop->epoll);
  timers_free (&loop->timers);
  free (loop);
}

int64_t
loop_now (const struct loop *loop)
{
  return loop->now;
}

int64_t
loop_clock (const struct loop *loop)
{
  (void) loop;
  return clock_now ();
}

int
loop_watch (struct loop *loop, struct watch *watch, unsigned events)
{
  struct epoll_event event
      = { .events = (events & PL_READABLE ? EPOLLIN : 0) | (events & PL_WRITABLE ? EPOLLOUT : 0),
          .data.ptr = watch };

  if (watch->known && watch->events == events)
    return 0;
  if (epoll_ctl (loop->epoll, watch->known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, watch->fd, &event)
      == -1)
    return -1;
  watch->known = true;
  watch->events = events;
  return 0;
}

void
loop_forget (struct loop *loop, struct watch *watch)
{
  if (!watch->known)
    return;
  epoll_ctl (loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
  watch->known = false;
  for (int i = 0; i < loop->event_count; i++)
    if (loop->events[i].data.ptr == watch)
      loop->events[i].data.ptr = NULL;
}

int
loop_timer (struct loop *loop, struct timer *timer, int64_t due)
{
  return timers_set (&loop->timers, timer, due);
}

void
loop_timer_clear (struct loop *loop, struct timer *timer)
{
  timers_clear (&loop->timers, timer);
}

static void
signals_ready (struct watch *watch, unsigned events)
{
  struct loop *loop = (struct loop *) ((char *) watch - offsetof (struct loop, signals));
  struct signalfd_siginfo info;

  (void) events;
  while (read (watch->fd, &info, sizeof info) == sizeof info)
    {
      loop->from_terminal = info.ssi_code == SI_KERNEL;
      loop->caught (loop->caught_self, (int) info.ssi_signo);
    }
}

bool
loop_signal_from_terminal (const struct loop *loop)
{
  return loop->from_terminal;
}

int
loop_signals (struct loop *loop, const sigset_t *signals, void (*caught) (void *self, int signal),
              void *self)
{
  if (sigprocmask (SIG_BLOCK, signals, NULL) == -1)
    return -1;
  loop->caught = caught;
  loop->caught_self = self;
  loop->signals.ready = signals_ready;
  loop->signals.fd = signalfd (-1, signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (loop->signals.fd == -1)
    return -1;
  return loop_watch (loop, &loop->signals, PL_READABLE);
}

void
loop_after_round (struct loop *loop, void (*after) (void *self), void *self)
{
  if (loop->after_count < AFTER_MAX)
    loop->after[loop->after_count++] = (struct after){ after, self };
}

void
loop_forget_after (struct loop *loop, const void *self)
{
  for (size_t i = 0; i < loop->after_count; i++)
    if (loop->after[i].self == self)
      loop->after[i] = (struct after){ NULL, NULL };
}

/* Milliseconds until the next timer, rounded up so that it is due then; -1: none. */
static int
patience (const struct loop *loop)
{
  const struct timer *next = timers_next (&loop->timers);
  int64_t wait;

  if (loop->again)
    return 0;
  if (next == NULL)
    return -1;
  wait = (next->due - clock_now () + 999999) / 1000000;
  if (wait < 0)
    return 0;
  return wait > 3600000 ? 3600000 : (int) wait;
}

static void
round_of_events (struct loop *loop)
{
  for (int i = 0; i < loop->event_count; i++)
    {
      struct watch *watch = loop->events[i].data.ptr;
      uint32_t seen = loop->events[i].events;
      unsigned events = 0;

      if (watch == NULL)
        continue;
      /* An error shows itself at the next recv or send: whoever waits is told. */
      if (seen & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
        events |= PL_READABLE;
      if (seen & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        events |= PL_WRITABLE;
      watch->ready (watch, events);
    }
  loop->event_count = 0;
}

static void
round_of_timers (struct loop *loop)
{
  struct timer *timer;

  while ((timer = timers_next (&loop->timers)) != NULL && timer->due <= loop->now)
    {
      timers_clear (&loop->timers, timer);
      timer->fire (timer);
    }
}

void
loop_again (struct loop *loop)
{
  loop->again = true;
}

static void
end_round (struct loop *loop)
{
  for (size_t i = 0; i < loop->after_count; i++)
    if (loop->after[i].call != NULL)
      loop->after[i].call (loop->after[i].self);
}

int
loop_run (struct loop *loop)
{
  /* What was done before the loop: a sentence may wait to be sent. */
  end_round (loop);
  while (!loop->stopped)
    {
      int count = epoll_wait (loop->epoll, loop->events, EVENTS_A_ROUND, patience (loop));

      if (count == -1 && errno != EINTR)
        return -1;
      loop->event_count = count == -1 ? 0 : count;
      loop->again = false;
      loop->now = clock_now ();
      round_of_events (loop);
      round_of_timers (loop);
      loop->again = false;
      end_round (loop);
    }
  loop->stopped = false;
  return 0;
}

void
loop_stop (struct loop *loop)
{
  loop->stopped = true;
}

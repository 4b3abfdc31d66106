/* path_epoll.c - epoll and the clock as the host's loop sees them: the program is linked with
 * --wrap, so that it asks here. */
#include "path.h"

#include <sys/epoll.h>
#include <time.h>

enum
{
  IDLE_ROUNDS_MAX = 8
};

struct watched
{
  bool known;
  uint32_t events;
  void *data;
};

static struct watched watched[1 + PEERS_MAX]; /* the server's socket, then the peers' */

static unsigned long last_activity;
static unsigned idle_rounds;

void
epoll_reset (void)
{
  memset (watched, 0, sizeof watched);
  idle_rounds = 0;
  last_activity = 0;
}

bool
epoll_knows (int fd)
{
  return watched[fd - FD_BASE].known;
}

/* What epoll would say of a socket; errors and the end of both ways without being asked. */
static uint32_t
state_of (size_t fd)
{
  const struct watched *watch = &watched[fd];
  bool welcoming = fd == 0;
  uint32_t state = 0;

  if (!watch->known)
    return 0;
  if (welcoming)
    {
      if (net.datagrams ? net.queue_taken < net.queue.size : net.next_accepted < net.peer_count)
        state |= EPOLLIN;
      if (net.datagram_room > 0)
        state |= EPOLLOUT;
    }
  else
    {
      const struct peer *peer = &net.peers[fd - 1];

      if (peer->taken < peer->says.size || peer->ended || peer->reset)
        state |= EPOLLIN;
      if (peer->room > 0 || peer->reset)
        state |= EPOLLOUT;
      if (peer->reset || (peer->ended && peer->finished))
        state |= EPOLLHUP;
      if (peer->reset)
        state |= EPOLLERR;
    }
  return state & (watch->events | EPOLLHUP | EPOLLERR);
}

bool
epoll_ready_now (void)
{
  for (size_t i = 0; i <= net.peer_count; i++)
    if (state_of (i) != 0)
      return true;
  return false;
}

int __wrap_epoll_ctl (int epoll, int what, int fd, struct epoll_event *event);
int __wrap_epoll_wait (int epoll, struct epoll_event *events, int room, int timeout);
int __wrap_clock_gettime (clockid_t clock, struct timespec *now);

int
__wrap_epoll_ctl (int epoll, int what, int fd, struct epoll_event *event)
{
  struct watched *watch;

  (void) epoll;
  FUZZ_EXPECT (fd >= FD_BASE && fd <= FD_BASE + PEERS_MAX);
  watch = &watched[fd - FD_BASE];
  FUZZ_EXPECT (watch->known == (what != EPOLL_CTL_ADD));
  watch->known = what != EPOLL_CTL_DEL;
  net.activity++;
  if (watch->known)
    {
      watch->events = event->events;
      watch->data = event->data.ptr;
    }
  return 0;
}

/* Rounds that wake the host and change nothing would go on for ever. */
static void
watch_for_spinning (bool woken)
{
  idle_rounds = woken && net.activity == last_activity ? idle_rounds + 1 : 0;
  last_activity = net.activity;
  FUZZ_EXPECT (idle_rounds < IDLE_ROUNDS_MAX);
}

int
__wrap_epoll_wait (int epoll, struct epoll_event *events, int room, int timeout)
{
  int count = 0;

  (void) epoll;
  if (!net.step (timeout))
    return 0;
  for (size_t i = 0; i <= net.peer_count && count < room; i++)
    {
      uint32_t state = state_of (i);

      if (state != 0)
        events[count++] = (struct epoll_event){ .events = state, .data.ptr = watched[i].data };
    }
  watch_for_spinning (count > 0);
  return count;
}

int
__wrap_clock_gettime (clockid_t clock, struct timespec *now)
{
  (void) clock;
  now->tv_sec = net.now / 1000000000;
  now->tv_nsec = net.now % 1000000000;
  return 0;
}

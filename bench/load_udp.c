/* load_udp.c - requests in datagrams, so many outstanding on each of so many sockets. */
#include "load.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum
{
  BATCH = 64,          /* datagrams in one system call, and segments in one send */
  SEGMENT_MOST = 1472, /* of an Ethernet frame: larger ones gain nothing by segmentation */
  LOST_AFTER_MS = 200,
  LOOK_AFTER_MS = 50
};

/* One request that may be outstanding.  The numbers of slot i are first + i + a multiple of K: a
 * reply's number tells the slot, and none is used again. */
struct slot
{
  uint32_t number;
  uint32_t given_up; /* how many of its latest numbers were lost, it seems, and may come yet */
  uint32_t turn;     /* how many requests the socket had sent before */
  uint64_t due_at;   /* when it should have been sent */
  uint64_t sent_at;
  bool asked;
};

struct udp_socket
{
  int fd;
  uint32_t first;
  uint32_t turn, answered; /* of the next request; of the latest that was answered */
  uint32_t free;           /* slots not in use: the first of the list */
  uint32_t *free_slots;
  struct slot *slots;
};

struct udp
{
  struct run *run;
  struct udp_socket *sockets;
  uint32_t *free_slots; /* of all sockets */
  struct slot *slots;
  int epoll;
  int receive_flags;
  unsigned segments; /* that one send may carry; 1: the kernel has no UDP_SEGMENT */
  unsigned most;     /* datagrams to expect at once: looking for one more costs a look */
  unsigned next;     /* whose turn it is to send what is due */
  size_t room;       /* for one reply: a byte more than should come */
  char *in, *out;
  struct mmsghdr in_headers[BATCH], out_headers[BATCH];
  struct iovec in_pieces[BATCH], out_pieces[BATCH];
};

/* ---------------------------------------------------------------- sending -- */

static int
udp_send (struct udp *u, const struct udp_socket *s, unsigned count)
{
  size_t size = u->run->plan->size;
  unsigned messages = 0;
  unsigned sent = 0;

  for (unsigned i = 0; i < count; i += u->segments)
    {
      unsigned n = count - i < u->segments ? count - i : u->segments;

      u->out_pieces[messages++] = (struct iovec){ u->out + i * size, n * size };
    }
  while (sent < messages)
    {
      int n = sendmmsg (s->fd, u->out_headers + sent, messages - sent, 0);

      if (n == -1 && errno != EINTR)
        return run_fail_errno (u->run, "cannot send to the server");
      sent += n == -1 ? 0 : (unsigned) n;
    }
  return 0;
}

/* Sends what is due, as far as slots are free. */
static int
udp_ask (struct udp *u, struct udp_socket *s, uint64_t now)
{
  size_t size = u->run->plan->size;
  uint64_t due = run_due (u->run, now);

  while (s->free > 0 && due > 0)
    {
      unsigned count = 0;

      for (; s->free > 0 && due > 0 && count < BATCH; count++, due--)
        {
          struct slot *slot = &s->slots[s->free_slots[--s->free]];

          slot->asked = true;
          slot->turn = s->turn++;
          slot->sent_at = now;
          slot->due_at = run_take (u->run, now);
          text_write (u->out + count * size, size, slot->number);
        }
      if (udp_send (u, s, count) == -1)
        return -1;
    }
  return 0;
}

/* The slot may be used for another request. */
static void
udp_release (const struct udp *u, struct udp_socket *s, struct slot *slot)
{
  slot->asked = false;
  slot->number += u->run->plan->outstanding;
  s->free_slots[s->free++] = (uint32_t) (slot - s->slots);
}

/* -------------------------------------------------------------- receiving -- */

static void
udp_wrong (struct udp *u, const struct udp_socket *s, struct slot *slot, const char *got, size_t n)
{
  size_t size = u->run->plan->size;
  uint32_t number = text_number (got);
  uint32_t late = (slot->number - number) / u->run->plan->outstanding;
  unsigned which = (unsigned) (s - u->sockets);
  char words[128];

  if (n != size)
    {
      run_mismatch (u->run, "socket %u: %zu bytes came instead of %zu", which, n, size);
      return;
    }
  if (late > 0 && late <= slot->given_up && text_is_answer (got, size, number))
    {
      slot->given_up = late - 1;
      return;
    }
  if (slot->asked && slot->number == number)
    {
      char *want = u->out;

      text_write (want, size, number);
      for (size_t i = 0; i < size; i++)
        want[i] = (char) (want[i] - 'a' + 'A');
      text_difference (words, sizeof words, got, want, size);
      run_mismatch (u->run, "socket %u, request %u: %s", which, number - s->first, words);
      return;
    }
  text_show (words, sizeof words, got, n);
  run_mismatch (u->run, "socket %u: \"%s\" answers no request that is outstanding here", which,
                words);
}

static void
udp_reply (struct udp *u, struct udp_socket *s, const char *got, size_t n, uint64_t now)
{
  const struct plan *plan = u->run->plan;
  uint32_t number = text_number (got);
  struct slot *slot = &s->slots[(number - s->first) % plan->outstanding];

  if (n != plan->size || !slot->asked || slot->number != number || !text_is_answer (got, n, number))
    {
      udp_wrong (u, s, slot, got, n);
      return;
    }
  u->run->replies++;
  u->run->bytes += n;
  run_answered (u->run, slot->due_at, now);
  if ((int32_t) (slot->turn - s->answered) < 0)
    u->run->reordered++;
  s->answered = slot->turn;
  slot->given_up = 0;
  udp_release (u, s, slot);
}

/* Takes all replies that are there; *now is when the last of them came. */
static int
udp_receive (struct udp *u, struct udp_socket *s, uint64_t *now)
{
  int n;

  do
    {
      n = recvmmsg (s->fd, u->in_headers, u->most, u->receive_flags, NULL);
      *now = now_ns ();
      if (n == -1)
        return errno == EAGAIN || errno == EINTR ? 0 : run_fail_errno (u->run, "cannot receive");
      for (int i = 0; i < n; i++)
        udp_reply (u, s, u->in + (size_t) i * u->room, u->in_headers[i].msg_len, *now);
      if (!run_takes_turns (u->run) && udp_ask (u, s, *now) == -1)
        return -1;
    }
  while (n == BATCH);
  return 0;
}

/* ---------------------------------------------------------------- the run -- */

static void
udp_give_up_lost (struct udp *u, uint64_t now)
{
  const struct plan *plan = u->run->plan;

  for (unsigned i = 0; i < plan->connections; i++)
    for (unsigned j = 0; j < plan->outstanding; j++)
      {
        struct udp_socket *s = &u->sockets[i];
        struct slot *slot = &s->slots[j];

        if (!slot->asked || slot->sent_at + LOST_AFTER_MS * NS_PER_MS > now)
          continue;
        run_lost (u->run);
        slot->given_up++;
        udp_release (u, s, slot);
      }
}

/* All sockets in turn, beginning with the one after the last that had something to send. */
static int
udp_ask_all (struct udp *u, uint64_t now)
{
  unsigned n = u->run->plan->connections;

  for (unsigned i = 0; i < n && run_due (u->run, now) > 0; i++)
    {
      struct udp_socket *s = &u->sockets[u->next];

      u->next = (u->next + 1) % n;
      if (udp_ask (u, s, now) == -1)
        return -1;
    }
  return 0;
}

static int
udp_turn (struct udp *u, uint64_t *now)
{
  struct epoll_event events[EVENTS];
  int n;

  if ((u->receive_flags & MSG_DONTWAIT) == 0)
    return udp_receive (u, &u->sockets[0], now);
  n = run_wait (u->run, u->epoll, events);
  *now = now_ns ();
  for (int i = 0; i < n; i++)
    if (udp_receive (u, events[i].data.ptr, now) == -1)
      return -1;
  return run_takes_turns (u->run) ? udp_ask_all (u, *now) : 0;
}

static int
udp_run (struct udp *u)
{
  uint64_t now = now_ns ();
  uint64_t look_at = now + LOOK_AFTER_MS * NS_PER_MS;

  if (udp_ask_all (u, now) == -1)
    return -1;
  while (run_goes_on (u->run, now))
    {
      if (udp_turn (u, &now) == -1)
        return -1;
      if (now < look_at)
        continue;
      look_at = now + LOOK_AFTER_MS * NS_PER_MS;
      udp_give_up_lost (u, now);
      if (udp_ask_all (u, now) == -1)
        return -1;
    }
  return 0;
}

/* -------------------------------------------------------------- beginning -- */

static int
udp_open_one (struct udp *u, unsigned i)
{
  const struct plan *plan = u->run->plan;
  struct udp_socket *s = &u->sockets[i];
  struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = s };
  struct timeval patience = { .tv_usec = LOOK_AFTER_MS * 1000 };
  int segment = (int) plan->size;

  s->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (s->fd == -1)
    return run_fail_errno (u->run, "socket");
  if (connect (s->fd, (const struct sockaddr *) &plan->to, sizeof plan->to) == -1)
    return run_fail_errno (u->run, "connect");
  if (setsockopt (s->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == -1
      || epoll_ctl (u->epoll, EPOLL_CTL_ADD, s->fd, &event) == -1)
    return run_fail_errno (u->run, "socket");
  if (u->segments > 1
      && setsockopt (s->fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) == -1)
    u->segments = 1;
  s->first = i * UINT32_C (2654435761);
  s->slots = u->slots + (size_t) i * plan->outstanding;
  s->free_slots = u->free_slots + (size_t) i * plan->outstanding;
  for (uint32_t j = plan->outstanding; j-- > 0;)
    {
      s->slots[j].number = s->first + j;
      s->free_slots[s->free++] = j;
    }
  return 0;
}

static int
udp_open (struct udp *u)
{
  const struct plan *plan = u->run->plan;
  size_t slots = (size_t) plan->connections * plan->outstanding;

  u->room = plan->size + 1;
  u->in = malloc (BATCH * u->room);
  u->out = malloc (BATCH * plan->size);
  u->slots = calloc (slots, sizeof *u->slots);
  u->free_slots = calloc (slots, sizeof *u->free_slots);
  u->sockets = calloc (plan->connections, sizeof *u->sockets);
  if (u->in == NULL || u->out == NULL || u->slots == NULL || u->free_slots == NULL
      || u->sockets == NULL)
    return run_fail (u->run, "no memory for %zu requests", slots);
  for (unsigned i = 0; i < plan->connections; i++)
    u->sockets[i].fd = -1;
  for (unsigned i = 0; i < BATCH; i++)
    {
      u->in_pieces[i] = (struct iovec){ u->in + i * u->room, u->room };
      u->in_headers[i].msg_hdr = (struct msghdr){ .msg_iov = &u->in_pieces[i], .msg_iovlen = 1 };
      u->out_headers[i].msg_hdr = (struct msghdr){ .msg_iov = &u->out_pieces[i], .msg_iovlen = 1 };
    }
  u->most = plan->outstanding < BATCH ? plan->outstanding : BATCH;
  u->segments = plan->size <= SEGMENT_MOST ? BATCH : 1;
  if (u->segments * plan->size > UDP_SIZE_MOST)
    u->segments = (unsigned) (UDP_SIZE_MOST / plan->size);
  /* One socket alone needs no epoll: it waits in recvmmsg. */
  u->receive_flags = plan->connections == 1 && !run_takes_turns (u->run) && !plan->spin
                         ? MSG_WAITFORONE
                         : MSG_DONTWAIT;
  u->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (u->epoll == -1)
    return run_fail_errno (u->run, "epoll_create1");
  for (unsigned i = 0; i < plan->connections; i++)
    if (udp_open_one (u, i) == -1)
      return -1;
  return 0;
}

static void
udp_close (struct udp *u)
{
  for (unsigned i = 0; u->sockets != NULL && i < u->run->plan->connections; i++)
    if (u->sockets[i].fd != -1)
      close (u->sockets[i].fd);
  if (u->epoll != -1)
    close (u->epoll);
  free (u->in);
  free (u->out);
  free (u->slots);
  free (u->free_slots);
  free (u->sockets);
}

int
udp_echo (struct run *run)
{
  struct udp u = { .run = run, .epoll = -1 };
  int status = udp_open (&u);

  if (status == 0)
    status = run_begin (run, run->plan);
  if (status == 0)
    status = udp_run (&u);
  udp_close (&u);
  return status;
}

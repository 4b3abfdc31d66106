/* link_queue.h - packets that are on their way: each comes out when it is due, and of those that
 * are due at the same time the one that went in first. */
#ifndef PL_HOST_LINK_QUEUE_H
#define PL_HOST_LINK_QUEUE_H

#include "observe/fate.h"
#include "protolab.h"

enum
{
  LINK_QUEUE_PACKETS = 4096,     /* that may be on their way at one time */
  LINK_QUEUE_BYTES = 8 * 1048576 /* and what they may hold */
};

struct door;
struct flow;

/* The queue keeps due, order, place and size. */
struct packet
{
  int64_t due;          /* nanoseconds, as loop_now */
  int64_t ready;        /* when it would be due if nothing held it back */
  uint64_t order;       /* among those that are due at the same time */
  size_t place;         /* in the heap, from 1; 0: it is not there */
  struct flow *flow;    /* that holds it back; NULL: none does */
  struct packet *below; /* that is held back too, and came before it */
  struct door *door;    /* that it came in at, or goes out by */
  struct fate fate;
  struct pl_address peer, local;
  bool truncated; /* on its way to us, by the host */
  size_t size;
  uint8_t bytes[]; /* PL_PADDING more may be read */
};

/* All zero: empty. */
struct link_queue
{
  struct packet **heap; /* heap[0] is the next */
  size_t count, bytes;
  uint64_t last_order;
};

/* 0, or -1: no memory. */
int link_queue_begin (struct link_queue *queue);
void link_queue_end (struct link_queue *queue);

/* Whether so many packets, of n bytes each, can go in. */
bool link_queue_has_room (const struct link_queue *queue, unsigned count, size_t n);

/* Takes a copy of n bytes in, due then; the caller fills in the rest.  NULL: there is no room for
 * it, or no memory. */
struct packet *link_queue_add (struct link_queue *queue, const uint8_t *data, size_t n,
                               int64_t due);

/* NULL: none is on its way. */
struct packet *link_queue_next (const struct link_queue *queue);

/* It is due at another time, behind those that are due then already. */
void link_queue_move (struct link_queue *queue, struct packet *packet, int64_t due);

/* Takes it out; it is the caller's to free. */
void link_queue_take (struct link_queue *queue, struct packet *packet);

/* Frees what came in at that door or was to go out by it. */
void link_queue_forget (struct link_queue *queue, const struct door *door);

#endif

#include "host/link_queue.h"

#include <stdlib.h>

int
link_queue_begin (struct link_queue *queue)
{
  queue->heap = malloc (LINK_QUEUE_PACKETS * sizeof *queue->heap);
  return queue->heap == NULL ? -1 : 0;
}

void
link_queue_end (struct link_queue *queue)
{
  for (size_t i = 0; i < queue->count; i++)
    free (queue->heap[i]);
  free (queue->heap);
  *queue = (struct link_queue){ 0 };
}

static bool
is_before (const struct packet *a, const struct packet *b)
{
  return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void
put (struct link_queue *queue, size_t at, struct packet *packet)
{
  queue->heap[at] = packet;
  packet->place = at + 1;
}

/* Moves a packet from a free place to where it belongs. */
static void
settle (struct link_queue *queue, size_t at, struct packet *packet)
{
  while (at > 0 && is_before (packet, queue->heap[(at - 1) / 2]))
    {
      put (queue, at, queue->heap[(at - 1) / 2]);
      at = (at - 1) / 2;
    }
  for (;;)
    {
      size_t child = 2 * at + 1;

      if (child + 1 < queue->count && is_before (queue->heap[child + 1], queue->heap[child]))
        child++;
      if (child >= queue->count || !is_before (queue->heap[child], packet))
        break;
      put (queue, at, queue->heap[child]);
      at = child;
    }
  put (queue, at, packet);
}

bool
link_queue_has_room (const struct link_queue *queue, unsigned count, size_t n)
{
  return queue->count + count <= LINK_QUEUE_PACKETS && queue->bytes + count * n <= LINK_QUEUE_BYTES;
}

struct packet *
link_queue_add (struct link_queue *queue, const uint8_t *data, size_t n, int64_t due)
{
  struct packet *packet;

  if (!link_queue_has_room (queue, 1, n))
    return NULL;
  packet = malloc (sizeof *packet + n + PL_PADDING);
  if (packet == NULL)
    return NULL;
  *packet = (struct packet){ .due = due, .ready = due, .order = ++queue->last_order, .size = n };
  if (n > 0)
    memcpy (packet->bytes, data, n);
  queue->bytes += n;
  queue->count++;
  settle (queue, queue->count - 1, packet);
  return packet;
}

struct packet *
link_queue_next (const struct link_queue *queue)
{
  return queue->count == 0 ? NULL : queue->heap[0];
}

void
link_queue_move (struct link_queue *queue, struct packet *packet, int64_t due)
{
  packet->due = due;
  packet->order = ++queue->last_order;
  settle (queue, packet->place - 1, packet);
}

void
link_queue_take (struct link_queue *queue, struct packet *packet)
{
  size_t at = packet->place - 1;
  struct packet *last = queue->heap[--queue->count];

  queue->bytes -= packet->size;
  packet->place = 0;
  if (last != packet)
    settle (queue, at, last);
}

void
link_queue_forget (struct link_queue *queue, const struct door *door)
{
  size_t count = queue->count;

  queue->count = queue->bytes = 0;
  for (size_t i = 0; i < count; i++)
    {
      struct packet *packet = queue->heap[i];

      if (packet->door == door)
        {
          free (packet);
          continue;
        }
      /* No more than i stand in the heap yet. */
      queue->bytes += packet->size;
      settle (queue, queue->count++, packet);
    }
}

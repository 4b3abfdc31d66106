/* link_queue_test.c - packets on their way: the order in which they come out, and how many may
 * be there. */
#include "host/link_queue.h"
#include "unit.h"

/* Takes the next one out and returns its first byte; -1: there is none. */
static int
come_out (struct link_queue *queue)
{
  struct packet *packet = link_queue_next (queue);
  int byte;

  if (packet == NULL)
    return -1;
  link_queue_take (queue, packet);
  byte = packet->bytes[0];
  free (packet);
  return byte;
}

static struct packet *
go_in (struct link_queue *queue, uint8_t byte, int64_t due)
{
  struct packet *packet = link_queue_add (queue, &byte, 1, due);

  assert_non_null (packet);
  return packet;
}

static void
order_of_time (void **state)
{
  struct link_queue queue = { 0 };
  int64_t last = -1;
  size_t left = LINK_QUEUE_PACKETS;

  (void) state;
  assert_int_equal (link_queue_begin (&queue), 0);
  assert_null (link_queue_next (&queue));
  srand (1);
  for (size_t i = 0; i < LINK_QUEUE_PACKETS; i++)
    go_in (&queue, 0, rand () % 5000);
  for (struct packet *next; (next = link_queue_next (&queue)) != NULL; left--)
    {
      assert_true (next->due >= last);
      last = next->due;
      link_queue_take (&queue, next);
      free (next);
    }
  assert_int_equal (left, 0);
  assert_int_equal (queue.bytes, 0);
  link_queue_end (&queue);
}

/* Of those that are due at the same time the first one that went in, or was moved there. */
static void
order_of_coming (void **state)
{
  struct link_queue queue = { 0 };
  struct packet *moved;

  (void) state;
  link_queue_begin (&queue);
  moved = go_in (&queue, 0, 7);
  for (uint8_t i = 1; i < 200; i++)
    go_in (&queue, i, 7);
  link_queue_move (&queue, moved, 7);
  moved = go_in (&queue, 200, 99);
  go_in (&queue, 201, 7);
  link_queue_move (&queue, moved, 6);
  assert_int_equal (come_out (&queue), 200);
  for (int i = 1; i < 200; i++)
    assert_int_equal (come_out (&queue), i);
  assert_int_equal (come_out (&queue), 0);
  assert_int_equal (come_out (&queue), 201);
  assert_int_equal (come_out (&queue), -1);
  link_queue_end (&queue);
}

static void
from_the_middle (void **state)
{
  struct link_queue queue = { 0 };
  struct packet *packets[100];

  (void) state;
  link_queue_begin (&queue);
  for (uint8_t i = 0; i < 100; i++)
    packets[i] = go_in (&queue, i, (i * 37) % 100);
  for (int i = 0; i < 100; i += 3)
    {
      link_queue_take (&queue, packets[i]);
      free (packets[i]);
    }
  for (int due = 0; due < 100; due++)
    for (int i = 0; i < 100; i++)
      if ((i * 37) % 100 == due && i % 3 != 0)
        assert_int_equal (come_out (&queue), i);
  assert_int_equal (come_out (&queue), -1);
  link_queue_end (&queue);
}

static void
bounds (void **state)
{
  static uint8_t bytes[65507];
  struct link_queue queue = { 0 };
  size_t count = 0;

  (void) state;
  link_queue_begin (&queue);
  for (int i = 0; i < LINK_QUEUE_PACKETS; i++)
    {
      assert_true (link_queue_has_room (&queue, 1, 1));
      go_in (&queue, 0, i);
    }
  assert_false (link_queue_has_room (&queue, 1, 0));
  assert_null (link_queue_add (&queue, bytes, 0, 0));
  come_out (&queue);
  assert_true (link_queue_has_room (&queue, 1, 1));
  assert_false (link_queue_has_room (&queue, 2, 1));
  while (come_out (&queue) != -1)
    continue;
  while (link_queue_add (&queue, bytes, sizeof bytes, 0) != NULL)
    count++;
  assert_int_equal (count, LINK_QUEUE_BYTES / sizeof bytes);
  assert_true (link_queue_has_room (&queue, 1, 1));
  assert_false (link_queue_has_room (&queue, 1, sizeof bytes));
  link_queue_end (&queue);
}

static void
doors_are_forgotten (void **state)
{
  struct link_queue queue = { 0 };
  struct door *const one = (struct door *) &queue, *const other = NULL;

  (void) state;
  link_queue_begin (&queue);
  for (uint8_t i = 0; i < 100; i++)
    go_in (&queue, i, (i * 37) % 100)->door = i % 3 == 0 ? one : other;
  link_queue_forget (&queue, one);
  assert_int_equal (queue.count, 66);
  assert_int_equal (queue.bytes, 66);
  for (int due = 0; due < 100; due++)
    for (int i = 0; i < 100; i++)
      if ((i * 37) % 100 == due && i % 3 != 0)
        assert_int_equal (come_out (&queue), i);
  link_queue_end (&queue);
}

UNIT_MAIN (cmocka_unit_test (order_of_time), cmocka_unit_test (order_of_coming),
           cmocka_unit_test (from_the_middle), cmocka_unit_test (bounds),
           cmocka_unit_test (doors_are_forgotten))

/* The host's small parts: buffers, timers, the loop, addresses. */
#include "host/address.h"
#include "host/buffer.h"
#include "host/loop.h"
#include "host/timers.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
buffer_keeps_order (void **state)
{
  struct buffer buffer = { 0 };
  uint8_t put = 0, taken = 0;

  (void) state;
  for (int round = 0; round < 2000; round++)
    {
      for (int i = 0; i < round % 97; i++, put++)
        assert_int_equal (buffer_append (&buffer, &put, 1), 0);
      for (int i = 0; i < round % 89 && buffer_size (&buffer) > 0; i++, taken++)
        {
          assert_int_equal (*buffer_bytes (&buffer), taken);
          buffer_take (&buffer, 1);
        }
    }
  buffer_free (&buffer);
}

static void
empty_buffer_holds_nothing (void **state)
{
  struct buffer buffer = { 0 };

  (void) state;
  assert_int_equal (buffer_append (&buffer, "abc", 3), 0);
  buffer_take (&buffer, 3);
  assert_null (buffer.data);
  assert_int_equal (buffer.capacity, 0);
}

static void
timers_come_in_order (void **state)
{
  enum
  {
    COUNT = 500
  };
  static struct timer timer[COUNT];
  struct timers timers = { 0 };
  int64_t last = -1;
  size_t left = 0;

  (void) state;
  srand (1);
  for (size_t i = 0; i < COUNT; i++)
    assert_int_equal (timers_set (&timers, &timer[i], rand () % 1000), 0);
  for (size_t i = 0; i < COUNT; i += 3)
    timers_set (&timers, &timer[i], rand () % 1000);
  for (size_t i = 0; i < COUNT; i += 5)
    timers_clear (&timers, &timer[i]);
  timers_clear (&timers, &timer[0]);
  for (struct timer *next; (next = timers_next (&timers)) != NULL; left++)
    {
      assert_true (next->due >= last);
      last = next->due;
      timers_clear (&timers, next);
    }
  assert_int_equal (left, COUNT - COUNT / 5);
  timers_free (&timers);
}

struct round
{
  struct loop *loop;
  struct watch watch;
  struct timer timer;
  int seen, after;
};

static void
readable (struct watch *watch, unsigned events)
{
  struct round *round = (struct round *) ((char *) watch - offsetof (struct round, watch));
  char byte;

  assert_int_equal (events & PL_READABLE, PL_READABLE);
  assert_int_equal (read (watch->fd, &byte, 1), 1);
  round->seen++;
  loop_forget (round->loop, watch);
  loop_timer (round->loop, &round->timer, loop_now (round->loop) + 1000000);
}

static void
fired (struct timer *timer)
{
  struct round *round = (struct round *) ((char *) timer - offsetof (struct round, timer));

  round->seen += 10;
  loop_stop (round->loop);
}

static void
after (void *self)
{
  struct round *round = self;

  round->after++;
}

static void
loop_sees_descriptors_and_timers (void **state)
{
  struct round round = { .loop = loop_new () };
  int ends[2];

  (void) state;
  assert_non_null (round.loop);
  assert_int_equal (pipe (ends), 0);
  round.watch.fd = ends[0];
  round.watch.ready = readable;
  round.timer.fire = fired;
  loop_after_round (round.loop, after, &round);
  assert_int_equal (loop_watch (round.loop, &round.watch, PL_READABLE), 0);
  assert_int_equal (write (ends[1], "x", 1), 1);
  assert_int_equal (loop_run (round.loop), 0);
  assert_int_equal (round.seen, 11);
  assert_true (round.after >= 2);
  loop_free (round.loop);
  close (ends[0]);
  close (ends[1]);
}

static void
addresses (void **state)
{
  struct pl_address list[ADDRESSES_MAX];
  char error[256] = "", text[ADDRESS_TEXT];

  (void) state;
  assert_int_equal (address_resolve ("127.0.0.1", 12000, false, list, error, sizeof error), 1);
  assert_string_equal (address_text (&list[0], text), "127.0.0.1:12000");
  assert_int_equal (address_port (&list[0]), 12000);
  assert_false (address_is_any (&list[0]));
  assert_int_equal (address_resolve ("::1", 7, false, list, error, sizeof error), 1);
  assert_string_equal (address_text (&list[0], text), "[::1]:7");
  assert_int_equal (address_resolve ("::", 7, true, list, error, sizeof error), 1);
  assert_true (address_is_any (&list[0]));
  assert_int_equal (address_resolve ("no such name", 7, true, list, error, sizeof error), 0);
  assert_string_not_equal (error, "");
}

UNIT_MAIN (cmocka_unit_test (buffer_keeps_order), cmocka_unit_test (empty_buffer_holds_nothing),
           cmocka_unit_test (timers_come_in_order),
           cmocka_unit_test (loop_sees_descriptors_and_timers), cmocka_unit_test (addresses))

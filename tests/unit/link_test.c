/* link_test.c - what becomes of each packet: for ever the same, and in the shares that the lab
 * asks for. */
#include "host/link.h"
#include "host/siphash.h"
#include "lab/script.h"
#include "unit.h"

enum
{
  MANY = 100000,
  SIGMAS = 5 /* a fair die misses this once in 1.7 million times; ours fall the same for ever */
};

static struct lab_link
plain (void)
{
  return (struct lab_link){ .seed = 7, .direction = LAB_BOTH };
}

static struct lab_link
all_kinds (void)
{
  struct lab_link link = plain ();

  link.loss = 0.2;
  link.duplicate = 0.2;
  link.corrupt = 0.2;
  link.truncate = 0.2;
  link.reorder = 0.2;
  link.delay_ms = 20;
  link.jitter_ms = 5;
  return link;
}

static void
add_event (struct lab_link *link, const char *line)
{
  struct script_problem problem;

  if (script_read (line, &link->script[link->script_count++], &problem) == -1)
    fail_msg ("%s: %s", line, problem.message);
}

static void
same_fate (const struct fate *a, const struct fate *b)
{
  assert_int_equal (a->what, b->what);
  assert_int_equal (a->scripted, b->scripted);
  assert_int_equal (a->direction, b->direction);
  assert_int_equal (a->flow, b->flow);
  assert_int_equal (a->index, b->index);
  assert_int_equal (a->delay, b->delay);
  assert_int_equal (a->bit, b->bit);
  assert_int_equal (a->kept, b->kept);
}

/* ------------------------------------------------------------------- the hash -- */

/* By another's implementation: openssl mac -macopt hexkey:000102...0f -macopt size:8 SIPHASH, of
 * the bytes 0, 1, 2, ... */
static void
hash_is_siphash (void **state)
{
  const uint64_t key[2] = { 0x0706050403020100u, 0x0f0e0d0c0b0a0908u };
  const uint64_t words[4]
      = { 0x0706050403020100u, 0x0f0e0d0c0b0a0908u, 0x1716151413121110u, 0x1f1e1d1c1b1a1918u };

  (void) state;
  assert_true (siphash (key, words, 0) == 0x726fdb47dd0e0e31u);
  assert_true (siphash (key, words, 1) == 0x93f5f5799a932462u);
  assert_true (siphash (key, words, 2) == 0x3f2acc7f57c29bdbu);
  assert_true (siphash (key, words, 4) == 0x7127512f72f27cceu);
}

/* -------------------------------------------------------------------- the same -- */

/* What seed 7 means, for ever: whoever must change this table changes every lab that has a seed. */
static const char golden[] = "1 in 1: dropped\n"
                             "1 in 2: dropped\n"
                             "1 in 3: delayed 23.192 ms\n"
                             "1 in 4: cut to 3 bytes, delayed 23.482 ms\n"
                             "1 in 5: delayed 20.797 ms\n"
                             "1 in 6: delayed 19.559 ms\n"
                             "1 in 7: cut to 36 bytes, delayed 19.669 ms\n"
                             "1 in 8: dropped\n"
                             "1 in 9: delayed 24.531 ms\n"
                             "1 in 10: delayed 20.106 ms\n"
                             "1 out 1: cut to 86 bytes, delayed 17.179 ms\n"
                             "1 out 2: cut to 57 bytes, delayed 20.935 ms\n"
                             "1 out 3: dropped\n"
                             "1 out 4: cut to 62 bytes, delayed 23.781 ms\n"
                             "1 out 5: duplicated, corrupted bit 486, delayed 23.102 ms\n"
                             "1 out 6: corrupted bit 344, delayed 19.301 ms\n"
                             "1 out 7: delayed 15.618 ms\n"
                             "1 out 8: corrupted bit 791, delayed 23.472 ms\n"
                             "1 out 9: corrupted bit 145, delayed 19.077 ms\n"
                             "1 out 10: dropped\n"
                             "2 in 1: delayed 20.417 ms\n"
                             "2 in 2: delayed 21.109 ms\n"
                             "2 in 3: duplicated, cut to 11 bytes, delayed 20.328 ms\n"
                             "2 in 4: dropped\n"
                             "2 in 5: duplicated, delayed 24.156 ms\n"
                             "2 in 6: dropped\n"
                             "2 in 7: delayed 22.881 ms\n"
                             "2 in 8: delayed 20.495 ms\n"
                             "2 in 9: corrupted bit 706, delayed 24.43 ms\n"
                             "2 in 10: delayed 18.716 ms\n"
                             "2 out 1: delayed 24.644 ms\n"
                             "2 out 2: cut to 76 bytes, delayed 23.678 ms\n"
                             "2 out 3: duplicated, delayed 16.653 ms\n"
                             "2 out 4: dropped\n"
                             "2 out 5: delayed 20.073 ms, overtaken by the next\n"
                             "2 out 6: duplicated, delayed 21.378 ms\n"
                             "2 out 7: corrupted bit 477, delayed 15.665 ms\n"
                             "2 out 8: delayed 22.504 ms, overtaken by the next\n"
                             "2 out 9: delayed 16.061 ms\n"
                             "2 out 10: duplicated, delayed 24.105 ms\n";

static void
seed_means_what_it_meant (void **state)
{
  struct lab_link link = all_kinds ();
  char *text = NULL;
  size_t size;
  FILE *to = open_memstream (&text, &size);

  (void) state;
  for (uint64_t flow = 1; flow <= 2; flow++)
    for (int direction = 0; direction < 2; direction++)
      for (uint64_t index = 1; index <= 10; index++)
        {
          struct fate fate = link_fate (&link, (enum direction) direction, flow, index, 100);
          char words[FATE_TEXT];

          fprintf (to, "%d %s %d: %s\n", (int) flow, direction == DIRECTION_IN ? "in" : "out",
                   (int) index, fate_text (&fate, words));
        }
  fclose (to);
  assert_string_equal (text, golden);
  free (text);
}

static void
nothing_else_counts (void **state)
{
  struct lab_link link = all_kinds ();
  unsigned different = 0;

  (void) state;
  /* Forwards and backwards, and others in between. */
  for (uint64_t i = 1; i <= 1000; i++)
    {
      struct fate before = link_fate (&link, DIRECTION_IN, 3, i, 50), after;

      link_fate (&link, DIRECTION_OUT, i, 1001 - i, 7);
      after = link_fate (&link, DIRECTION_IN, 3, i, 50);
      same_fate (&before, &after);
    }
  /* Seed, direction, flow and index each count. */
  for (uint64_t i = 1; i <= 1000; i++)
    {
      struct lab_link other = link;

      other.seed = 8;
      different += link_fate (&link, DIRECTION_IN, 3, i, 50).what
                   != link_fate (&other, DIRECTION_IN, 3, i, 50).what;
      different += link_fate (&link, DIRECTION_IN, 3, i, 50).what
                   != link_fate (&link, DIRECTION_OUT, 3, i, 50).what;
      different += link_fate (&link, DIRECTION_IN, 3, i, 50).what
                   != link_fate (&link, DIRECTION_IN, 4, i, 50).what;
      different += link_fate (&link, DIRECTION_IN, 3, i, 50).what
                   != link_fate (&link, DIRECTION_IN, 3, i + 1, 50).what;
    }
  assert_in_range (different, 2000, 3999);
}

/* Another share of one kind, and other kinds stay where they are. */
static void
kinds_are_independent (void **state)
{
  struct lab_link link = all_kinds (), other;

  (void) state;
  for (int kind = 0; kind < 5; kind++)
    {
      static const unsigned bits[]
          = { FATE_DROP, FATE_DUPLICATE, FATE_CORRUPT, FATE_TRUNCATE, FATE_REORDER };

      other = link;
      *(double *[]){ &other.loss, &other.duplicate, &other.corrupt, &other.truncate,
                     &other.reorder }[kind]
          = 0.7;
      for (uint64_t i = 1; i <= 2000; i++)
        {
          struct fate a = link_fate (&link, DIRECTION_OUT, 1, i, 300);
          struct fate b = link_fate (&other, DIRECTION_OUT, 1, i, 300);

          /* What was lost meets nothing else. */
          if (b.what == FATE_DROP || a.what == FATE_DROP)
            {
              assert_true (b.what == FATE_DROP);
              continue;
            }
          assert_int_equal (a.what & ~bits[kind], b.what & ~bits[kind]);
          assert_int_equal (a.what & bits[kind] & ~b.what, 0);
          assert_int_equal (a.delay, b.delay);
        }
    }
}

/* The plan is made before there are packets. */
static void
size_changes_details_only (void **state)
{
  struct lab_link link = all_kinds ();

  (void) state;
  for (uint64_t i = 1; i <= 2000; i++)
    {
      struct fate plan = link_fate (&link, DIRECTION_IN, 1, i, FATE_ANY);

      for (size_t size = 0; size < 65508; size = size * 3 + 1)
        {
          struct fate fate = link_fate (&link, DIRECTION_IN, 1, i, size);

          assert_int_equal (plan.what, fate.what);
          assert_int_equal (plan.delay, fate.delay);
          if (!(fate.what & FATE_TRUNCATE))
            assert_true (fate.kept == FATE_ANY);
          else
            assert_true (size == 0 ? fate.kept == 0 : fate.kept < size);
          if ((fate.what & FATE_CORRUPT) && fate.bit != FATE_ANY)
            assert_true (fate.bit < 8 * (fate.what & FATE_TRUNCATE ? fate.kept : size));
          else
            assert_true (fate.bit == FATE_ANY);
        }
      assert_true (plan.bit == FATE_ANY && plan.kept == FATE_ANY);
    }
}

/* ------------------------------------------------------------------- the shares -- */

/* Of so many, each with that probability: within SIGMAS standard deviations of what is expected. */
static void
share (unsigned count, unsigned many, double wanted)
{
  double variance = many * wanted * (1 - wanted), off = count - many * wanted;

  if (off * off > SIGMAS * SIGMAS * variance)
    fail_msg ("%u of %u, and %g of them were wanted", count, many, wanted);
}

static void
shares_are_kept (void **state)
{
  static const double wanted[] = { 0, 0.001, 0.01, 0.3, 0.5, 0.99, 1 };

  (void) state;
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
    {
      struct lab_link link = plain ();
      unsigned lost = 0, others[4] = { 0 };

      link.loss = wanted[i];
      for (uint64_t n = 1; n <= MANY; n++)
        lost += link_fate (&link, DIRECTION_IN, 1, n, 10).what == FATE_DROP;
      share (lost, MANY, wanted[i]);
      link.loss = 0;
      link.duplicate = link.corrupt = link.truncate = link.reorder = wanted[i];
      for (uint64_t n = 1; n <= MANY; n++)
        {
          unsigned what = link_fate (&link, DIRECTION_IN, 1, n, 10).what;

          others[0] += (what & FATE_DUPLICATE) != 0;
          others[1] += (what & FATE_CORRUPT) != 0;
          others[2] += (what & FATE_TRUNCATE) != 0;
          others[3] += (what & FATE_REORDER) != 0;
        }
      for (int kind = 0; kind < 4; kind++)
        share (others[kind], MANY, wanted[i]);
    }
}

/* Two kinds, two directions, two flows, two seeds, two neighbours: one says nothing of the other.
 */
static void
dice_are_independent (void **state)
{
  struct lab_link link = plain (), next;
  unsigned both[6] = { 0 };

  (void) state;
  link.duplicate = link.corrupt = 0.3;
  next = link;
  next.seed++;
  for (uint64_t n = 1; n <= MANY; n++)
    {
      unsigned what = link_fate (&link, DIRECTION_IN, 1, n, 10).what;

      if (!(what & FATE_DUPLICATE))
        continue;
      both[0] += (what & FATE_CORRUPT) != 0;
      both[1] += (link_fate (&link, DIRECTION_OUT, 1, n, 10).what & FATE_DUPLICATE) != 0;
      both[2] += (link_fate (&link, DIRECTION_IN, 2, n, 10).what & FATE_DUPLICATE) != 0;
      both[3] += (link_fate (&next, DIRECTION_IN, 1, n, 10).what & FATE_DUPLICATE) != 0;
      both[4] += (link_fate (&link, DIRECTION_IN, 1, n + 1, 10).what & FATE_DUPLICATE) != 0;
      both[5] += (link_fate (&link, DIRECTION_IN, n, 1, 10).what & FATE_DUPLICATE) != 0;
    }
  for (int i = 0; i < 6; i++)
    share (both[i], MANY, 0.09);
}

static void
details_are_uniform (void **state)
{
  struct lab_link link = plain ();
  unsigned bits[80] = { 0 }, kept[10] = { 0 };

  (void) state;
  link.corrupt = 1;
  for (uint64_t n = 1; n <= MANY; n++)
    bits[link_fate (&link, DIRECTION_IN, 1, n, 10).bit]++;
  link.corrupt = 0;
  link.truncate = 1;
  for (uint64_t n = 1; n <= MANY; n++)
    kept[link_fate (&link, DIRECTION_IN, 1, n, 10).kept]++;
  for (int i = 0; i < 80; i++)
    share (bits[i], MANY, 1 / 80.0);
  for (int i = 0; i < 10; i++)
    share (kept[i], MANY, 1 / 10.0);
}

static void
jitter_is_around_the_delay (void **state)
{
  struct lab_link link = plain ();
  unsigned below = 0, near = 0;

  (void) state;
  link.delay_ms = 20;
  link.jitter_ms = 5;
  for (uint64_t n = 1; n <= MANY; n++)
    {
      struct fate fate = link_fate (&link, DIRECTION_IN, 1, n, 10);

      assert_in_range (fate.delay, 15000000, 25000000);
      assert_int_equal (fate.what, FATE_DELAY);
      below += fate.delay < 20000000;
      near += fate.delay >= 19000000 && fate.delay < 21000000;
      assert_in_range (link_stream_delay (&link, DIRECTION_IN, 1, n), 15000000, 25000000);
    }
  share (below, MANY, 5000 / 10001.0);
  share (near, MANY, 2000 / 10001.0);
  /* A delay is never less than none. */
  link.delay_ms = 0;
  below = 0;
  for (uint64_t n = 1; n <= MANY; n++)
    {
      struct fate fate = link_fate (&link, DIRECTION_IN, 1, n, 10);

      assert_in_range (fate.delay, 0, 5000000);
      below += fate.what == 0;
    }
  share (below, MANY, 5001 / 10001.0);
}

/* ------------------------------------------------------------------- the script -- */

static struct fate
in_fate (const struct lab_link *link, uint64_t index)
{
  return link_fate (link, DIRECTION_IN, 5, index, 100);
}

static void
script_decides (void **state)
{
  struct lab_link link = plain ();

  (void) state;
  link.loss = 1;
  add_event (&link, "duplicate 2-4 in");
  add_event (&link, "delay 4 in 300ms");
  add_event (&link, "truncate every 10 in 5");
  add_event (&link, "corrupt 20 in");
  add_event (&link, "drop 40 in");
  add_event (&link, "reorder 41 in");
  for (uint64_t i = 1; i <= 50; i++)
    {
      struct fate fate = in_fate (&link, i);
      unsigned what = (i >= 2 && i <= 4 ? FATE_DUPLICATE : 0) | (i == 4 ? FATE_DELAY : 0)
                      | (i % 10 == 0 ? FATE_TRUNCATE : 0) | (i == 20 ? FATE_CORRUPT : 0)
                      | (i == 41 ? FATE_REORDER : 0);

      assert_int_equal (fate.scripted, what != 0);
      assert_int_equal (fate.what, what == 0 || i == 40 ? FATE_DROP : what);
      assert_int_equal (fate.delay, i == 4 ? 300000000 : 0);
      assert_true (fate.kept == (i % 10 == 0 && i != 40 ? 5 : FATE_ANY));
      assert_true (i == 20 ? fate.bit < 40 : fate.bit == FATE_ANY);
      /* For every flow, and in its direction alone. */
      assert_int_equal (link_fate (&link, DIRECTION_IN, 77, i, 100).what, fate.what);
      assert_int_equal (link_fate (&link, DIRECTION_OUT, 5, i, 100).what, FATE_DROP);
    }
}

static void
script_and_delay (void **state)
{
  struct lab_link link = plain ();

  (void) state;
  link.delay_ms = 20;
  link.jitter_ms = 20;
  add_event (&link, "duplicate 1 in");
  add_event (&link, "delay 2 in 7ms");
  /* No dice for what the script has: the lab's delay as it is, or the script's. */
  assert_int_equal (in_fate (&link, 1).delay, 20000000);
  assert_int_equal (in_fate (&link, 2).delay, 7000000);
  assert_int_not_equal (in_fate (&link, 3).delay, 20000000);
}

static void
directions (void **state)
{
  struct lab_link link = plain ();

  (void) state;
  link.loss = 1;
  link.delay_ms = 1;
  assert_true (link_meets (&link, DIRECTION_IN) && link_meets (&link, DIRECTION_OUT));
  link.direction = LAB_OUT;
  assert_false (link_meets (&link, DIRECTION_IN));
  assert_false (link_covers (&link, DIRECTION_IN));
  assert_int_equal (in_fate (&link, 1).what, 0);
  assert_int_equal (link_fate (&link, DIRECTION_OUT, 5, 1, 100).what, FATE_DROP);
  /* A line of the script names its direction itself. */
  add_event (&link, "duplicate 2 in");
  assert_true (link_meets (&link, DIRECTION_IN));
  assert_false (link_covers (&link, DIRECTION_IN));
  assert_int_equal (in_fate (&link, 1).what, 0);
  assert_int_equal (in_fate (&link, 2).what, FATE_DUPLICATE);
  assert_int_equal (in_fate (&link, 2).delay, 0);
  link.direction = LAB_IN;
  assert_false (link_meets (&link, DIRECTION_OUT));
  assert_int_equal (in_fate (&link, 1).what, FATE_DROP);
}

/* ----------------------------------------------------------------------- words -- */

static void
texts (void **state)
{
  static const struct
  {
    struct fate fate;
    const char *text;
  } rows[] = {
    { { .what = 0 }, "passed" },
    { { .what = 0, .scripted = true }, "passed" },
    { { .what = FATE_DROP }, "dropped" },
    { { .what = FATE_DROP, .scripted = true }, "dropped (script)" },
    { { .what = FATE_CROWDED }, "dropped: too many wait in the link" },
    { { .what = FATE_DELAY, .delay = 20000000 }, "delayed 20 ms" },
    { { .what = FATE_DELAY, .delay = 19250000 }, "delayed 19.25 ms" },
    { { .what = FATE_DELAY, .delay = 1 }, "delayed 0.000001 ms" },
    { { .what = FATE_CORRUPT, .bit = 13 }, "corrupted bit 13" },
    { { .what = FATE_CORRUPT, .bit = FATE_ANY }, "corrupted" },
    { { .what = FATE_TRUNCATE, .kept = 1 }, "cut to 1 byte" },
    { { .what = FATE_TRUNCATE, .kept = FATE_ANY }, "cut" },
    { { .what = FATE_DUPLICATE | FATE_CORRUPT | FATE_TRUNCATE | FATE_DELAY | FATE_REORDER,
        .scripted = true,
        .bit = 524055,
        .kept = 65506,
        .delay = 3600000999999 },
      "duplicated, cut to 65506 bytes, corrupted bit 524055, delayed 3600000.999999 ms,"
      " overtaken by the next (script)" },
  };
  char text[FATE_TEXT];

  (void) state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    assert_string_equal (fate_text (&rows[i].fate, text), rows[i].text);
}

static void
passing_time (void **state)
{
  struct lab_link link = plain ();

  (void) state;
  assert_int_equal (link_passing_time (&link, 1000), 0);
  link.rate_kbps = 64;
  assert_int_equal (link_passing_time (&link, 8000), 1000000000);
  assert_int_equal (link_passing_time (&link, 0), 0);
  link.rate_kbps = 1;
  assert_int_equal (link_passing_time (&link, 65507), INT64_C (524056000000));
  link.rate_kbps = 1000000000;
  assert_int_equal (link_passing_time (&link, 65507), 524);
}

UNIT_MAIN (cmocka_unit_test (hash_is_siphash), cmocka_unit_test (seed_means_what_it_meant),
           cmocka_unit_test (nothing_else_counts), cmocka_unit_test (kinds_are_independent),
           cmocka_unit_test (size_changes_details_only), cmocka_unit_test (shares_are_kept),
           cmocka_unit_test (dice_are_independent), cmocka_unit_test (details_are_uniform),
           cmocka_unit_test (jitter_is_around_the_delay), cmocka_unit_test (script_decides),
           cmocka_unit_test (script_and_delay), cmocka_unit_test (directions),
           cmocka_unit_test (texts), cmocka_unit_test (passing_time))

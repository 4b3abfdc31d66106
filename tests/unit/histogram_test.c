/* histogram_test.c - quantiles are right to within 1/128, and never beyond the maximum. */
#include "../../bench/histogram.h"
#include "unit.h"

static struct histogram h;

static void
nothing_added (void **state)
{
  (void) state;
  memset (&h, 0, sizeof h);
  assert_int_equal (histogram_quantile (&h, .5), 0);
  assert_int_equal (histogram_quantile (&h, 1), 0);
}

static void
small_values_are_exact (void **state)
{
  (void) state;
  memset (&h, 0, sizeof h);
  for (uint64_t value = 1; value <= 200; value++)
    histogram_add (&h, value);
  assert_int_equal (h.total, 200);
  assert_int_equal (histogram_quantile (&h, .5), 100);
  assert_int_equal (histogram_quantile (&h, .99), 198);
  assert_int_equal (histogram_quantile (&h, 1), 200);
  assert_int_equal (histogram_quantile (&h, 0), 1);
}

/* Alone below a larger one: its bucket's end is given, so it shows how wide the bucket is. */
static void
each_value_is_near (void **state)
{
  (void) state;
  for (unsigned bit = 0; bit < 56; bit++)
    for (uint64_t part = 0; part < 256; part++)
      {
        uint64_t value = (UINT64_C (1) << bit) + (part << bit >> 8);
        uint64_t found;

        memset (&h, 0, sizeof h);
        histogram_add (&h, value);
        histogram_add (&h, UINT64_MAX);
        found = histogram_quantile (&h, .5);
        assert_in_range (found, value, value + value / 128);
        assert_int_equal (histogram_quantile (&h, 1), UINT64_MAX);
      }
}

static void
not_beyond_the_maximum (void **state)
{
  (void) state;
  memset (&h, 0, sizeof h);
  histogram_add (&h, 1000001);
  assert_int_equal (h.max, 1000001);
  assert_int_equal (histogram_quantile (&h, .5), 1000001);
}

static void
few_are_slow (void **state)
{
  (void) state;
  memset (&h, 0, sizeof h);
  for (unsigned i = 0; i < 989; i++)
    histogram_add (&h, 10);
  for (unsigned i = 0; i < 10; i++)
    histogram_add (&h, 100);
  histogram_add (&h, 200);
  assert_int_equal (histogram_quantile (&h, .9), 10);
  assert_int_equal (histogram_quantile (&h, .99), 100);
  assert_int_equal (histogram_quantile (&h, .999), 100);
  assert_int_equal (histogram_quantile (&h, 1), 200);
}

UNIT_MAIN (cmocka_unit_test (nothing_added), cmocka_unit_test (small_values_are_exact),
           cmocka_unit_test (each_value_is_near), cmocka_unit_test (not_beyond_the_maximum),
           cmocka_unit_test (few_are_slow))

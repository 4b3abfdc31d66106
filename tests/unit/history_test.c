/* The history of an event stream: its beginning and its end stay, in bounded memory. */
#include "observe/history.h"

#include "unit.h"

#include <inttypes.h>

enum
{
  BEGINNING = 200,
  END = 1000
};

/* Line number n: its own number first, and as long as told. */
static size_t
line_of (uint64_t number, size_t size, char *line)
{
  memset (line, 'a' + (int) (number % 26), size);
  snprintf (line, size + 1, "%" PRIu64, number);
  line[strlen (line)] = '.';
  return size;
}

static void
check_line (const char *line, size_t size, uint64_t number)
{
  char expected[2 * END];

  line_of (number, size, expected);
  assert_memory_equal (line, expected, size);
}

static void
short_one_is_whole (void **state)
{
  struct history *history = history_new (BEGINNING, END);
  uint64_t number = 0, gone;
  char line[64];
  size_t size;

  (void) state;
  assert_null (history_read (history, &number, &size, &gone));
  for (uint64_t i = 0; i < 20; i++)
    history_add (history, line, line_of (i, 40, line));
  assert_int_equal (history_count (history), 20);
  for (uint64_t i = 0; i < 20; i++)
    {
      const char *read = history_read (history, &number, &size, &gone);

      assert_non_null (read);
      assert_int_equal (gone, 0);
      assert_int_equal (size, 40);
      check_line (read, size, i);
    }
  assert_null (history_read (history, &number, &size, &gone));
  assert_int_equal (number, 20);
  history_free (history);
}

static void
beginning_and_end_stay (void **state)
{
  struct history *history = history_new (BEGINNING, END);
  uint64_t number = 0, gone, missing = 0, count = 0;
  const char *read;
  char line[128];
  size_t size;

  (void) state;
  for (uint64_t i = 0; i < 1000; i++)
    history_add (history, line, line_of (i, 100, line));
  while ((read = history_read (history, &number, &size, &gone)) != NULL)
    {
      check_line (read, size, number - 1);
      assert_true (gone == 0 || number - 1 == 990);
      missing += gone;
      count++;
    }
  assert_int_equal (count, 12);
  assert_int_equal (missing, 988);
  assert_int_equal (number, 1000);
  history_free (history);
}

static void
too_long_line_is_gone_at_once (void **state)
{
  struct history *history = history_new (BEGINNING, END);
  uint64_t number = 0, gone;
  char line[2 * END];
  size_t size;

  (void) state;
  history_add (history, line, line_of (0, 100, line));
  history_add (history, line, line_of (1, END + 1, line));
  assert_non_null (history_read (history, &number, &size, &gone));
  assert_null (history_read (history, &number, &size, &gone));
  assert_int_equal (gone, 1);
  assert_int_equal (number, 2);
  history_add (history, line, line_of (2, 100, line));
  assert_non_null (history_read (history, &number, &size, &gone));
  assert_int_equal (gone, 0);
  history_free (history);
}

/* A slow reader, lines of all sizes: each line is read right or counted, and none twice. */
static void
none_is_lost_uncounted (void **state)
{
  struct history *history = history_new (BEGINNING, END);
  uint64_t number = 0, accounted = 0, gone;
  char line[2 * END];
  const char *read;
  size_t size;

  (void) state;
  srand (5);
  for (uint64_t i = 0; i < 20000; i++)
    {
      history_add (history, line,
                   line_of (i, 8 + (size_t) rand () % (i % 50 == 0 ? END : 120), line));
      for (int n = rand () % 7 - 4; n >= 0; n--)
        {
          read = history_read (history, &number, &size, &gone);
          accounted += gone;
          if (read != NULL)
            check_line (read, size, accounted++);
          assert_int_equal (number, accounted);
        }
    }
  history_free (history);
}

UNIT_MAIN (cmocka_unit_test (short_one_is_whole), cmocka_unit_test (beginning_and_end_stay),
           cmocka_unit_test (too_long_line_is_gone_at_once),
           cmocka_unit_test (none_is_lost_uncounted))

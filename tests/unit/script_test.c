/* script_test.c - the lines of a link's script: what they mean, and what is wrong with others. */
#include "lab/script.h"
#include "unit.h"

#include <regex.h>

static void
meaning (void **state)
{
  static const struct
  {
    const char *line;
    struct lab_event event;
  } rows[] = {
    { "drop 3 in", { LAB_DROP, LAB_IN, 3, 3, 0, -1 } },
    { "drop 3-5 in", { LAB_DROP, LAB_IN, 3, 5, 0, -1 } },
    { "drop 5-5 out", { LAB_DROP, LAB_OUT, 5, 5, 0, -1 } },
    { "drop every 4 out", { LAB_DROP, LAB_OUT, 0, 0, 4, -1 } },
    { "drop every 1 in", { LAB_DROP, LAB_IN, 0, 0, 1, -1 } },
    { "duplicate 999999 out", { LAB_DUPLICATE, LAB_OUT, 999999, 999999, 0, -1 } },
    { "corrupt 1-999999 in", { LAB_CORRUPT, LAB_IN, 1, 999999, 0, -1 } },
    { "reorder 2 in", { LAB_REORDER, LAB_IN, 2, 2, 0, -1 } },
    { "truncate 2 in", { LAB_TRUNCATE, LAB_IN, 2, 2, 0, -1 } },
    { "truncate 2 in 0", { LAB_TRUNCATE, LAB_IN, 2, 2, 0, 0 } },
    { "truncate every 9 out 99999", { LAB_TRUNCATE, LAB_OUT, 0, 0, 9, 99999 } },
    { "delay 2 out 300ms", { LAB_DELAY, LAB_OUT, 2, 2, 0, 300 } },
    { "delay every 2 in 999999ms", { LAB_DELAY, LAB_IN, 0, 0, 2, 999999 } },
  };

  (void) state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
      struct script_problem problem;
      struct lab_event event;
      char line[64], wanted[64];

      assert_int_equal (script_read (rows[i].line, &event, &problem), 0);
      assert_int_equal (event.what, rows[i].event.what);
      assert_int_equal (event.direction, rows[i].event.direction);
      assert_int_equal (event.first, rows[i].event.first);
      assert_int_equal (event.last, rows[i].event.last);
      assert_int_equal (event.every, rows[i].event.every);
      assert_int_equal (event.amount, rows[i].event.amount);
      snprintf (wanted, sizeof wanted, "%s",
                strcmp (rows[i].line, "drop 5-5 out") == 0 ? "drop 5 out" : rows[i].line);
      assert_string_equal (script_line (&event, line, sizeof line), wanted);
    }
}

/* Each is wrong at that byte, and this is said. */
static const struct
{
  const char *line;
  size_t at;
  const char *message;
} wrong[] = {
  { "", 0, "drop, duplicate, corrupt, truncate, reorder or delay is wanted, and nothing is there" },
  { "dorp 3 in", 0,
    "drop, duplicate, corrupt, truncate, reorder or delay is wanted, not \"dorp\"" },
  { "DROP 3 in", 0,
    "drop, duplicate, corrupt, truncate, reorder or delay is wanted, not \"DROP\"" },
  { " drop 3 in", 0,
    "drop, duplicate, corrupt, truncate, reorder or delay is wanted, and one blank before it" },
  { "drop", 4, "a packet's number from 1 to 999999 is wanted, and nothing is there" },
  { "drop ", 5, "a packet's number from 1 to 999999 is wanted, and nothing is there" },
  { "drop  3 in", 5, "a packet's number from 1 to 999999 is wanted, and one blank before it" },
  { "drop in", 5, "a packet's number from 1 to 999999 is wanted, not \"in\"" },
  { "drop 0 in", 5, "a packet's number from 1 to 999999 is wanted, not \"0\"" },
  { "drop 03 in", 5, "a packet's number from 1 to 999999 is wanted, not \"03\"" },
  { "drop -3 in", 5, "a packet's number from 1 to 999999 is wanted, not \"-3\"" },
  { "drop 1000000 in", 5, "a packet's number from 1 to 999999 is wanted, not \"1000000\"" },
  { "drop 99999999999999999999 in", 5,
    "a packet's number from 1 to 999999 is wanted, not \"99999999999999999999\"" },
  { "drop 3- in", 5, "a packet's number from 1 to 999999 is wanted, not \"3-\"" },
  { "drop 3-0 in", 5, "a packet's number from 1 to 999999 is wanted, not \"3-0\"" },
  { "drop 3-5-7 in", 5, "a packet's number from 1 to 999999 is wanted, not \"3-5-7\"" },
  { "drop 3,5 in", 5, "a packet's number from 1 to 999999 is wanted, not \"3,5\"" },
  { "drop 5-3 in", 5, "a range of packets is wanted, not \"5-3\"" },
  { "drop every in", 11, "a number from 1 to 999999 is wanted, not \"in\"" },
  { "drop every 0 in", 11, "a number from 1 to 999999 is wanted, not \"0\"" },
  { "drop every 2-3 in", 11, "a number from 1 to 999999 is wanted, not \"2-3\"" },
  { "drop every", 10, "a number from 1 to 999999 is wanted, and nothing is there" },
  { "drop 3", 6, "\"in\" or \"out\" is wanted, and nothing is there" },
  { "drop 3 up", 7, "\"in\" or \"out\" is wanted, not \"up\"" },
  { "drop 3 inn", 7, "\"in\" or \"out\" is wanted, not \"inn\"" },
  { "drop 3 In", 7, "\"in\" or \"out\" is wanted, not \"In\"" },
  { "drop 3\tin", 5, "a packet's number from 1 to 999999 is wanted, not \"3\tin\"" },
  { "drop 3 in out", 10, "the end of the line is wanted, not \"out\"" },
  { "drop 3 in ", 10, "the end of the line is wanted, and nothing is there" },
  { "drop 3 in 300ms", 10, "the end of the line is wanted, not \"300ms\"" },
  { "delay 2 in", 10, "a time from 1ms to 999999ms is wanted, and nothing is there" },
  { "delay 2 in 300", 11, "a time from 1ms to 999999ms is wanted, not \"300\"" },
  { "delay 2 in 300s", 11, "a time from 1ms to 999999ms is wanted, not \"300s\"" },
  { "delay 2 in 300 ms", 11, "a time from 1ms to 999999ms is wanted, not \"300\"" },
  { "delay 2 in 0ms", 11, "a time from 1ms to 999999ms is wanted, not \"0ms\"" },
  { "delay 2 in 1000000ms", 11, "a time from 1ms to 999999ms is wanted, not \"1000000ms\"" },
  { "delay 2 in 300ms 5", 17, "the end of the line is wanted, not \"5\"" },
  { "truncate 2 in x", 14, "a number of bytes from 0 to 99999 is wanted, not \"x\"" },
  { "truncate 2 in 05", 14, "a number of bytes from 0 to 99999 is wanted, not \"05\"" },
  { "truncate 2 in 100000", 14, "a number of bytes from 0 to 99999 is wanted, not \"100000\"" },
  { "truncate 2 in ", 14, "a number of bytes from 0 to 99999 is wanted, and nothing is there" },
};

static void
what_is_wrong (void **state)
{
  (void) state;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    {
      struct script_problem problem;
      struct lab_event event;

      if (script_read (wrong[i].line, &event, &problem) != -1)
        fail_msg ("\"%s\" is taken", wrong[i].line);
      assert_string_equal (problem.message, wrong[i].message);
      assert_int_equal (problem.at, wrong[i].at);
      assert_true (problem.at <= strlen (wrong[i].line));
    }
}

static void
long_and_hostile_words (void **state)
{
  char line[3000];
  struct script_problem problem;
  struct lab_event event;

  (void) state;
  memset (line, 0xe2, sizeof line);
  line[sizeof line - 1] = '\0';
  assert_int_equal (script_read (line, &event, &problem), -1);
  memcpy (line, "drop ", 5);
  assert_int_equal (script_read (line, &event, &problem), -1);
  memset (line, '7', sizeof line - 1);
  memcpy (line, "truncate 3 in ", 14);
  assert_int_equal (script_read (line, &event, &problem), -1);
  assert_int_equal (problem.at, 14);
  assert_true (strlen (problem.message) < sizeof problem.message);
}

/* The pattern of the schema takes what is taken, and "5-3". */
static void
pattern (void **state)
{
  static const char *const lines[]
      = { "drop 3 in",          "drop 3-5 out",    "drop every 4 out", "delay 2 out 300ms",
          "truncate 2 in",      "truncate 2 in 0", "reorder 2-3 in",   "corrupt every 999999 in",
          "truncate 1 in 99999" };
  regex_t regex;

  (void) state;
  assert_int_equal (regcomp (&regex, script_pattern, REG_EXTENDED | REG_NOSUB), 0);
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    assert_int_equal (regexec (&regex, lines[i], 0, NULL, 0), 0);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    if (regexec (&regex, wrong[i].line, 0, NULL, 0) != REG_NOMATCH)
      assert_string_equal (wrong[i].line, "drop 5-3 in");
  regfree (&regex);
}

UNIT_MAIN (cmocka_unit_test (meaning), cmocka_unit_test (what_is_wrong),
           cmocka_unit_test (long_and_hostile_words), cmocka_unit_test (pattern))

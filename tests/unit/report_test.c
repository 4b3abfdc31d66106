/* report_test.c - what is wrong with a file, shown at its place. */
#include "lab/report.h"
#include "unit.h"

/* Shows one mistake at that offset of that text. */
static void
check (const char *text, size_t offset, const char *wanted)
{
  struct report report;
  char *shown;
  size_t size;
  FILE *to = open_memstream (&shown, &size);

  report_init (&report, "a.json");
  report_text (&report, text, strlen (text));
  report_add (&report, offset, NULL, "bad");
  report_write (&report, to);
  fclose (to);
  assert_string_equal (shown, wanted);
  free (shown);
  report_free (&report);
}

static void
place_and_caret (void **state)
{
  (void) state;
  check ("{}", 0, "a.json:1:1: bad\n  {}\n  ^\n");
  check ("{\n  \"a\": 1\n}", 9, "a.json:2:8: bad\n    \"a\": 1\n         ^\n");
  check ("{\n", 1, "a.json:1:2: bad\n  {\n   ^\n");
  check ("{\n", 2, "a.json:2:1: bad\n  \n  ^\n");
  check ("{", 99, "a.json:1:2: bad\n  {\n   ^\n");
  check ("", 0, "a.json:1:1: bad\n  \n  ^\n");
}

static void
columns_count_characters (void **state)
{
  (void) state;
  check ("\303\244\303\266x", 4, "a.json:1:3: bad\n  \303\244\303\266x\n    ^\n");
  check ("\344\270\255x", 3, "a.json:1:2: bad\n  \344\270\255x\n    ^\n"); /* two cells wide */
  check ("e\314\201x", 3, "a.json:1:3: bad\n  e\314\201x\n   ^\n");        /* a combining accent */
}

static void
tabs_stay_tabs (void **state)
{
  (void) state;
  check ("\t{\tx", 3, "a.json:1:4: bad\n  \t{\tx\n  \t \t^\n");
}

static void
terminal_orders_are_escaped (void **state)
{
  (void) state;
  check ("a\033[31mx", 6, "a.json:1:7: bad\n  a\\u001b[31mx\n             ^\n");
  check ("\177\302\233x", 3, "a.json:1:3: bad\n  \\u007f\\u009bx\n              ^\n");
  check ("\342\200\256x", 3, "a.json:1:2: bad\n  \\u202ex\n        ^\n");
  check ("\342\201\246x", 3, "a.json:1:2: bad\n  \\u2066x\n        ^\n");
  check ("\377\300x", 2, "a.json:1:3: bad\n  \\xff\\xc0x\n          ^\n");
  check ("a\rb", 2, "a.json:1:3: bad\n  a\\u000db\n         ^\n");
}

static void
windows_line_ends (void **state)
{
  (void) state;
  check ("{\r\n}\r\n", 3, "a.json:2:1: bad\n  }\n  ^\n");
}

static void
long_lines_are_cut (void **state)
{
  char text[3001];

  (void) state;
  memset (text, 'x', 3000);
  text[3000] = '\0';
  text[1500] = '!';
  check (text, 1500,
         "a.json:1:1501: bad\n"
         "  ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx!xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\n"
         "                                             ^\n");
  check (text, 3000,
         "a.json:1:3001: bad\n"
         "  ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
         "                                             ^\n");
  check (text, 0, "a.json:1:1: bad\n  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\n  ^\n");
}

static void
whole_file_and_remedy (void **state)
{
  struct report report;
  char *shown;
  size_t size;
  FILE *to = open_memstream (&shown, &size);

  (void) state;
  report_init (&report, "a\n.json");
  assert_true (report_clean (&report));
  report_add (&report, SIZE_MAX, "Look again", "%s is \"%d\"", "it", 7);
  report_write (&report, to);
  fclose (to);
  assert_false (report_clean (&report));
  assert_string_equal (shown, "a\\u000a.json: it is \"7\". Look again\n");
  free (shown);
  report_free (&report);
}

static void
order_of_the_file (void **state)
{
  struct report report;
  static const char *const wanted[] = { "whole", "first", "second", "third", "fourth" };

  (void) state;
  report_init (&report, "a.json");
  report_text (&report, "abcdef", 6);
  report_add (&report, 4, NULL, "fourth");
  report_add (&report, 2, NULL, "second");
  report_add (&report, 0, NULL, "first");
  report_add (&report, 2, NULL, "third");
  report_add (&report, SIZE_MAX, NULL, "whole");
  assert_int_equal (report.count, 5);
  for (size_t i = 0; i < 5; i++)
    assert_string_equal (report.list[i].message, wanted[i]);
  report_free (&report);
}

static void
the_first_hundred_are_kept (void **state)
{
  struct report report;
  char text[300];

  (void) state;
  memset (text, ' ', sizeof text);
  report_init (&report, "a.json");
  report_text (&report, text, sizeof text);
  for (size_t i = 0; i < 150; i++)
    report_add (&report, 2 * i, NULL, "even");
  report_add (&report, 1, NULL, "odd");
  assert_int_equal (report.count, REPORT_MAX);
  assert_int_equal (report.left_out, 51);
  assert_string_equal (report.list[1].message, "odd");
  assert_int_equal (report.list[REPORT_MAX - 1].offset, 196);
  report_free (&report);
}

static void
memory_that_ran_out (void **state)
{
  struct report report;
  char *shown;
  size_t size;
  FILE *to = open_memstream (&shown, &size);

  (void) state;
  report_init (&report, "a.json");
  report_out_of_memory (&report);
  assert_false (report_clean (&report));
  report_write (&report, to);
  fclose (to);
  assert_string_equal (shown, "a.json: out of memory\n");
  free (shown);
  report_free (&report);
}

UNIT_MAIN (cmocka_unit_test (place_and_caret), cmocka_unit_test (columns_count_characters),
           cmocka_unit_test (tabs_stay_tabs), cmocka_unit_test (terminal_orders_are_escaped),
           cmocka_unit_test (windows_line_ends), cmocka_unit_test (long_lines_are_cut),
           cmocka_unit_test (whole_file_and_remedy), cmocka_unit_test (order_of_the_file),
           cmocka_unit_test (the_first_hundred_are_kept), cmocka_unit_test (memory_that_ran_out))

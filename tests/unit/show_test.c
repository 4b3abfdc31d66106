/* show_test.c - texts and bytes of unknown origin on a terminal: what they look like, and how much
 * room they take. */
#include "lab/cells.h"
#include "lab/show.h"
#include "unit.h"

#include <locale.h>
#include <wchar.h>

static void
bytes_are (const char *bytes, size_t n, unsigned cells, const char *wanted, unsigned wanted_cells)
{
  char *text;
  size_t size;
  FILE *to = open_memstream (&text, &size);

  assert_non_null (to);
  assert_int_equal (show_bytes ((const uint8_t *) bytes, n, cells, to), wanted_cells);
  assert_int_equal (fclose (to), 0);
  assert_string_equal (text, wanted);
  free (text);
}

static void
text_is (const char *source, const char *wanted, unsigned cells)
{
  char *text;
  size_t size;
  FILE *to = open_memstream (&text, &size);

  assert_non_null (to);
  show_text (source, to);
  assert_int_equal (fclose (to), 0);
  assert_string_equal (text, wanted);
  assert_int_equal (show_width (source), cells);
  assert_int_equal (show_width (wanted), cells);
  free (text);
}

static void
bytes_shown (void **state)
{
  (void) state;
  bytes_are ("hello", 5, 5, "hello", 5);
  bytes_are ("hello!", 6, 5, "he...", 5);
  bytes_are ("a\n\r\tb", 5, 20, "a\\n\\r\\tb", 8);
  bytes_are ("a\nbcd", 5, 5, "a...", 4);
  bytes_are ("\0\033\377", 3, 20, "\\u0000\\u001b\\xff", 16);
  bytes_are ("\344\275\240\345\245\275", 6, 4, "\344\275\240\345\245\275", 4);
  bytes_are ("\344\275\240\345\245\275!", 7, 4, "...", 3);
  bytes_are ("", 0, 10, "", 0);
}

static void
text_shown (void **state)
{
  (void) state;
  text_is ("a\nb", "a\\u000ab", 8);
  text_is ("e\314\201", "e\314\201", 1);
  text_is ("\342\200\256x", "\\u202ex", 7);
  text_is ("\342\200\213\342\201\246\357\273\277", "\\u200b\\u2066\\ufeff", 18);
  text_is ("\363\240\201\201", "\\ue0041", 7);
}

/* A letter bears few marks: more would be set on the lines above. */
static void
heap_of_marks (void **state)
{
#define MARK "\314\201"
  (void) state;
  text_is ("a" MARK MARK MARK "b", "a" MARK MARK MARK "b", 2);
  text_is ("a" MARK MARK MARK MARK MARK "b" MARK, "a" MARK MARK MARK "\\u0301\\u0301b" MARK, 14);
}

static void
fits (void **state)
{
  (void) state;
  assert_int_equal (show_fit ("hello", 9), 5);
  assert_int_equal (show_fit ("hello", 3), 3);
  assert_int_equal (show_fit ("\344\275\240\345\245\275", 3), 3);
  assert_int_equal (show_fit ("e\314\201x", 1), 3);
  assert_int_equal (show_fit ("", 0), 0);
}

/* As the C library has it, where Unicode has long been settled. */
static void
cells_agree (void **state)
{
  static const uint32_t blocks[][2]
      = { { 0x20, 0x7e },     { 0xa0, 0x36f },    { 0x400, 0x52f },     { 0x5d0, 0x5ea },
          { 0x1e00, 0x1eff }, { 0x3041, 0x3096 }, { 0x30a0, 0x30ff },   { 0x4e00, 0x9fff },
          { 0xac00, 0xd7a3 }, { 0xff01, 0xff60 }, { 0x1f300, 0x1f64f }, { 0x20000, 0x2a6d6 } };

  (void) state;
  assert_non_null (setlocale (LC_CTYPE, "C.UTF-8"));
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    for (uint32_t code = blocks[i][0]; code <= blocks[i][1]; code++)
      if (cells_of (code) != CELLS_HIDDEN && cells_of (code) != wcwidth ((wchar_t) code))
        fail_msg ("U+%04X: %d, not %d", (unsigned) code, cells_of (code), wcwidth ((wchar_t) code));
}

UNIT_MAIN (cmocka_unit_test (bytes_shown), cmocka_unit_test (text_shown),
           cmocka_unit_test (heap_of_marks), cmocka_unit_test (fits),
           cmocka_unit_test (cells_agree))

/* scan_test.c - JSON as strictly as RFC 8259 has it, and where each value stands. */
#include "lab/scan.h"
#include "unit.h"

static struct report report;
static struct scan scan;

static bool
scan_bytes (const char *text, size_t size)
{
  bool complete;

  report_init (&report, "a.json");
  report_text (&report, text, size);
  complete = scan_text (&scan, &report);
  /* Whoever stops says why. */
  assert_true (complete || report.count > 0);
  return complete;
}

static void
done (void)
{
  scan_free (&scan);
  report_free (&report);
}

static void
good (const char *text)
{
  if (!scan_bytes (text, strlen (text)) || report.count > 0)
    fail_msg ("%s: %s", text, report.list[0].message);
  done ();
}

/* The text is refused with one mistake, at that offset. */
static void
refuse_bytes (const char *text, size_t size, size_t offset)
{
  if (scan_bytes (text, size))
    fail_msg ("%s: accepted", text);
  assert_int_equal (report.count, 1);
  if (report.list[0].offset != offset)
    fail_msg ("%s: \"%s\" at %zu, not at %zu", text, report.list[0].message, report.list[0].offset,
              offset);
  done ();
}

static void
refuse (const char *text, size_t offset)
{
  refuse_bytes (text, strlen (text), offset);
}

static void
good_json (void **state)
{
  (void) state;
  good ("{}");
  good (" \t\r\n{ } \t\r\n");
  good ("[]");
  good ("[1]");
  good ("{\"a\":[true,false,null,{\"b\":{}}]}");
  good ("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"]");
  good ("[\"\303\251 \355\237\277 \356\200\200 \360\220\200\200 \364\217\277\277 \177\"]");
  good ("{\"\":1,\"a\":{\"a\":1},\"A\":2}");
}

static void
good_numbers (void **state)
{
  (void) state;
  good ("[0, -0, 1, -1, 10, 0.5, -0.5, 1e5, 1E5, 1e+5, 1e-5, 1.25e2, 0e0, 1e-999]");
  good ("[9007199254740992, -9007199254740992, 1.7976931348623157e308]");
}

static void
bad_numbers (void **state)
{
  static const char *const bad[]
      = { "[0123]",
          "[00]",
          "[-01]",
          "[1.]",
          "[.5]",
          "[-.5]",
          "[+1]",
          "[1e]",
          "[1e+]",
          "[1.e5]",
          "[0x1f]",
          "[-]",
          "[--1]",
          "[1-2]",
          "[1.2.3]",
          "[1e5.5]",
          "[1_0]",
          "[12px]",
          "[-a]",
          "[1e999]",
          "[-1e999]",
          "[9007199254740993]",
          "[-9007199254740993]",
          "[99999999999999999999999999]",
          "[1000000000000000000000000000000000000000000000000000000000000e0]" };

  (void) state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    refuse (bad[i], 1);
}

static void
bad_texts (void **state)
{
  (void) state;
  refuse ("[\"abc", 1);
  refuse ("[\"abc\n\"]", 1);
  refuse ("[\"abc\r\"]", 1);
  refuse ("[\"abc\\\n\"]", 1);
  refuse ("[\"a\tb\"]", 3);
  refuse ("[\"a\001b\"]", 3);
  refuse ("[\"a\\qb\"]", 3);
  refuse ("[\"a\\'b\"]", 3);
  refuse ("[\"a\\u12\"]", 3);
  refuse ("[\"a\\u12g4\"]", 3);
  refuse ("[\"a\\u0000\"]", 3);
  refuse ("[\"a\\ud83d\"]", 3);
  refuse ("[\"a\\ud83dx\"]", 3);
  refuse ("[\"a\\ud83d\\u0041\"]", 3);
  refuse ("[\"a\\ude00\"]", 3);
  refuse ("[\"\\", 1);
  refuse ("[\"\\u", 2);
  refuse_bytes ("[\"a\0b\"]", 7, 3);
}

static void
bad_utf8 (void **state)
{
  static const char *const bad[] = { "[\"\200\"]",                 /* a continuation alone */
                                     "[\"\300\257\"]",             /* overlong, two bytes */
                                     "[\"\301\277\"]",             /* overlong, two bytes */
                                     "[\"\340\200\257\"]",         /* overlong, three bytes */
                                     "[\"\360\200\200\257\"]",     /* overlong, four bytes */
                                     "[\"\355\240\200\"]",         /* a high surrogate */
                                     "[\"\355\277\277\"]",         /* a low surrogate */
                                     "[\"\364\220\200\200\"]",     /* beyond U+10FFFF */
                                     "[\"\370\210\200\200\200\"]", /* five bytes */
                                     "[\"\377\"]",
                                     "[\"\303\"]",
                                     "[\"\342\202\"]",
                                     "[\"\303" };

  (void) state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    refuse (bad[i], 2);
  refuse ("{\"\377\": 1}", 2);
  refuse ("[\377]", 1);
}

static void
bad_structure (void **state)
{
  (void) state;
  refuse ("[1,]", 2);
  refuse ("{\"a\":1,}", 6);
  refuse ("[,1]", 1);
  refuse ("[1,,2]", 3);
  refuse ("{,}", 1);
  refuse ("[1 2]", 2);
  refuse ("{\"a\":1 \"b\":2}", 6);
  refuse ("{\"a\" 1}", 4);
  refuse ("{\"a\"}", 4);
  refuse ("{\"a\":}", 5);
  refuse ("{\"a\":,\"b\":1}", 5);
  refuse ("{\"a\"=1}", 4);
  refuse ("{a:1}", 1);
  refuse ("{1:1}", 1);
  refuse ("{'a':1}", 1);
  refuse ("['a']", 1);
  refuse ("{[1]:1}", 1);
  refuse ("[1}", 2);
  refuse ("{\"a\":1]", 6);
  refuse ("[1]]", 3);
  refuse ("{} {}", 3);
  refuse ("{},", 2);
  refuse ("{} // x", 3);
  refuse ("[/* x */1]", 1);
  refuse ("[#x\n1]", 1);
  refuse ("[True]", 1);
  refuse ("[nul]", 1);
  refuse ("[nulll]", 1);
  refuse ("[NaN]", 1);
  refuse ("[udp]", 1);
  refuse ("[", 1);
  refuse ("{\"a\"", 4);
  refuse ("{\"a\":", 5);
  refuse ("{\"a\":1,  ", 7);
  refuse ("[1\v]", 2);
  refuse ("[\302\2401]", 1);
  refuse ("]", 0);
  refuse ("}", 0);
  refuse (",", 0);
}

static void
whole_files (void **state)
{
  char *big = malloc (SCAN_SIZE_MAX + 1);

  (void) state;
  refuse ("", SIZE_MAX);
  refuse (" \n ", SIZE_MAX);
  refuse ("\357\273\277{}", 0);
  refuse_bytes ("\377\376{\0}\0", 6, SIZE_MAX);
  refuse_bytes ("{}\0", 3, 2);
  refuse_bytes ("\0{}", 3, 0);

  assert_non_null (big);
  memset (big, ' ', SCAN_SIZE_MAX + 1);
  big[0] = '{';
  big[1] = '}';
  assert_true (scan_bytes (big, SCAN_SIZE_MAX));
  done ();
  refuse_bytes (big, SCAN_SIZE_MAX + 1, SIZE_MAX);
  free (big);
}

static void
nesting (void **state)
{
  char text[2 * (SCAN_DEPTH_MAX + 1) + 1];

  (void) state;
  memset (text, '[', SCAN_DEPTH_MAX);
  memset (text + SCAN_DEPTH_MAX, ']', SCAN_DEPTH_MAX);
  text[2 * SCAN_DEPTH_MAX] = '\0';
  good (text);
  memset (text, '[', SCAN_DEPTH_MAX + 1);
  refuse (text, SCAN_DEPTH_MAX);
}

static void
repeated_keys (void **state)
{
  const char *text = "{\"a\":1,\"b\":{\"a\":2},\"\\u0061\":3,\"a\":4}";

  (void) state;
  assert_true (scan_bytes (text, strlen (text)));
  assert_int_equal (report.count, 2);
  assert_int_equal (report.list[0].offset, 19);
  assert_int_equal (report.list[1].offset, 30);
  assert_false (scan.nodes[1].repeated);
  assert_false (scan.nodes[3].repeated);
  assert_true (scan.nodes[4].repeated);
  assert_true (scan.nodes[5].repeated);
  done ();

  /* They are told of even where the file breaks off. */
  text = "{\"a\":1,\"a\":2,";
  assert_false (scan_bytes (text, strlen (text)));
  assert_int_equal (report.count, 2);
  done ();
}

static void
where_values_stand (void **state)
{
  const char *text = " {\"k\": [10, {\"z\\n\": \"v\"}], \"m\": null}";
  static const struct scan_node wanted[] = {
    { SCAN_OBJECT, false, 0, 6, 1, NULL, 1, 36 }, { SCAN_LIST, false, 0, 5, 2, "k", 7, 18 },
    { SCAN_NUMBER, false, 1, 3, 8, NULL, 8, 2 },  { SCAN_OBJECT, false, 1, 5, 12, NULL, 12, 12 },
    { SCAN_TEXT, false, 3, 5, 13, "z\n", 20, 3 }, { SCAN_NULL, false, 0, 6, 27, "m", 32, 4 },
  };

  (void) state;
  assert_true (scan_bytes (text, strlen (text)));
  assert_int_equal (scan.count, 6);
  for (size_t i = 0; i < scan.count; i++)
    {
      const struct scan_node *node = &scan.nodes[i];

      assert_int_equal (node->kind, wanted[i].kind);
      assert_int_equal (node->parent, wanted[i].parent);
      assert_int_equal (node->end, wanted[i].end);
      assert_int_equal (node->key, wanted[i].key);
      assert_int_equal (node->at, wanted[i].at);
      assert_int_equal (node->size, wanted[i].size);
      if (wanted[i].name == NULL)
        assert_null (node->name);
      else
        assert_string_equal (node->name, wanted[i].name);
    }
  done ();
}

/* A hostile file must not take minutes. */
static void
many_repeated_keys (void **state)
{
  char *text = malloc (SCAN_SIZE_MAX);
  size_t n = 0;

  (void) state;
  assert_non_null (text);
  text[n++] = '{';
  while (n < SCAN_SIZE_MAX - 10)
    {
      memcpy (text + n, "\"\":1,", 5);
      n += 5;
    }
  text[n - 1] = '}';
  assert_true (scan_bytes (text, n));
  assert_int_equal (report.count, REPORT_MAX);
  assert_int_equal (report.count + report.left_out, scan.count - 2);
  done ();
  free (text);
}

UNIT_MAIN (cmocka_unit_test (good_json), cmocka_unit_test (good_numbers),
           cmocka_unit_test (bad_numbers), cmocka_unit_test (bad_texts),
           cmocka_unit_test (bad_utf8), cmocka_unit_test (bad_structure),
           cmocka_unit_test (whole_files), cmocka_unit_test (nesting),
           cmocka_unit_test (repeated_keys), cmocka_unit_test (where_values_stand),
           cmocka_unit_test (many_repeated_keys))

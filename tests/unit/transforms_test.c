/* transforms_test.c - each transform, driven through its descriptor. */
#include "fake_host.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h> /* last: it defines fail () */

#define BIG 65536
#define BLOCKS 200

/* ----------------------------------------------------------------- tools -- */

static void
start (struct fake_host *f, const char *name, const char *const *values)
{
  const char *folder = getenv ("PROTOLAB_TRANSFORMS");
  char path[4096];

  snprintf (path, sizeof path, "%s/%s.so", folder != NULL ? folder : "transforms", name);
  if (fake_setup (f, path, values) != 0)
    fail_msg ("%s: %s", path, f->reason);
  assert_string_equal (f->plugin->name, name);
  assert_int_equal (fake_open (f), 0);
}

static void
stop (struct fake_host *f)
{
  fake_close (f);
  fake_teardown (f);
}

static void
expect_bytes (struct fake_host *f, const void *in, size_t n, const void *want, size_t want_n)
{
  if (fake_message (f, in, n) != 0)
    fail_msg ("%s: %s", f->plugin->name, f->reason);
  assert_int_equal (f->answer_count, 1);
  assert_int_equal (f->answers[0].size, want_n);
  assert_memory_equal (f->answers[0].data, want, want_n);
}

/* For texts without NUL. */
static void
expect (struct fake_host *f, const char *in, const char *want)
{
  expect_bytes (f, in, strlen (in), want, strlen (want));
}

/* Every transform of one byte: all 256 values, one alone and all together, 64 KiB of them, and
 * each length that a block can end at, with plain and with spoilt padding. */
static void
expect_each_byte (const char *name, const char *const *values, uint8_t (*byte) (uint8_t))
{
  static uint8_t in[BIG], want[BIG];
  struct fake_host f;

  for (unsigned i = 0; i < BIG; i++)
    want[i] = byte (in[i] = (uint8_t) i);
  start (&f, name, values);
  for (unsigned i = 0; i < 256; i++)
    expect_bytes (&f, in + i, 1, want + i, 1);
  expect_bytes (&f, in, 256, want, 256);
  expect_bytes (&f, in, BIG, want, BIG);
  for (unsigned padded = 0; padded < 2; padded++, f.padding = 'a')
    for (unsigned n = 0; n <= BLOCKS; n++)
      for (unsigned from = 0; from < 256; from += 32)
        expect_bytes (&f, in + from, n, want + from, n);
  stop (&f);
}

/* ------------------------------------------------------------- uppercase -- */

static uint8_t
upper (uint8_t c)
{
  return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

static void
uppercase_ascii (void **state)
{
  (void) state;
  expect_each_byte ("uppercase", (const char *const[]){ "ascii=true", NULL }, upper);
}

/* Bytes in ascending order are not UTF-8 as soon as one is above 0x7f. */
static void
uppercase_invalid (void **state)
{
  static const char *const broken[][2] = {
    { "a\xff", "A\xff" },                         /* never a byte of UTF-8 */
    { "a\xc3", "A\xc3" },                         /* cut short */
    { "\xc3\xa4\xe2\x82", "\xc3\xa4\xe2\x82" },   /* what is valid in it stays too */
    { "a\xc1\xa1z", "A\xc1\xa1Z" },               /* an overlong a */
    { "a\xed\xa0\x80z", "A\xed\xa0\x80Z" },       /* a surrogate */
    { "a\xf4\x90\x80\x80", "A\xf4\x90\x80\x80" }, /* above U+10FFFF */
  };
  struct fake_host f;

  (void) state;
  expect_each_byte ("uppercase", NULL, upper);
  start (&f, "uppercase", NULL);
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
    expect (&f, broken[i][0], broken[i][1]);
  stop (&f);
}

static void
uppercase_unicode (void **state)
{
  static const char *const texts[][2] = {
    { "straße", "STRASSE" },
    { "\ufb03", "FFI" },
    { "\u0149", "ʼN" },
    { "\u0390", "Ι\u0308\u0301" },
    { "\u1fb3", "ΑΙ" },
    { "\u1fb7", "Α\u0342Ι" },
    { "\u01c6\u01c5\u01c4", "\u01c4\u01c4\u01c4" },
    { "i\u0307ıiI", "I\u0307III" },
    { "\u1f40δυσσε\u03cdς", "\u1f48ΔΥΣΣΕ\u038eΣ" },
    { "e\u0301", "E\u0301" },
    { "\uab70", "Ꭰ" },
    { "日本", "日本" },
    { "ɐ", "\u2c6f" },
    { "\U00010428", "\U00010400" },
  };
  struct fake_host f;

  (void) state;
  start (&f, "uppercase", NULL);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    expect (&f, texts[i][0], texts[i][1]);
  stop (&f);

  start (&f, "uppercase", (const char *const[]){ "ascii=true", NULL });
  expect (&f, "straße", "STRAßE");
  stop (&f);
}

/* One letter beyond ASCII, at each place across the edges of three blocks. */
static void
uppercase_edges (void **state)
{
  char in[BLOCKS + 1], want[BLOCKS + 1];
  struct fake_host f;

  (void) state;
  start (&f, "uppercase", NULL);
  for (unsigned at = 0; at + 2 <= BLOCKS; at++)
    {
      memset (in, 'q', BLOCKS);
      memset (want, 'Q', BLOCKS);
      in[BLOCKS] = want[BLOCKS] = '\0';
      memcpy (in + at, "ä", 2);
      memcpy (want + at, "Ä", 2);
      f.padding = at % 2 == 0 ? 'a' : 0xff;
      expect (&f, in, want);
    }
  stop (&f);
}

/* Every character becomes three times as long. */
static void
uppercase_growth (void **state)
{
  static uint8_t in[BIG], want[3 * BIG];
  struct fake_host f;

  (void) state;
  for (unsigned i = 0; i < BIG / 2; i++)
    {
      memcpy (in + 2 * i, "\u0390", 2);
      memcpy (want + 6 * i, "\u0399\u0308\u0301", 6);
    }
  start (&f, "uppercase", NULL);
  for (unsigned n = 2; n <= BLOCKS; n += 2)
    expect_bytes (&f, in, n, want, 3 * n);
  expect_bytes (&f, in, BIG, want, 3 * BIG);
  stop (&f);
}

/* --------------------------------------------------------------- count_s -- */

static void
count_s_presets (void **state)
{
  static char in[BIG + 1];
  struct fake_host f;

  (void) state;
  start (&f, "count_s", NULL);
  f.padding = 's';
  expect (&f, "", "0");
  expect (&f, "s", "1");
  expect (&f, "S", "0");
  expect (&f, "Mississippi", "4");
  expect (&f, "\xff\xc3s\xe2", "1");
  expect (&f, "ſßş", "0");
  memset (in, 's', BIG);
  expect (&f, in, "65536");
  for (unsigned n = 1; n <= BLOCKS; n++)
    {
      char want[16];

      snprintf (want, sizeof want, "%u", n);
      expect_bytes (&f, in, n, want, strlen (want));
    }
  for (unsigned i = 0; i < 256; i++)
    in[i] = (char) i;
  expect_bytes (&f, in, 256, "1", 1);
  stop (&f);
}

static void
count_s_parameters (void **state)
{
  static const char *const cases[][4] = {
    { "letter=s", "ignore_case=true", "sSxS", "3" },
    { "letter=S", "ignore_case=true", "sSxS", "3" },
    { "letter=S", "ignore_case=false", "sSxS", "2" },
    { "letter=ß", "ignore_case=false", "Straße ß \xc3 \x9f \xc3", "2" },
    { "letter=ä", "ignore_case=true", "äÄ\xe3\xa4", "1" },
    { "letter=€", "ignore_case=false", "€€€\xe2\x82", "3" },
    { "letter=😀", "ignore_case=false", "😀😁😀", "2" },
    { "letter=@", "ignore_case=true", "@`@", "2" },
    { "letter= ", "ignore_case=true", "a b  c", "3" },
  };

  (void) state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct fake_host f;

      start (&f, "count_s", (const char *const[]){ cases[i][0], cases[i][1], NULL });
      f.padding = 0xac; /* would end the last € of a message that is cut short */
      expect (&f, cases[i][2], cases[i][3]);
      stop (&f);
    }
}

static void
count_s_refuses (void **state)
{
  static const char *const refused[][2] = {
    { "letter=ss", "letter: \"ss\" is more than one character" },
    { "letter=aß", "letter: \"aß\" is more than one character" },
    { "letter=ßa", "letter: \"ßa\" is more than one character" },
    { "letter=ßß", "letter: \"ßß\" is more than one character" },
    { "letter=e\u0301", "letter: \"e\u0301\" is more than one character" },
  };
  const char *folder = getenv ("PROTOLAB_TRANSFORMS");
  char path[4096];

  (void) state;
  snprintf (path, sizeof path, "%s/count_s.so", folder != NULL ? folder : "transforms");
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    {
      struct fake_host f;

      assert_int_equal (fake_setup (&f, path, (const char *const[]){ refused[i][0], NULL }), -1);
      assert_string_equal (f.reason, refused[i][1]);
      fake_teardown (&f);
    }
}

static void
count_s_table (void **state)
{
  const struct pl_param *p;
  struct fake_host f;

  (void) state;
  start (&f, "count_s", NULL);
  p = f.transform.params;
  assert_string_equal (p->name, "letter");
  assert_int_equal (p->min, 1);
  assert_int_equal (p->max, 4);
  assert_string_equal (p[1].name, "ignore_case");
  assert_null (p[2].name);
  stop (&f);
}

/* ------------------------------------------------- echo, reverse, rot13 -- */

static uint8_t
same (uint8_t c)
{
  return c;
}

static uint8_t
rot13 (uint8_t c)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  static const char turned[] = "NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm";
  const char *at = c == 0 ? NULL : strchr (letters, c);

  return at == NULL ? c : (uint8_t) turned[at - letters];
}

static void
echo_bytes (void **state)
{
  (void) state;
  expect_each_byte ("echo", NULL, same);
}

static void
rot13_bytes (void **state)
{
  (void) state;
  expect_each_byte ("rot13", NULL, rot13);
}

static void
reverse_ascii (void **state)
{
  static uint8_t in[BIG], want[BIG];
  struct fake_host f;

  (void) state;
  start (&f, "reverse", NULL);
  for (unsigned n = 0; n <= BIG; n = n < BLOCKS ? n + 1 : n == BLOCKS ? BIG : n + 1)
    {
      for (unsigned i = 0; i < n; i++)
        in[i] = want[n - 1 - i] = (uint8_t) (i % 128);
      expect_bytes (&f, in, n, want, n);
    }
  stop (&f);
}

static void
reverse_characters (void **state)
{
  static const char *const texts[][2] = {
    { "aßc", "cßa" },
    { "日本語", "語本日" },
    { "x😀é€", "€é😀x" },
    { "e\u0301", "\u0301e" },
    { "\u0800\ud7ff\ue000\U00010000\U0010ffff", "\U0010ffff\U00010000\ue000\ud7ff\u0800" },
    { "a\xff\xfe", "\xfe\xff\x61" },
    { "a\xc3", "\xc3\x61" },                    /* cut short */
    { "\xe2\x82\x61", "a\x82\xe2" },            /* broken off */
    { "\xf0\x9f\x98", "\x98\x9f\xf0" },         /* cut short */
    { "\xf0\x9f\x98\x61", "a\x98\x9f\xf0" },    /* broken off */
    { "\xc0\xaf", "\xaf\xc0" },                 /* overlong */
    { "\xe0\x80\xaf", "\xaf\x80\xe0" },         /* overlong */
    { "\xf0\x80\x80\xaf", "\xaf\x80\x80\xf0" }, /* overlong */
    { "\xed\xa0\x80", "\x80\xa0\xed" },         /* a surrogate */
    { "\xf4\x90\x80\x80", "\x80\x80\x90\xf4" }, /* above U+10FFFF */
    { "\xf5\x80\x80\x80", "\x80\x80\x80\xf5" }, /* above U+10FFFF */
    { "\xc3\xc3\xa9", "\xc3\xa9\xc3" },         /* a good one behind it */
  };
  struct fake_host f;

  (void) state;
  start (&f, "reverse", NULL);
  f.padding = 0x80; /* goes on with any character that is cut short */
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    expect (&f, texts[i][0], texts[i][1]);
  stop (&f);
}

/* ------------------------------------- chargen, calc, pinger, chat, http -- */

static void
expect_failure (struct fake_host *f, const void *in, size_t n, const char *why)
{
  assert_int_equal (fake_message (f, in, n), -1);
  assert_string_equal (f->reason, why);
  assert_int_equal (f->answer_count, 0);
}

static void
chargen_page (void **state)
{
  static const char begin[] = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
                              "abcdefg\r\n!\"#";
  static const char end[] = "\r\n~ !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^"
                            "_`abcdef\r\n";
  const size_t page = 95 * 74;
  struct fake_host f;

  (void) state;
  start (&f, "chargen", NULL);
  assert_int_equal (f.answer_count, 1);
  assert_int_equal (f.answers[0].size, page);
  assert_memory_equal (f.answers[0].data, begin, strlen (begin));
  assert_memory_equal (f.answers[0].data + page - strlen (end), end, strlen (end));
  assert_int_equal (fake_message (&f, "more", 4), 0);
  assert_int_equal (f.answer_count, 0);
  assert_int_equal (f.transform.drained (&f.session), 0);
  assert_int_equal (f.answers[0].size, page);
  stop (&f);

  start (&f, "chargen", (const char *const[]){ "on_request=true", NULL });
  assert_int_equal (f.answer_count, 0);
  assert_int_equal (f.transform.drained (&f.session), 0);
  assert_int_equal (f.answer_count, 0);
  expect (&f, "", " !\"#"); /* the fake host's dice show 4 */
  stop (&f);
}

static void
calc_sums (void **state)
{
  struct fake_host f;

  (void) state;
  start (&f, "calc", NULL);
  expect_bytes (&f, "\0\0\0\1", 4, "\0\0\0\1", 4);
  expect_bytes (&f, "\xff\xff\xff\xfd", 4, "\xff\xff\xff\xfe", 4);
  assert_string_equal (f.note, "-3 makes -2");
  expect_bytes (&f, "\x80\0\0\1", 4, "\x7f\xff\xff\xff", 4);
  expect_bytes (&f, "\0\0\0\1", 4, "\x80\0\0\0", 4);
  expect_failure (&f, "", 0, "a message of 0 bytes is no 32-bit integer");
  expect_failure (&f, "\xff\xff\xff", 3, "a message of 3 bytes is no 32-bit integer");
  expect_failure (&f, "12345", 5, "a message of 5 bytes is no 32-bit integer");
  stop (&f);
}

static void
pinger_counts (void **state)
{
  struct fake_host f;

  (void) state;
  start (&f, "pinger", (const char *const[]){ "uppercase=true", "silent_ms=250", NULL });
  f.padding = '1'; /* would make "Ping " a ping */
  expect (&f, "Ping 1 0.5e", "PING 1 0.5E");
  assert_string_equal (f.note, "");
  assert_int_equal (f.timer, 250);
  for (unsigned i = 0; i < 5; i++)
    {
      static const char *const others[][2] = {
        { "", "" }, { "Ping ", "PING " }, { "Ping x", "PING X" }, { "ß", "ß" }, { "Pin", "PIN" }
      };

      expect (&f, others[i][0], others[i][1]);
      assert_string_equal (f.note, "this is not \"Ping N TIME\"");
    }
  expect (&f, "Ping 4", "PING 4");
  assert_int_equal (fake_timer (&f), 0);
  assert_int_equal (f.answer_count, 0);
  assert_string_equal (f.note, "silence: 2 came, 2 missing, 0 out of order, 0 twice");
  f.note[0] = '\0';
  fake_close (&f);
  assert_string_equal (f.note, "");
  fake_teardown (&f);
}

static void
chat_names (void **state)
{
  static const char *const refused[][2] = {
    { "", "A name has 1 to 16 characters. Good bye!" },
    { "12345678901234567", "A name has 1 to 16 characters. Good bye!" },
    { "\xff", "A name has letters and digits only. Good bye!" },
  };
  struct fake_host f;

  (void) state;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    {
      start (&f, "chat", NULL);
      expect (&f, refused[i][0], refused[i][1]);
      assert_true (f.closed);
      stop (&f);
    }
  start (&f, "chat", NULL);
  f.padding = '\r';
  expect (&f, "1234567890123456\r", "* The room contains: ");
  assert_false (f.closed);
  assert_int_equal (fake_message (&f, "", 0), 0);
  assert_int_equal (f.answer_count, 0);
  stop (&f);
}

/* A request that is cut anywhere is no request yet, and nothing is read behind the cut. */
static void
http_hello_frames (void **state)
{
  static const char request[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n";
  const size_t whole = sizeof request - 1;
  struct fake_host f;

  (void) state;
  start (&f, "http_hello", NULL);
  for (size_t n = 0; n <= whole; n++)
    {
      uint8_t *lent = memcpy (malloc (n + 1), request, n);

      assert_int_equal (f.transform.frame (&f.session, lent, n), n < whole ? 0 : whole);
      free (lent);
    }
  assert_int_equal (f.transform.frame (&f.session, (const uint8_t *) "\xff\n", 2), 2);
  expect (&f, "\xff\n",
          "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
          "Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n");
  assert_true (f.closed);
  expect_failure (&f, "", 0, "not one whole request; write \"framing\": \"plugin\"");
  stop (&f);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (uppercase_ascii),    cmocka_unit_test (uppercase_invalid),
    cmocka_unit_test (uppercase_unicode),  cmocka_unit_test (uppercase_edges),
    cmocka_unit_test (uppercase_growth),   cmocka_unit_test (count_s_presets),
    cmocka_unit_test (count_s_parameters), cmocka_unit_test (count_s_refuses),
    cmocka_unit_test (count_s_table),      cmocka_unit_test (echo_bytes),
    cmocka_unit_test (rot13_bytes),        cmocka_unit_test (reverse_ascii),
    cmocka_unit_test (reverse_characters), cmocka_unit_test (chargen_page),
    cmocka_unit_test (calc_sums),          cmocka_unit_test (pinger_counts),
    cmocka_unit_test (chat_names),         cmocka_unit_test (http_hello_frames),
  };

  cmocka_set_message_output (CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name ("transforms", tests, NULL, NULL);
}

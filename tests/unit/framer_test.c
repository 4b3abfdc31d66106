/* Whatever way a stream is cut, the same messages come out of it. */
#include "host/buffer.h"
#include "host/framer.h"

#include "unit.h"

enum
{
  LIMIT = 1000
};

/* What came out: each message as "size:bytes;". */
struct taken
{
  char text[4096];
  size_t size;
  enum cut_result last;
};

static void
take (struct taken *taken, const uint8_t *data, size_t n)
{
  taken->size += (size_t) snprintf (taken->text + taken->size, sizeof taken->text - taken->size,
                                    "%zu:", n);
  memcpy (taken->text + taken->size, data, n);
  taken->size += n;
  taken->text[taken->size++] = ';';
}

/* Feeds pieces as a session does: the rest of one is kept for the next. */
static void
feed (struct framing framing, struct buffer *kept, size_t *scanned, const uint8_t *data, size_t n,
      bool ended, struct taken *taken)
{
  struct cut cut = { .scanned = *scanned };

  assert_int_equal (buffer_append (kept, data, n), 0);
  while (buffer_size (kept) > 0
         && (taken->last = framer_cut (framing, buffer_bytes (kept), buffer_size (kept), ended,
                                       LIMIT, &cut))
                == CUT_MESSAGE)
    {
      take (taken, buffer_bytes (kept) + cut.head, cut.size);
      buffer_take (kept, cut.whole);
      cut.scanned = 0;
    }
  *scanned = cut.scanned;
}

/* The messages of a stream that arrives in pieces; piece i ends at bit i of ends, for streams
 * of up to 64 bytes. */
static struct taken
take_all (struct framing framing, const char *stream, size_t n, uint64_t ends)
{
  struct buffer kept = { 0 };
  struct taken taken = { .last = CUT_MORE };
  size_t scanned = 0, from = 0;

  for (size_t i = 0; i < n; i++)
    if (ends >> i & 1 || i + 1 == n)
      {
        feed (framing, &kept, &scanned, (const uint8_t *) stream + from, i + 1 - from,
              i + 1 == n, &taken);
        from = i + 1;
      }
  buffer_free (&kept);
  return taken;
}

static void
expect (struct framing framing, const char *stream, size_t n, const char *messages, size_t size)
{
  uint64_t cuts = UINT64_C (1) << (n - 1);

  assert_true (n <= 18);
  for (uint64_t ends = 0; ends < cuts; ends++)
    {
      struct taken taken = take_all (framing, stream, n, ends);

      assert_int_equal (taken.size, size);
      assert_memory_equal (taken.text, messages, size);
    }
}

#define EXPECT(kind, size, stream, messages) \
  expect ((struct framing){ kind, size }, stream, sizeof (stream) - 1, messages, sizeof (messages) - 1)

static void
lines (void **state)
{
  (void) state;
  EXPECT (FRAMING_LINE, 0, "ab\n\nc\r\n\0d\nrest", "2:ab;0:;2:c\r;2:\0d;");
}

static void
length16 (void **state)
{
  (void) state;
  EXPECT (FRAMING_LENGTH16, 0, "\0\2ab\0\0\0\3c\nd\0\7rest", "2:ab;0:;3:c\nd;");
}

static void
length32 (void **state)
{
  (void) state;
  EXPECT (FRAMING_LENGTH32, 0, "\0\0\0\2ab\0\0\0\0\0\0\0\1c", "2:ab;0:;1:c;");
}

static void
fixed (void **state)
{
  (void) state;
  EXPECT (FRAMING_FIXED, 4, "abcdefghij", "4:abcd;4:efgh;");
}

static void
until_the_end (void **state)
{
  (void) state;
  EXPECT (FRAMING_EOF, 0, "ab\ncd\n", "6:ab\ncd\n;");
}

static void
as_received (void **state)
{
  struct taken taken;

  (void) state;
  taken = take_all ((struct framing){ FRAMING_RECV, 0 }, "abcdef", 6, 1u << 1 | 1u << 2);
  assert_int_equal (taken.size, 15);
  assert_memory_equal (taken.text, "2:ab;1:c;3:def;", 15);
}

static void
too_long (void **state)
{
  static uint8_t bytes[LIMIT + 8];
  struct cut cut = { 0 };

  (void) state;
  memset (bytes, 'x', sizeof bytes);
  assert_int_equal (framer_cut ((struct framing){ FRAMING_LINE, 0 }, bytes, LIMIT, false, LIMIT,
                                &cut),
                    CUT_MORE);
  assert_int_equal (cut.scanned, LIMIT);
  assert_int_equal (framer_cut ((struct framing){ FRAMING_LINE, 0 }, bytes, LIMIT + 1, false,
                                LIMIT, &cut),
                    CUT_TOO_LONG);
  cut = (struct cut){ 0 };
  bytes[LIMIT] = '\n';
  assert_int_equal (framer_cut ((struct framing){ FRAMING_LINE, 0 }, bytes, LIMIT + 1, false,
                                LIMIT, &cut),
                    CUT_MESSAGE);
  assert_int_equal (cut.size, LIMIT);
  assert_int_equal (framer_cut ((struct framing){ FRAMING_LENGTH32, 0 },
                                (const uint8_t *) "\377\377\377\377", 4, false, LIMIT, &cut),
                    CUT_TOO_LONG);
  assert_int_equal (framer_cut ((struct framing){ FRAMING_EOF, 0 }, bytes, LIMIT + 1, false,
                                LIMIT, &cut),
                    CUT_TOO_LONG);
}

/* Many at a time are the same as one by one, and as many are looked for as are wanted. */
static void
many (void **state)
{
  static const uint8_t stream[] = "ab\n\nc\n0123456789\nrest";
  struct message messages[3];
  struct cut cut = { 0 };
  enum cut_result result;
  struct framing line = { FRAMING_LINE, 0 }, fixed = { FRAMING_FIXED, 7 };
  size_t n = sizeof stream - 1;

  (void) state;
  assert_int_equal (framer_cut_many (line, stream, n, false, LIMIT, messages, 3, &cut, &result), 3);
  assert_int_equal (result, CUT_MESSAGE);
  assert_int_equal (cut.scanned, 0);
  assert_ptr_equal (messages[1].data, stream + 3);
  assert_int_equal (messages[1].size, 0);
  assert_int_equal (messages[2].size, 1);
  assert_int_equal (
      framer_cut_many (line, stream + 6, n - 6, false, LIMIT, messages, 3, &cut, &result), 1);
  assert_int_equal (result, CUT_MORE);
  assert_int_equal (cut.scanned, 4);
  assert_int_equal (
      framer_cut_many (line, stream + n - 4, 4, false, LIMIT, messages, 3, &cut, &result), 0);
  assert_int_equal (result, CUT_MORE);
  assert_int_equal (cut.scanned, 4);
  cut.scanned = 0;
  assert_int_equal (framer_cut_many (line, stream, n, false, 9, messages, 3, &cut, &result), 3);
  assert_int_equal (framer_cut_many (line, stream + 6, n - 6, false, 9, messages, 3, &cut, &result),
                    0);
  assert_int_equal (result, CUT_TOO_LONG);
  assert_int_equal (framer_cut_many (fixed, stream, n, false, LIMIT, messages, 3, &cut, &result),
                    3);
  assert_ptr_equal (messages[2].data, stream + 14);
}

static void
heads (void **state)
{
  uint8_t head[4] = { 9, 9, 9, 9 };

  (void) state;
  assert_null (framer_head ((struct framing){ FRAMING_LENGTH16, 0 }, 0x1234, head));
  assert_memory_equal (head, "\x12\x34\t\t", 4);
  assert_null (framer_head ((struct framing){ FRAMING_LENGTH32, 0 }, 0x123456, head));
  assert_memory_equal (head, "\0\x12\x34\x56", 4);
  assert_null (framer_head ((struct framing){ FRAMING_LENGTH16, 0 }, 65535, head));
  assert_non_null (framer_head ((struct framing){ FRAMING_LENGTH16, 0 }, 65536, head));
  assert_null (framer_head ((struct framing){ FRAMING_FIXED, 4 }, 4, head));
  assert_non_null (framer_head ((struct framing){ FRAMING_FIXED, 4 }, 5, head));
}

UNIT_MAIN (cmocka_unit_test (lines), cmocka_unit_test (length16), cmocka_unit_test (length32),
           cmocka_unit_test (fixed), cmocka_unit_test (until_the_end),
           cmocka_unit_test (as_received), cmocka_unit_test (too_long), cmocka_unit_test (many), cmocka_unit_test (heads))

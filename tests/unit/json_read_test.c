/* json_read_test.c - what is no log is refused with its place, and what can be used of a log is. */
#include "observe/json_line.h"
#include "observe/json_read.h"
#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

#define START \
  "{\"protolab_events\":1,\"event\":\"start\",\"lab\":\"l\",\"transport\":\"udp\",\"framing\":" \
  "\"f\"," \
  "\"transform\":\"t\",\"time\":\"2026-09-01T08:15:00.000000000Z\",\"monotonic\":5}\n"
#define EVENT(more) \
  "{\"t\":5,\"event\":\"recv\",\"side\":\"server\",\"stream\":true,\"size\":1,\"utf8\":\"a\"" more \
  "}\n"

static const struct
{
  const char *text;
  unsigned line, column; /* 0: the whole of it */
  const char *message;
} bad[] = {
  { "", 1, 0, "the file is empty" },
  { "\n", 1, 0, "this is no log of protolab's events" },
  { "{}\n", 1, 0, "this is no log of protolab's events" },
  { "{ \"transport\": \"udp\" }\n", 1, 0, "this is no log of protolab's events" },
  { "\177ELF\1\2\3\n", 1, 0, "this is no log of protolab's events" },
  { "{\"protolab_events\":2}\n", 1, 0, "the log has form 2, and this protolab reads form 1" },
  { "{\"protolab_events\":\"1\"}\n", 1, 20,
    "\"protolab_events\": a whole number from 0 to 9007199254740992 is wanted" },
  { "{\"protolab_events\":1}\n", 1, 1, "\"lab\" is missing" },
  { "{\"protolab_events\":1,\"lab\":1,\"transport\":\"u\",\"framing\":\"f\",\"transform\":\"t\","
    "\"time\":\"2026-09-01T08:15:00.000000000Z\",\"monotonic\":5}\n",
    1, 28, "\"lab\": a text is wanted" },
#define DATE(text) \
  { \
    "{\"protolab_events\":1,\"lab\":\"l\",\"transport\":\"u\",\"framing\":\"f\",\"transform\":" \
    "\"t\"," \
    "\"monotonic\":5,\"time\":\"" text "\"}\n", \
        1, 99, "\"time\": a time like \"2026-09-01T08:15:00.000000000Z\" is wanted" \
  }
  DATE ("yesterday"),
  DATE ("2026-13-01T08:15:00.000000000Z"),
  DATE ("2026-09-01T08:15:00Z"),
  DATE ("2026-09-01T08:15:00.12345678Z"),
  DATE ("2026-09-01T08:15:00.-12345678Z"),
  DATE ("2026-09-01T08:15:00.123456789Zz"),
  DATE ("9999-09-01T08:15:00.123456789Z"),
  DATE ("1969-09-01T08:15:00.123456789Z"),

  { START "\n", 2, 1, "an empty line" },
  { START "  \n", 2, 3, "an empty line" },
  { START "[]\n", 2, 1, "the { of an event is wanted" },
  { START "event\n", 2, 1, "the { of an event is wanted" },
  { START EVENT ("") "{\"event\":}\n", 3, 10, "no JSON from here on" },
  { START "{\"event\":\"recv\"\n", 2, 16, "no JSON from here on" },
  { START "{\"event\":\"recv\"} {}\n", 2, 18, "no JSON from here on" },
  { START "{\"event\":\"\377\"}\n", 2, 11, "no JSON from here on" },
  { START "{\"event\":\"a\",\"event\":\"b\"}\n", 2, 14,
    "\"event\": this key stands in the same object already" },
  { START "{}\n", 2, 1, "\"event\" is missing" },
  { START "{\"event\":1}\n", 2, 10, "\"event\": a text is wanted" },
  { START "{\"event\":\"recv\"}\n", 2, 1, "\"t\" is missing" },
  { START START, 2, 1, "another log begins here; each is rendered by itself" },
  { START "{\"event\":\"gap\",\"missing\":-1}\n", 2, 26,
    "\"missing\": a whole number from 0 to 9007199254740992 is wanted" },
  { START "{\"event\":\"note\",\"side\":\"server\",\"stream\":true,\"t\":5}\n", 2, 1,
    "\"text\" is missing" },
  { START "{\"event\":\"packet\",\"side\":\"server\",\"stream\":true,\"t\":5}\n", 2, 1,
    "\"fate\" is missing" },
  { START "{\"event\":\"recv\",\"side\":\"both\",\"stream\":true,\"t\":5}\n", 2, 24,
    "\"side\": \"server\" or \"client\" is wanted" },
  { START "{\"event\":\"recv\",\"side\":0,\"stream\":true,\"t\":5}\n", 2, 24,
    "\"side\": \"server\" or \"client\" is wanted" },
  { START "{\"event\":\"recv\",\"side\":\"server\",\"stream\":\"tcp\",\"t\":5}\n", 2, 42,
    "\"stream\": true or false is wanted" },
#define SECONDS(t) \
  { \
    START "{\"t\":" t ",\"event\":\"recv\",\"side\":\"server\",\"stream\":true}\n", 2, 6, \
        "\"t\": a number of seconds up to 500000000.000000000 is wanted" \
  }
  SECONDS ("-1"),
  SECONDS ("1e3"),
  SECONDS ("\"1\""),
  SECONDS ("true"),
  SECONDS ("{}"),
  SECONDS ("1.0000000001"),
  SECONDS ("500000000.000000001"),
  SECONDS ("9007199254740991"),
  { START "{\"t\":0.5,\"event\":\"note\",\"side\":\"server\",\"stream\":true,\"text\":\"\"}\n"
          "{\"event\":\"recv\",\"side\":\"server\",\"stream\":true,\"t\":0.499999999}\n",
    3, 51, "the time of this event is before that of the line above" },
  { START
    "{\"t\":5,\"event\":\"recv\",\"side\":\"server\",\"stream\":true,\"size\":2,\"utf8\":\"a\"}\n",
    2, 1, "\"size\" is 2, and \"utf8\" or \"hex\" has 1 bytes" },
  { START "{\"t\":5,\"event\":\"recv\",\"side\":\"server\",\"stream\":true,\"size\":2}\n", 2, 1,
    "\"size\" is 2, and \"utf8\" or \"hex\" has 0 bytes" },
  { START "{\"t\":5,\"event\":\"recv\",\"side\":\"server\",\"stream\":true,\"hex\":\"6\"}\n", 2, 59,
    "\"hex\": an even number of hexadecimal digits is wanted" },
  { START "{\"t\":5,\"event\":\"recv\",\"side\":\"server\",\"stream\":true,\"hex\":\"6g\"}\n", 2,
    59, "\"hex\": an even number of hexadecimal digits is wanted" },
  { START EVENT (",\"fd\":2147483648"), 2, 78,
    "\"fd\": a whole number from 0 to 2147483647 is wanted" },
  { START EVENT (",\"fd\":1.0"), 2, 78, "\"fd\": a whole number from 0 to 2147483647 is wanted" },
  { START EVENT (",\"fd\":null"), 2, 78, "\"fd\": a whole number from 0 to 2147483647 is wanted" },
  { START EVENT (",\"session\":-1"), 2, 83,
    "\"session\": a whole number from 0 to 9007199254740992 is wanted" },
  { START EVENT (",\"session\":18446744073709551616"), 2, 83, "no JSON from here on" },
  { START EVENT (",\"role\":\"boss\""), 2, 80,
    "\"role\": \"welcoming\", \"connection\", \"server\" or \"client\" is wanted" },
#define PEER(text) \
  { \
    START EVENT (",\"peer\":\"" text "\""), 2, 80, \
        "\"peer\": an address like \"127.0.0.1:12000\" or \"[::1]:12000\" is wanted" \
  }
  PEER (""),
  PEER (":"),
  PEER (":80"),
  PEER ("]:80"),
  PEER ("1.2.3.4"),
  PEER ("1.2.3.4:"),
  PEER ("1.2.3.4:65536"),
  PEER ("1.2.3.4:-1"),
  PEER ("1.2.3.4: 80"),
  PEER ("1.2.3.4:080"),
  PEER ("256.2.3.4:1"),
  PEER ("localhost:1"),
  PEER ("::1:80"),
  PEER ("[::1:80"),
  PEER ("::1]:80"),
  PEER ("[::1%]:80"),
  PEER ("[::1%lo]:80"),
  PEER ("[::1%4294967296]:80"),
  PEER ("[]:80"),
  PEER ("[1.2.3.4]:80"),
  { START EVENT (",\"fate\":{\"flow\":1,\"index\":0,\"direction\":\"in\",\"what\":[]}"), 2, 98,
    "\"index\": a whole number from 1 on is wanted" },
  { START EVENT (",\"fate\":{\"index\":1,\"direction\":\"in\",\"what\":[]}"), 2, 80,
    "\"flow\" is missing" },
  { START EVENT (",\"fate\":1"), 2, 80, "\"fate\": an object is wanted" },
  { START EVENT (",\"fate\":{}"), 2, 80, "\"what\" is missing" },
  { START EVENT (",\"fate\":{\"flow\":1,\"index\":1,\"direction\":\"in\",\"what\":\"drop\"}"), 2,
    124, "\"what\": a list is wanted" },
  { START EVENT (
        ",\"fate\":{\"flow\":1,\"index\":1,\"direction\":\"in\",\"what\":[\"drop\",\"eat\"]}"),
    2, 132,
    "\"what\": \"drop\", \"duplicate\", \"corrupt\", \"truncate\", \"delay\", \"reorder\" or "
    "\"crowded\" is wanted" },
  { START EVENT (
        ",\"fate\":{\"flow\":1,\"index\":1,\"direction\":\"in\",\"what\":[],\"delay_ms\":-1}"),
    2, 138, "\"delay_ms\": a number of milliseconds from 0 to 1e9 is wanted" },
  { START EVENT (
        ",\"fate\":{\"flow\":1,\"index\":1,\"direction\":\"in\",\"what\":[],\"delay_ms\":1e99}"),
    2, 138, "\"delay_ms\": a number of milliseconds from 0 to 1e9 is wanted" },
  { START EVENT (
        ",\"fate\":{\"flow\":1,\"index\":1,\"direction\":\"in\",\"what\":[],\"delay_ms\":\"1\"}"),
    2, 138, "\"delay_ms\": a number of milliseconds from 0 to 1e9 is wanted" },
};

/* Reads a log to its end; the last remark is left. */
static enum json_read
read_all (const char *text, size_t size, struct json_remark *remark, unsigned *events)
{
  int fd = memfd_create ("log", MFD_CLOEXEC);
  struct json_reader *reader;
  enum json_read what = JSON_READ_ERROR;
  struct event event;

  *remark = (struct json_remark){ .text = "" };
  *events = 0;
  assert_int_equal (pwrite (fd, text, size, 0), size);
  reader = json_read_open (fd, remark);
  while (reader != NULL && (what = json_read_next (reader, &event, remark)) != JSON_READ_END
         && what != JSON_READ_ERROR)
    *events += what == JSON_READ_EVENT;
  if (reader != NULL)
    json_read_close (reader);
  close (fd);
  return what;
}

static void
refusals (void **state)
{
  struct json_remark remark;
  unsigned events;

  (void) state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    {
      enum json_read what = read_all (bad[i].text, strlen (bad[i].text), &remark, &events);

      if (what != JSON_READ_ERROR || remark.line != bad[i].line || remark.column != bad[i].column
          || strcmp (remark.text, bad[i].message) != 0)
        fail_msg ("%s: %ju:%u: \"%s\", not %u:%u: \"%s\"", bad[i].text, remark.line, remark.column,
                  remark.text, bad[i].line, bad[i].column, bad[i].message);
    }
}

static void
later_versions (void **state)
{
  static const char text[] = START "{\"event\":\"dreamt\",\"of\":[1,{\"more\":null}]}\n" EVENT (
      ",\"mood\":{\"side\":1},\"fate\":{\"flow\":1,\"index\":1,\"direction\":\"in\",\"what\":[],"
      "\"new\":1}") "{\"event\":\"dreamt\"}\n";
  struct json_remark remark;
  unsigned events;

  (void) state;
  assert_int_equal (read_all (text, sizeof text - 1, &remark, &events), JSON_READ_END);
  assert_int_equal (events, 1);
  assert_string_equal (remark.text, "2 events are of a kind that this protolab does not know");
  assert_int_equal (remark.line, 0);
}

static void
gaps (void **state)
{
  static const char text[] = START EVENT ("") "{\"event\":\"gap\",\"missing\":12}\n" EVENT ("");
  struct json_remark remark;
  unsigned events;

  (void) state;
  assert_int_equal (read_all (text, sizeof text - 1, &remark, &events), JSON_READ_END);
  assert_int_equal (events, 2);
  assert_int_equal (remark.line, 3);
  assert_string_equal (remark.text, "12 events are missing here: whoever read the log was slow");
}

/* Wherever the writer was killed, what is whole is used. */
static void
cut_short (void **state)
{
  static const char text[] = START EVENT ("") EVENT ("");
  static const char one[] = EVENT ("");
  struct json_remark remark;
  unsigned events;

  (void) state;
  for (size_t cut = 0; cut < sizeof one; cut++)
    {
      enum json_read what = read_all (text, sizeof text - 1 - cut, &remark, &events);
      bool is_whole = cut <= 1 || cut == sizeof one - 1;

      assert_int_equal (what, JSON_READ_END);
      assert_int_equal (events, cut <= 1 ? 2 : 1);
      assert_string_equal (remark.text, is_whole ? ""
                                                 : "the last line is cut short: its writer was "
                                                   "stopped; all before it is used");
      assert_int_equal (remark.line, is_whole ? 0 : 3);
    }
}

static void
hostile_lines (void **state)
{
  struct json_remark remark;
  unsigned events;
  char *text;
  size_t size;
  FILE *to = open_memstream (&text, &size);

  (void) state;
  fputs (START "{\"event\":\"x\",\"list\":[", to);
  for (int i = 0; i < JSON_LINE_VALUES; i++)
    fputs ("0,", to);
  fputs ("0]}\n", to);
  fclose (to);
  assert_int_equal (read_all (text, size, &remark, &events), JSON_READ_ERROR);
  assert_string_equal (remark.text, "more than 4096 values in one line");
  free (text);

  /* Commas in texts are not values. */
  to = open_memstream (&text, &size);
  fputs (START
         "{\"event\":\"note\",\"side\":\"server\",\"stream\":true,\"t\":5,\"text\":\"\\\\\\\"",
         to);
  for (int i = 0; i < JSON_LINE_VALUES; i++)
    fputs (",", to);
  fputs ("\"}\n", to);
  fclose (to);
  assert_int_equal (read_all (text, size, &remark, &events), JSON_READ_END);
  assert_int_equal (events, 1);
  free (text);

  to = open_memstream (&text, &size);
  fputs (START "{\"event\":\"x\",\"list\":", to);
  for (int i = 0; i < 4000; i++)
    fputs ("[", to);
  fputs ("\n", to);
  fclose (to);
  assert_int_equal (read_all (text, size, &remark, &events), JSON_READ_ERROR);
  assert_string_equal (remark.text, "no JSON from here on");
  free (text);
}

UNIT_MAIN (cmocka_unit_test (refusals), cmocka_unit_test (later_versions), cmocka_unit_test (gaps),
           cmocka_unit_test (cut_short), cmocka_unit_test (hostile_lines))

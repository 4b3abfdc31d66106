/* describe_test.c - what a lab says, in words for people. */
#include "fake_plugins.h"
#include "lab/describe.h"
#include "unit.h"

/* What a descriptor is in words, to be freed. */
static char *
words_of (const char *descriptor)
{
  struct report report;
  struct lab *lab;
  char *text;
  size_t size;
  FILE *to = open_memstream (&text, &size);

  report_init (&report, "labs/first.json");
  lab = lab_parse (descriptor, strlen (descriptor), &fake_plugins, &report);
  assert_non_null (lab);
  lab_describe (lab, to);
  fclose (to);
  lab_free (lab);
  report_free (&report);
  return text;
}

static void
link_described (void **state)
{
  char *text = words_of (
      "{ \"transport\": \"udp\", \"transform\": \"echo\", \"port\": 1, \"link\": { \"loss\": 0.3, "
      "\"corrupt\": 1e-3, \"reorder\": 0, \"delay_ms\": 20, \"rate_kbps\": 64, \"direction\": "
      "\"in\", \"script\": [ \"drop 3-5 in\", \"delay every 2 out 300ms\", \"truncate 1 in 5\" ] } "
      "}");

  (void) state;
  assert_string_equal (strstr (text, "\nlink\n"),
                       "\nlink\n"
                       "  seed          1: what all dice of the link follow from (default)\n"
                       "  loss          0.3: the share of packets that are lost\n"
                       "  corrupt       0.001: the share in which a bit is changed\n"
                       "  delay_ms      20: milliseconds that each packet is on its way\n"
                       "  rate_kbps     64: kilobits that pass in a second\n"
                       "  direction     in: towards the server\n"
                       "  script        drop 3-5 in\n"
                       "                delay every 2 out 300ms\n"
                       "                truncate 1 in 5\n");
  free (text);

  text = words_of ("{ \"transport\": \"tcp\", \"transform\": \"echo\", \"port\": 1, \"link\": { "
                   "\"seed\": 0, \"slice\": 1, \"reset_after\": 9, \"direction\": \"out\" } }");
  assert_string_equal (strstr (text, "\nlink\n"),
                       "\nlink\n"
                       "  seed          0: what all dice of the link follow from\n"
                       "  slice         1: the most bytes of a stream that travel together\n"
                       "  reset_after   9: bytes of a stream after which it is reset\n"
                       "  direction     out: towards the client\n");
  free (text);
  text = words_of ("{ \"transport\": \"udp\", \"transform\": \"echo\", \"port\": 1, \"link\": { "
                   "\"seed\": 5 } }");
  assert_null (strstr (text, "link"));
  free (text);
}

static void
described (void **state)
{
  static const char descriptor[]
      = "{ \"transport\": \"tcp\", \"port\": 12000, \"title\": \"Count\\u202e\", \"close\": "
        "\"after-reply\", \"framing\": \"fixed:4\", \"transform\": [ \"echo\", { \"plugin\": "
        "\"count_s\", \"letter\": \"x\" } ], \"about\": \"One.\\n\\n    code  here\\nA line that "
        "is "
        "so "
        "long that it must be broken somewhere before its end, which is here.\", \"limits\": { "
        "\"sessions\": 5 } }";
  char *text = words_of (descriptor);

  (void) state;
  assert_string_equal (
      text,
      "first: Count\\u202e\n"
      "\n"
      "One.\n"
      "\n"
      "    code here\n"
      "A line that is so long that it must be broken somewhere before its end, which\n"
      "is here.\n"
      "\n"
      "  transport     tcp: Carries a stream\n"
      "  transform     echo: Sends each message back\n"
      "  then          count_s: Counts a letter\n"
      "    letter       \"x\": the letter that is counted\n"
      "    ignore_case  false: whether S counts as s (default)\n"
      "  server        127.0.0.1, port 12000\n"
      "  framing       fixed:4: each message has the same number of bytes, 4\n"
      "  close         after-reply: the server closes the connection after its answer\n"
      "\n"
      "client\n"
      "  prompt        \"Input lowercase sentence: \"\n"
      "  repeat        true: the client asks for sentence after sentence\n"
      "  timeout_ms    2000: how long it waits for an answer, in milliseconds (default)\n"
      "\n"
      "limits\n"
      "  message_bytes 1048576: bytes of the longest message (default)\n"
      "  sessions      5: conversations at one time\n"
      "  handshake_ms  600000: milliseconds until a session's first message has come; 0: no limit"
      " (default)\n"
      "  idle_ms       600000: milliseconds of silence after which a session is ended; 0: never"
      " (default)\n"
      "  total_ms      0: milliseconds that a session may last; 0: no limit (default)\n"
      "  unsent_bytes  1048576: bytes of answers that a peer may leave unread (default)\n");
  free (text);
}

UNIT_MAIN (cmocka_unit_test (described), cmocka_unit_test (link_described))

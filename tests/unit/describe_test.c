/* describe_test.c - what a lab says, in words for people. */
#include "fake_plugins.h"
#include "lab/describe.h"
#include "unit.h"

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
  struct report report;
  struct lab *lab;
  char *text;
  size_t size;
  FILE *to = open_memstream (&text, &size);

  (void) state;
  report_init (&report, "labs/first.json");
  lab = lab_parse (descriptor, strlen (descriptor), &fake_plugins, &report);
  assert_non_null (lab);
  lab_describe (lab, to);
  fclose (to);
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
  lab_free (lab);
  report_free (&report);
}

UNIT_MAIN (cmocka_unit_test (described))

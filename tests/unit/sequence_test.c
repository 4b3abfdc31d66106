/* sequence_test.c - sequence diagrams of plain runs, at several widths and in every form. */
#include "sequence_stage.h"

static void
play_udp (struct stage *stage)
{
  start_server (stage);
  start_client (stage);
  exchange (stage, "hello world", "HELLO WORLD", false);
  tell_text (stage, 's', EVENT_NOTE, "3 letters s");
  tell_plain (stage, 'c', EVENT_CLOSED);
  serve (stage, EVENT_CLOSED);
}

static void
play_tcp (struct stage *stage)
{
  start_server (stage);
  start_client (stage);
  exchange (stage, "hello world", "HELLO WORLD", true);
  tell_plain (stage, 's', EVENT_HALF_CLOSED);
  tell_plain (stage, 'c', EVENT_HALF_CLOSED);
  tell_bytes (stage, 'c', EVENT_RECV, "", 0);
  tell_bytes (stage, 's', EVENT_RECV, "", 0);
  tell_plain (stage, 's', EVENT_CLOSED);
  tell_plain (stage, 'c', EVENT_CLOSED);
  serve (stage, EVENT_CLOSED);
}

static void
widths (void **state)
{
  static const unsigned columns[] = { 40, 60, 80, 120 };
  char name[40];

  (void) state;
  for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
    {
      struct stage stage;

      open_stage (&stage, false, SEQUENCE_MESSAGES, columns[i], BOTH);
      play_udp (&stage);
      snprintf (name, sizeof name, "udp-%u", columns[i]);
      check_golden (&stage, name, columns[i]);
      open_stage (&stage, true, SEQUENCE_MESSAGES, columns[i], BOTH);
      play_tcp (&stage);
      snprintf (name, sizeof name, "tcp-%u", columns[i]);
      check_golden (&stage, name, columns[i]);
    }
}

static void
calls_and_hex (void **state)
{
  struct stage stage;

  (void) state;
  open_stage (&stage, false, SEQUENCE_CALLS, 80, BOTH);
  play_udp (&stage);
  check_golden (&stage, "udp-calls", 80);
  open_stage (&stage, true, SEQUENCE_CALLS, 80, BOTH);
  play_tcp (&stage);
  check_golden (&stage, "tcp-calls", 80);
  open_stage (&stage, true, SEQUENCE_CALLS, 40, BOTH);
  play_tcp (&stage);
  check_golden (&stage, "tcp-calls-40", 40);
  open_stage (&stage, false, SEQUENCE_HEX, 80, BOTH);
  play_udp (&stage);
  check_golden (&stage, "udp-hex", 80);
  open_stage (&stage, true, SEQUENCE_HEX, 60, BOTH);
  play_tcp (&stage);
  check_golden (&stage, "tcp-hex-60", 60);
}

/* Messages that are longer than what is shown of them. */
static void
long_messages (void **state)
{
  static const struct
  {
    enum sequence_what what;
    unsigned columns;
    const char *name;
  } forms[] = { { SEQUENCE_HEX, 80, "long-hex" },
                { SEQUENCE_CALLS, 80, "long-calls" },
                { SEQUENCE_CALLS, 40, "long-calls-40" } };
  char message[1101];

  (void) state;
  memset (message, 'x', sizeof message);
  message[sizeof message - 1] = '\0';
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
    {
      struct stage stage;

      open_stage (&stage, false, forms[i].what, forms[i].columns, BOTH);
      start_client (&stage);
      send_message (&stage, 'c', message, false);
      check_golden (&stage, forms[i].name, forms[i].columns);
    }
}

/* Only one side tells. */
static void
one_side (void **state)
{
  struct stage stage;

  (void) state;
  open_stage (&stage, true, SEQUENCE_MESSAGES, 80, 1u << SIDE_SERVER);
  start_server (&stage);
  tell_plain (&stage, 's', EVENT_ACCEPTED);
  receive_message (&stage, 's', "hello", true);
  send_message (&stage, 's', "HELLO", true);
  tell_bytes (&stage, 's', EVENT_RECV, "", 0);
  tell_plain (&stage, 's', EVENT_CLOSED);
  check_golden (&stage, "serve-tcp", 80);

  open_stage (&stage, true, SEQUENCE_MESSAGES, 80, 1u << SIDE_CLIENT);
  tell_plain (&stage, 'c', EVENT_CREATED);
  tell_plain (&stage, 'c', EVENT_CONNECTING);
  tell_plain (&stage, 'c', EVENT_CONNECTED);
  send_message (&stage, 'c', "hello", true);
  receive_message (&stage, 'c', "HELLO", true);
  tell_plain (&stage, 'c', EVENT_CLOSED);
  check_golden (&stage, "client-tcp", 80);

  open_stage (&stage, false, SEQUENCE_MESSAGES, 80, 1u << SIDE_CLIENT);
  tell_plain (&stage, 'c', EVENT_CREATED);
  tell_plain (&stage, 'c', EVENT_CONNECTING);
  tell_plain (&stage, 'c', EVENT_CONNECTED);
  send_message (&stage, 'c', "hello", false);
  receive_message (&stage, 'c', "HELLO", false);
  tell_plain (&stage, 'c', EVENT_CLOSED);
  check_golden (&stage, "client-udp", 80);

  open_stage (&stage, true, SEQUENCE_MESSAGES, 80, 1u << SIDE_CLIENT);
  tell_plain (&stage, 'c', EVENT_CREATED);
  tell_plain (&stage, 'c', EVENT_CONNECTING);
  tell_plain (&stage, 'c', EVENT_CLOSED);
  check_golden (&stage, "client-refused", 80);
}

static void
long_addresses (void **state)
{
  static const unsigned columns[] = { 60, 80, 120, 160 };
  char name[40];

  (void) state;
  for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
    {
      struct stage stage;

      open_stage (&stage, true, SEQUENCE_MESSAGES, columns[i], BOTH);
      stage.server = at ("2001:db8:85a3:1234:5678:8a2e:370:7334", 12000);
      stage.client = at ("2001:db8:85a3:1234:5678:8a2e:370:7335", 50001);
      play_tcp (&stage);
      snprintf (name, sizeof name, "ipv6-%u", columns[i]);
      check_golden (&stage, name, columns[i]);
    }
}

static void
many_clients (void **state)
{
  struct stage stage;

  (void) state;
  open_stage (&stage, true, SEQUENCE_MESSAGES, 80, 1u << SIDE_SERVER);
  play_clients (&stage, 3);
  check_golden (&stage, "three-clients", 80);
  open_stage (&stage, true, SEQUENCE_MESSAGES, 80, BOTH);
  play_clients (&stage, 5);
  check_golden (&stage, "five-clients-run", 80);
  open_stage (&stage, false, SEQUENCE_MESSAGES, 120, 1u << SIDE_SERVER);
  play_clients (&stage, 10);
  check_golden (&stage, "ten-clients-120", 120);
  /* Who has been silent for long makes room. */
  open_stage (&stage, false, SEQUENCE_MESSAGES, 60, 0);
  play_clients (&stage, 6);
  stage.now += 11000 * (int64_t) MS;
  stage.client = at ("127.0.0.1", 51000);
  receive_message (&stage, 's', "hello again", false);
  check_golden (&stage, "silent-clients", 60);
}

static void
hostile (void **state)
{
  static const char *const texts[] = {
    "\033[2J\033[31mred\a\b\177",
    "a\nb\r\n\tc",
    "\302\233m\342\200\256evil\342\201\246",
    "\377\300\200",
    "\344\275\240\345\245\275\344\270\226\347\225\214\344\275\240\345\245\275\344\270\226\347\225"
    "\214",
    "a\314\201\314\201\314\201\314\201\314\201\314\201\314\201\314\201",
    "\314\201\314\201x",
    "\360\237\221\250\342\200\215\360\237\221\251",
    "\342\235\244\357\270\217",
    "\"|--->|\"",
    "\341\204\200\341\205\241",
  };
  struct stage stage;

  (void) state;
  open_stage (&stage, false, SEQUENCE_MESSAGES, 80, BOTH);
  start_server (&stage);
  start_client (&stage);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    {
      exchange (&stage, texts[i], texts[i], false);
      tell_text (&stage, 's', EVENT_NOTE, texts[i]);
    }
  tell_bytes (&stage, 'c', EVENT_SEND, "\0\0", 2);
  tell_bytes (&stage, 's', EVENT_RECV, "\0\0", 2);
  tell_bytes (&stage, 'c', EVENT_SEND, "", 0);
  tell_bytes (&stage, 's', EVENT_RECV, "", 0);
  tell_text (&stage, 's', EVENT_TROUBLE,
             "a sentence that is so long that it takes several rows between the lifelines, with a "
             "wordthatislongerthanallofthecolumnsthatthereare in it");
  tell_text (&stage, 'c', EVENT_LIMIT, "limits.idle_ms");
  check_golden (&stage, "hostile", 80);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (widths),         cmocka_unit_test (calls_and_hex),
    cmocka_unit_test (long_messages),  cmocka_unit_test (one_side),
    cmocka_unit_test (long_addresses), cmocka_unit_test (many_clients),
    cmocka_unit_test (hostile),
  };

  cmocka_set_message_output (CM_OUTPUT_TAP);
  return cmocka_run_group_tests (tests, set_locale, NULL);
}

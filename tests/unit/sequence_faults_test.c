/* sequence_faults_test.c - sequence diagrams of what a network does to messages. */
#include "sequence_stage.h"

/* What the link told of a packet, at the server, where the dice are. */
static void
tell_fate (struct stage *stage, char who, enum event_type type, const char *data, struct fate fate)
{
  struct event event = event_of (stage, who, type);

  event.data = (const uint8_t *) data;
  event.size = event.asked = strlen (data);
  event.fate = fate;
  tell (stage, event);
}

/* A datagram from the client that meets its fate; arrives: as what, NULL: never. */
static void
pass_in (struct stage *stage, bool from_client, const char *data, struct fate fate)
{
  fate.direction = DIRECTION_IN;
  fate.flow = 1;
  if (from_client)
    send_message (stage, 'c', data, false);
  tell_fate (stage, 's', EVENT_PACKET, data, fate);
}

static void
arrive (struct stage *stage, char who, const char *data, struct fate fate)
{
  if (who == 's')
    fate.direction = DIRECTION_IN;
  tell_fate (stage, who, EVENT_RECV, data, fate);
  tell_fate (stage, who, EVENT_RECEIVED, data, fate);
}

static void
pass_out (struct stage *stage, const char *data, struct fate fate)
{
  fate.direction = DIRECTION_OUT;
  fate.flow = 1;
  tell_fate (stage, 's', EVENT_SENT, data, fate);
  tell_fate (stage, 's', EVENT_SEND, data, fate);
  tell_fate (stage, 's', EVENT_PACKET, data, fate);
}

static void
play_fates (struct stage *stage, bool both)
{
  struct fate none = { .index = 0 };
  struct fate second = { .what = FATE_DELAY, .index = 2, .delay = 20 * MS };
  struct fate twice = { .what = FATE_DUPLICATE, .index = 4 };
  struct fate turned = { .what = FATE_CORRUPT, .index = 5, .bit = 13 };

  start_server (stage);
  if (both)
    start_client (stage);
  pass_in (stage, both, "Ping 1", (struct fate){ .index = 1 });
  arrive (stage, 's', "Ping 1", (struct fate){ .index = 1 });
  pass_out (stage, "PONG 1", (struct fate){ .what = FATE_DROP, .index = 1 });
  stage->now += 1000 * MS;
  pass_in (stage, both, "Ping 2", second);
  stage->now += 20 * MS;
  arrive (stage, 's', "Ping 2", second);
  pass_out (stage, "PONG 2", (struct fate){ .index = 2 });
  if (both)
    arrive (stage, 'c', "PONG 2", none);
  pass_in (stage, both, "Ping 3", (struct fate){ .what = FATE_DROP, .scripted = true, .index = 3 });
  stage->now += 1000 * MS;
  pass_in (stage, both, "Ping 4", twice);
  arrive (stage, 's', "Ping 4", twice);
  arrive (stage, 's', "Ping 4", twice);
  pass_out (stage, "PONG 4", (struct fate){ .what = FATE_DELAY, .index = 3, .delay = 5 * MS });
  stage->now += 5 * MS;
  if (both)
    arrive (stage, 'c', "PONG 4", none);
  pass_in (stage, both, "Ping 5", turned);
  arrive (stage, 's', "Pi~g 5", turned);
  pass_in (stage, both, "Ping 6",
           (struct fate){ .what = FATE_TRUNCATE | FATE_DELAY, .index = 6, .kept = 3, .delay = MS });
  arrive (stage, 's', "Pin", (struct fate){ .what = FATE_TRUNCATE | FATE_DELAY, .index = 6 });
  pass_in (stage, both, "Ping 7", (struct fate){ .what = FATE_CROWDED, .index = 7 });
}

static void
fates (void **state)
{
  struct stage stage;

  (void) state;
  open_stage (&stage, false, SEQUENCE_MESSAGES, 80, BOTH);
  play_fates (&stage, true);
  check_golden (&stage, "lossy", 80);
  open_stage (&stage, false, SEQUENCE_MESSAGES, 80, 1u << SIDE_SERVER);
  play_fates (&stage, false);
  check_golden (&stage, "lossy-serve", 80);
  open_stage (&stage, false, SEQUENCE_MESSAGES, 60, BOTH);
  play_fates (&stage, true);
  check_golden (&stage, "lossy-60", 60);
  open_stage (&stage, false, SEQUENCE_CALLS, 80, BOTH);
  play_fates (&stage, true);
  check_golden (&stage, "lossy-calls", 80);
}

/* Two datagrams overtake each other; a third one never comes out of the network. */
static void
reordered (void **state)
{
  struct stage stage;
  struct fate none = { .index = 0 };
  struct fate late = { .what = FATE_REORDER, .index = 1 };

  (void) state;
  open_stage (&stage, false, SEQUENCE_MESSAGES, 80, BOTH);
  start_server (&stage);
  start_client (&stage);
  pass_in (&stage, true, "one", late);
  pass_in (&stage, true, "two", (struct fate){ .index = 2 });
  send_message (&stage, 'c', "three", false);
  stage.now += MS;
  arrive (&stage, 's', "two", (struct fate){ .index = 2 });
  arrive (&stage, 's', "one", late);
  pass_out (&stage, "TWO", none);
  pass_out (&stage, "ONE", none);
  stage.now += MS;
  arrive (&stage, 'c', "TWO", none);
  arrive (&stage, 'c', "ONE", none);
  tell_plain (&stage, 'c', EVENT_CLOSED);
  check_golden (&stage, "reordered", 80);
}

/* What happens at the sender comes below what it sent before, arrived or not. */
static void
overtaken (void **state)
{
  struct stage stage;
  struct fate none = { .index = 0 };

  (void) state;
  open_stage (&stage, false, SEQUENCE_MESSAGES, 80, BOTH);
  start_server (&stage);
  start_client (&stage);
  /* The link loses the second one before the first one arrives. */
  send_message (&stage, 'c', "one", false);
  pass_in (&stage, true, "two", (struct fate){ .what = FATE_DROP, .index = 2 });
  arrive (&stage, 's', "one", (struct fate){ .index = 1 });
  /* Twice the same, and what comes first left first. */
  pass_out (&stage, "ONE", none);
  tell_text (&stage, 's', EVENT_NOTE, "another one");
  pass_out (&stage, "ONE", none);
  arrive (&stage, 'c', "ONE", none);
  arrive (&stage, 'c', "ONE", none);
  /* The client does not wait. */
  send_message (&stage, 'c', "bye", false);
  tell_plain (&stage, 'c', EVENT_CLOSED);
  arrive (&stage, 's', "bye", none);
  pass_out (&stage, "BYE", none);
  /* The next client has its place. */
  stage.client_fd++;
  stage.client = at ("127.0.0.1", 50002);
  start_client (&stage);
  send_message (&stage, 'c', "one", false);
  arrive (&stage, 's', "one", none);
  check_golden (&stage, "overtaken", 80);
}

/* A slow network: what takes its time is drawn as two halves. */
static void
late (void **state)
{
  struct stage stage;

  (void) state;
  for (int stream = 0; stream < 2; stream++)
    {
      stage_late = MS;
      open_stage (&stage, stream, SEQUENCE_MESSAGES, 80, BOTH);
      stage_late = 0;
      start_server (&stage);
      start_client (&stage);
      exchange (&stage, "hello", "HELLO", stream);
      tell_plain (&stage, 'c', EVENT_CLOSED);
      if (stream)
        {
          stage.now += MS;
          tell_bytes (&stage, 's', EVENT_RECV, "", 0);
        }
      check_golden (&stage, stream ? "late-tcp" : "late-udp", 80);
    }
}

/* Streams know no messages: slices, and several in one. */
static void
slices (void **state)
{
  struct stage stage;

  (void) state;
  open_stage (&stage, true, SEQUENCE_MESSAGES, 80, BOTH);
  start_server (&stage);
  start_client (&stage);
  send_message (&stage, 'c', "hey", true);
  for (size_t i = 0; i < 4; i++)
    {
      stage.now += MS;
      tell_bytes (&stage, 's', EVENT_RECV, "hey\n" + i, 1);
      if (i < 3)
        settle (&stage);
    }
  tell_data (&stage, 's', EVENT_RECEIVED, "hey");
  /* Three messages of the client's come by one recv, the replies by one send and two recvs. */
  send_message (&stage, 'c', "a", true);
  send_message (&stage, 'c', "b", true);
  send_message (&stage, 'c', "c", true);
  stage.now += MS;
  tell_data (&stage, 's', EVENT_RECV, "a\nb\nc\n");
  for (int i = 0; i < 3; i++)
    {
      tell_data (&stage, 's', EVENT_RECEIVED, (const char *[]){ "a", "b", "c" }[i]);
      tell_data (&stage, 's', EVENT_SENT, (const char *[]){ "A", "B", "C" }[i]);
    }
  tell_data (&stage, 's', EVENT_SEND, "A\nB\nC\n");
  tell_data (&stage, 'c', EVENT_RECV, "A\nB");
  tell_data (&stage, 'c', EVENT_RECEIVED, "A");
  tell_data (&stage, 'c', EVENT_RECV, "\nC\n");
  tell_data (&stage, 'c', EVENT_RECEIVED, "B");
  tell_data (&stage, 'c', EVENT_RECEIVED, "C");
  check_golden (&stage, "slices", 80);

  open_stage (&stage, true, SEQUENCE_MESSAGES, 80, 1u << SIDE_SERVER);
  start_server (&stage);
  tell_plain (&stage, 's', EVENT_ACCEPTED);
  tell_data (&stage, 's', EVENT_RECV, "a\nb\nc");
  for (int i = 0; i < 2; i++)
    {
      tell_data (&stage, 's', EVENT_RECEIVED, (const char *[]){ "a", "b" }[i]);
      tell_data (&stage, 's', EVENT_SENT, (const char *[]){ "A", "B" }[i]);
    }
  tell (&stage, (struct event){ .type = EVENT_SEND,
                                .side = SIDE_SERVER,
                                .fd = CONNECTION,
                                .role = PL_CONNECTION,
                                .local = stage.server,
                                .peer = stage.client,
                                .data = (const uint8_t *) "A\n",
                                .size = 2,
                                .asked = 4 });
  settle (&stage);
  tell_data (&stage, 's', EVENT_SEND, "B\n");
  tell_data (&stage, 's', EVENT_RECV, "\n");
  tell_data (&stage, 's', EVENT_RECEIVED, "c");
  check_golden (&stage, "slices-serve", 80);
}

/* The end of the client's stream is the end of the message: framing eof. */
static void
half_close (void **state)
{
  struct stage stage;
  struct event ended;

  (void) state;
  open_stage (&stage, true, SEQUENCE_MESSAGES, 80, BOTH);
  start_server (&stage);
  start_client (&stage);
  tell_data (&stage, 'c', EVENT_SENT, "the whole text");
  tell_data (&stage, 'c', EVENT_SEND, "the whole text");
  tell_plain (&stage, 'c', EVENT_HALF_CLOSED);
  stage.now += MS;
  tell_data (&stage, 's', EVENT_RECV, "the whole text");
  settle (&stage);
  tell_bytes (&stage, 's', EVENT_RECV, "", 0);
  ended = event_of (&stage, 's', EVENT_HALF_CLOSED);
  ended.by_peer = true;
  tell (&stage, ended);
  tell_data (&stage, 's', EVENT_RECEIVED, "the whole text");
  send_message (&stage, 's', "THE WHOLE TEXT", false);
  tell_plain (&stage, 's', EVENT_CLOSED);
  stage.now += MS;
  tell_data (&stage, 'c', EVENT_RECV, "THE WHOLE TEXT");
  settle (&stage);
  tell_bytes (&stage, 'c', EVENT_RECV, "", 0);
  tell_data (&stage, 'c', EVENT_RECEIVED, "THE WHOLE TEXT");
  tell_plain (&stage, 'c', EVENT_CLOSED);
  check_golden (&stage, "half-close", 80);
}

static void
resets (void **state)
{
  struct stage stage;
  struct event reset;

  (void) state;
  open_stage (&stage, true, SEQUENCE_MESSAGES, 80, BOTH);
  start_server (&stage);
  start_client (&stage);
  send_message (&stage, 'c', "hello", true);
  receive_message (&stage, 's', "hello", true);
  reset = event_of (&stage, 's', EVENT_RESET);
  reset.text = "the link resets the connection after 6 bytes";
  tell (&stage, reset);
  tell_plain (&stage, 's', EVENT_CLOSED);
  stage.now += MS;
  reset = event_of (&stage, 'c', EVENT_RESET);
  reset.by_peer = true;
  tell (&stage, reset);
  tell_text (&stage, 'c', EVENT_CLOSED, "the peer reset the connection");
  check_golden (&stage, "reset", 80);

  open_stage (&stage, true, SEQUENCE_MESSAGES, 80, 1u << SIDE_SERVER);
  start_server (&stage);
  tell_plain (&stage, 's', EVENT_ACCEPTED);
  reset = event_of (&stage, 's', EVENT_RESET);
  reset.by_peer = true;
  tell (&stage, reset);
  tell_text (&stage, 's', EVENT_CLOSED, "the peer reset the connection");
  check_golden (&stage, "reset-serve", 80);

  open_stage (&stage, true, SEQUENCE_CALLS, 80, 1u << SIDE_SERVER);
  start_server (&stage);
  tell_plain (&stage, 's', EVENT_ACCEPTED);
  tell (&stage, reset);
  tell_text (&stage, 's', EVENT_CLOSED, "the peer reset the connection");
  check_golden (&stage, "reset-calls", 80);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (fates),  cmocka_unit_test (reordered), cmocka_unit_test (overtaken),
    cmocka_unit_test (late),   cmocka_unit_test (slices),    cmocka_unit_test (half_close),
    cmocka_unit_test (resets),
  };

  cmocka_set_message_output (CM_OUTPUT_TAP);
  return cmocka_run_group_tests (tests, set_locale, NULL);
}

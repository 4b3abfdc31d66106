/* The segments of a capture: every stream whole and in order, from its handshake to its end. */
#include "capture.h"
#include "story.h"
#include "unit.h"

#include <netinet/tcp.h>

/* Whether a packet of TCP has exactly these flags. */
static bool
has_flags (const struct seen *packet, unsigned flags)
{
  return packet->transport[13] == flags;
}

enum
{
  LONG = 300000
};

static uint8_t many[LONG];
static const char *client_number = "127.0.0.1", *server_number = "127.0.0.1";

static struct event
at_server (enum event_type type, uint16_t port, size_t n)
{
  return (struct event){ .type = type,
                         .stream = true,
                         .session = port,
                         .role = PL_CONNECTION,
                         .local = story_address (server_number, 12000),
                         .peer = story_address (client_number, port),
                         .data = n > 0 ? many : NULL,
                         .size = n };
}

/* Ten clients by turns, each with what it sends and gets in other pieces. */
static void
tell_many (const char *path)
{
  struct observer *observer = capture_opened (path, &story_tcp_scene);

  for (uint16_t port = 1; port <= 10; port++)
    story_tell (observer, 0, at_server (EVENT_ACCEPTED, port, 0));
  for (size_t n = 1; n < LONG; n = n * 3 + 1)
    for (uint16_t port = 1; port <= 10; port++)
      {
        story_tell (observer, (int64_t) n, at_server (EVENT_RECV, port, n + port));
        story_tell (observer, (int64_t) n, at_server (EVENT_SEND, port, 2 * port));
        observer->settle (observer);
      }
  for (uint16_t port = 1; port <= 10; port++)
    {
      story_tell (observer, LONG, at_server (EVENT_RECV, port, 0));
      story_tell (observer, LONG, at_server (EVENT_SEND, port, LONG));
      story_tell (observer, LONG, at_server (EVENT_CLOSED, port, 0));
    }
  story_end (observer);
}

/* Follows the stream of one client: each segment begins where the one before has ended, and
 * acknowledges what has come. */
static void
follow (uint16_t port, size_t *in, size_t *out)
{
  uint32_t next[2] = { 0, 0 }, acknowledged[2] = { 0, 0 };
  size_t total[2] = { 0, 0 };

  for (size_t i = 0; i < seen_count; i++)
    {
      const uint8_t *tcp = seen[i].transport;
      int way = capture_big (tcp, 2) == 12000;

      if (capture_big (tcp, 2) != port && capture_big (tcp + 2, 2) != port)
        continue;
      if (!(tcp[13] & TH_SYN))
        {
          assert_int_equal (capture_big (tcp + 4, 4), next[way]);
          assert_int_equal (capture_big (tcp + 8, 4), next[!way]);
        }
      /* What carries nothing has something new to acknowledge. */
      if (tcp[13] == TH_ACK && seen[i].data_size == 0)
        assert_int_not_equal (capture_big (tcp + 8, 4), acknowledged[way]);
      acknowledged[way] = capture_big (tcp + 8, 4);
      assert_true (capture_big (tcp + 14, 2) > 0);
      next[way] = capture_big (tcp + 4, 4) + (uint32_t) seen[i].data_size
                  + ((tcp[13] & (TH_SYN | TH_FIN)) != 0);
      total[way] += seen[i].data_size;
    }
  *in = total[0];
  *out = total[1];
}

static void
numbers_follow_on_each_other (void **state)
{
  size_t in, out, expected_in, expected_out;

  (void) state;
  for (size_t i = 0; i < LONG; i++)
    many[i] = (uint8_t) (i * 7 >> 3);
  for (int six = 0; six < 2; six++)
    {
      client_number = six ? "2001:db8::1" : "127.0.0.1";
      server_number = six ? "2001:db8::2" : "127.0.0.1";
      capture_of (tell_many);
      for (uint16_t port = 1; port <= 10; port++)
        {
          expected_in = 0, expected_out = LONG;
          for (size_t n = 1; n < LONG; n = n * 3 + 1)
            expected_in += n + port, expected_out += 2 * port;
          follow (port, &in, &out);
          assert_int_equal (in, expected_in);
          assert_int_equal (out, expected_out);
        }
    }
  client_number = server_number = "127.0.0.1";
}

static void
tell_talk (const char *path)
{
  struct observer *observer = capture_opened (path, &story_tcp_scene);

  story_tell (observer, 0, at_server (EVENT_ACCEPTED, 1, 0));
  for (int i = 0; i < 2000; i++)
    {
      story_tell (observer, i, at_server (EVENT_RECV, 1, 60));
      story_tell (observer, i, at_server (EVENT_SEND, 1, 60));
    }
  story_end (observer);
}

static void
answers_acknowledge_what_they_answer (void **state)
{
  (void) state;
  capture_of (tell_talk);
  assert_int_equal (seen_count, 3 + 2 * 2000);
}

/* ------------------------------------------------------------------- ends -- */

static void
tell_ends (const char *path)
{
  struct observer *observer = capture_opened (path, &story_tcp_scene);
  struct event event;

  /* The peer resets; the same ports are used again, and our link resets; one that was there
   * before; one that ends in neither way, with a reason. */
  story_tell (observer, 1, at_server (EVENT_ACCEPTED, 1, 0));
  event = at_server (EVENT_RESET, 1, 0);
  event.by_peer = true;
  story_tell (observer, 2, event);
  event = at_server (EVENT_CLOSED, 1, 0);
  event.text = "the peer reset the connection";
  story_tell (observer, 2, event);
  story_tell (observer, 3, at_server (EVENT_ACCEPTED, 1, 0));
  event = at_server (EVENT_RESET, 1, 0);
  event.text = "reset_after";
  story_tell (observer, 4, event);
  story_tell (observer, 5, at_server (EVENT_RECV, 1, 5));
  story_tell (observer, 5, at_server (EVENT_CLOSED, 1, 0));
  story_tell (observer, 6, at_server (EVENT_ACCEPTED, 3, 0));
  story_tell (observer, 6, at_server (EVENT_ACCEPTED, 3, 0));
  story_tell (observer, 6, at_server (EVENT_RECV, 2, 5));
  story_tell (observer, 7, at_server (EVENT_HALF_CLOSED, 2, 0));
  story_tell (observer, 8, at_server (EVENT_RECV, 2, 7));
  observer->settle (observer);
  event = at_server (EVENT_CLOSED, 2, 0);
  event.text = "idle";
  story_tell (observer, 9, event);
  story_end (observer);
}

static void
every_end_is_shown (void **state)
{
  (void) state;
  capture_of (tell_ends);
  assert_int_equal (seen_count, 17);
  assert_true (has_flags (&seen[3], TH_RST | TH_ACK));
  assert_int_equal (seen[3].flags, 1);
  assert_string_equal (seen[3].comments, "closed: the peer reset the connection;");
  assert_true (has_flags (&seen[4], TH_SYN));
  assert_int_not_equal (capture_big (seen[4].transport + 4, 4),
                        capture_big (seen[0].transport + 4, 4));
  assert_true (has_flags (&seen[7], TH_RST | TH_ACK));
  assert_int_equal (seen[7].flags, 2);
  assert_string_equal (seen[7].comments, "reset: reset_after;");
  assert_true (has_flags (&seen[14], TH_PUSH | TH_ACK));
  assert_true (has_flags (&seen[15], TH_FIN | TH_ACK));
  assert_int_equal (seen[15].flags, 2);
  assert_true (has_flags (&seen[16], TH_PUSH | TH_ACK));
  assert_string_equal (statistics_comment, "closed: idle;");
}

static struct event
at_client (enum event_type type, uint16_t port)
{
  struct event event = at_server (type, port, 0);
  struct pl_address server = event.local;

  event.side = SIDE_CLIENT;
  event.role = PL_CLIENT;
  event.local = event.peer;
  event.peer = server;
  return event;
}

static void
tell_client (const char *path)
{
  struct observer *observer = capture_opened (path, &story_tcp_scene);
  struct event refused = at_client (EVENT_RESET, 2);

  refused.by_peer = true;
  story_tell (observer, 1, at_client (EVENT_CREATED, 1));
  story_tell (observer, 1, at_client (EVENT_CONNECTING, 1));
  story_tell (observer, 5, at_client (EVENT_CONNECTED, 1));
  story_tell (observer, 9, at_client (EVENT_CLOSED, 1));
  story_tell (observer, 11, at_client (EVENT_CONNECTING, 2));
  story_tell (observer, 12, refused);
  story_tell (observer, 12, at_client (EVENT_CLOSED, 2));
  story_tell (observer, 13, at_client (EVENT_CONNECTING, 3));
  story_tell (observer, 14, at_client (EVENT_CLOSED, 3));
  story_end (observer);
}

static void
a_client_alone_is_seen_from_its_side (void **state)
{
  static const unsigned flags[]
      = { TH_SYN, TH_SYN | TH_ACK, TH_ACK, TH_FIN | TH_ACK, TH_SYN, TH_RST | TH_ACK, TH_SYN };
  static const int64_t times[] = { 1, 5, 5, 9, 11, 12, 13 };

  (void) state;
  capture_of (tell_client);
  assert_int_equal (seen_count, 7);
  for (size_t i = 0; i < 7; i++)
    {
      assert_true (has_flags (&seen[i], flags[i]));
      assert_true (seen[i].time == story_tcp_scene.wall + times[i] * MILLISECOND);
    }
  assert_int_equal (seen[0].flags, 2);
  assert_int_equal (capture_big (seen[5].transport + 4, 4), 0);
  assert_int_equal (capture_big (seen[5].transport + 8, 4),
                    capture_big (seen[4].transport + 4, 4) + 1);
}

UNIT_MAIN (cmocka_unit_test (numbers_follow_on_each_other),
           cmocka_unit_test (answers_acknowledge_what_they_answer),
           cmocka_unit_test (every_end_is_shown),
           cmocka_unit_test (a_client_alone_is_seen_from_its_side))

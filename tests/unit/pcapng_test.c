/* The bytes of a capture: every block and header as its specification has it, and what is said of
 * packets beside them. */
#include "observe/packet.h"
#include "observe/remark.h"

#include "capture.h"
#include "story.h"
#include "unit.h"

#include <netinet/tcp.h>

/* ------------------------------------------------------------------ stories -- */

static void
tell_tcp (const char *path)
{
  struct observer *observer = capture_opened (path, &story_tcp_scene);

  story_tcp (observer);
  story_end (observer);
}

static void
tell_udp (const char *path)
{
  struct observer *observer = capture_opened (path, &story_udp_scene);

  story_udp (observer);
  story_end (observer);
}

/* The capture as lines of 16 bytes, a paragraph for each block. */
static void
golden (const char *name, void (*tell) (const char *path))
{
  size_t size, dump_size;
  char *bytes = story_output (tell, &size), *dump;
  FILE *to = open_memstream (&dump, &dump_size);

  for (size_t at = 0; at < size;)
    {
      const uint8_t *block = (const uint8_t *) bytes + at;
      uint32_t length = capture_little (block + 4, 4);

      for (uint32_t i = 0; i < length; i += 16)
        {
          uint32_t n = length - i < 16 ? length - i : 16;

          for (uint32_t j = 0; j < 16; j++)
            if (j < n)
              fprintf (to, "%02x ", block[i + j]);
            else
              fputs ("   ", to);
          fputc (' ', to);
          for (uint32_t j = 0; j < n; j++)
            fputc (block[i + j] >= ' ' && block[i + j] <= '~' ? block[i + j] : '.', to);
          fputc ('\n', to);
        }
      fputc ('\n', to);
      at += length;
    }
  fclose (to);
  story_golden (name, dump, dump_size);
  free (dump);
  free (bytes);
}

static void
the_bytes_are_those_of_the_golden_files (void **state)
{
  (void) state;
  golden ("capture-tcp.hex", tell_tcp);
  golden ("capture-udp.hex", tell_udp);
}

static void
a_connection_has_its_handshake_data_and_end (void **state)
{
  static const unsigned flags[]
      = { TH_SYN,           TH_SYN | TH_ACK, TH_ACK,          TH_PUSH | TH_ACK,
          TH_PUSH | TH_ACK, TH_FIN | TH_ACK, TH_FIN | TH_ACK, TH_ACK };
  static const unsigned outgoing[] = { 0, 1, 0, 0, 1, 0, 1, 0 };

  (void) state;
  capture_of (tell_tcp);
  assert_int_equal (seen_count, 8);
  for (size_t i = 0; i < 8; i++)
    {
      assert_int_equal (seen[i].transport[13], flags[i]);
      assert_int_equal (seen[i].flags, 1 + outgoing[i]);
      assert_int_equal (capture_big (seen[i].transport, 2), outgoing[i] ? 12000 : 51324);
    }
  assert_memory_equal (seen[3].data, "hello\n", 6);
  assert_memory_equal (seen[4].data, "HELLO\n", 6);
  assert_string_equal (seen[3].comments, "5 letters;");
  assert_true (seen[0].time == story_tcp_scene.wall + 12 * MILLISECOND);
  assert_string_equal (section_comment, "lab tcp-uppercase-lines, Upper case, line by line: "
                                        "transport tcp, framing line, transform uppercase;");
}

static void
datagrams_meet_their_fates (void **state)
{
  static const char *const data[] = { "one", "ONE", "ONE", "two", "three", "T\x68R" };
  static const char *const comments[]
      = { "3 letters;",
          "duplicated by the link: packet 1 out of flow 1;",
          "duplicated by the link: packet 1 out of flow 1;",
          "dropped by the link: packet 2 in of flow 1, as the script says;",
          "delayed 300 ms by the link: packet 3 in of flow 1;5 letters;",
          "cut to 3 bytes, corrupted bit 13 by the link: packet 2 out of flow 1;" };

  (void) state;
  capture_of (tell_udp);
  assert_int_equal (seen_count, 6);
  for (size_t i = 0; i < 6; i++)
    {
      assert_int_equal (seen[i].data_size, strlen (data[i]));
      assert_memory_equal (seen[i].data, data[i], strlen (data[i]));
      assert_string_equal (seen[i].comments, comments[i]);
    }
  assert_string_equal (statistics_comment, "limit: limits.sessions is reached;");
}

/* ---------------------------------------------------------------- datagrams -- */

/* RFC 768: a checksum of zero would say that there is none. */
static void
no_datagram_is_without_checksum (void **state)
{
  struct packet packet
      = { .from = story_address ("127.0.0.1", 1), .to = story_address ("127.0.0.1", 2), .size = 2 };
  unsigned all_ones = 0;

  (void) state;
  for (unsigned i = 0; i < 65536; i++)
    {
      uint8_t data[2] = { (uint8_t) (i >> 8), (uint8_t) i }, head[PACKET_HEAD_MAX];
      size_t size;

      packet.data = data;
      size = packet_head (&packet, head);
      assert_int_equal (size, 28);
      assert_int_not_equal (capture_big (head + 26, 2), 0);
      all_ones += capture_big (head + 26, 2) == 0xffff;
    }
  assert_int_equal (all_ones, 1);
}

static void
tell_sizes (const char *path)
{
  static const uint8_t many[300000];
  static const size_t sizes[] = { 0, 1, 3, 1472, 65507, 65508, 65527, 65528, sizeof many };
  static const char *const numbers[][2]
      = { { "127.0.0.1", "127.0.0.1" }, { "::1", "2001:db8::1" }, { "::ffff:10.0.0.1", "::" },
          { "::1", "10.0.0.1" },        { NULL, "10.0.0.1" },     { NULL, NULL } };
  struct observer *observer = capture_opened (path, &story_udp_scene);

  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++)
      {
        struct event event = { .type = j % 2 == 0 ? EVENT_RECV : EVENT_SEND,
                               .peer = story_address (numbers[i][0], 1),
                               .local = story_address (numbers[i][1], 2),
                               .data = sizes[j] > 0 ? many : NULL,
                               .size = sizes[j] };

        story_tell (observer, 1, event);
      }
  story_end (observer);
}

/* check_packet has looked at each of them. */
static void
datagrams_of_any_size_and_address_are_right (void **state)
{
  (void) state;
  capture_of (tell_sizes);
  assert_int_equal (seen_count, 54);
  for (size_t i = 0; i < seen_count; i++)
    {
      size_t whole = seen[i].four ? 65507 : 65527;

      assert_int_equal (seen[i].four, i / 9 == 0 || i / 9 == 2 || i / 9 == 4);
      assert_true (seen[i].data_size <= whole);
      if (i % 9 == 8)
        assert_string_equal (seen[i].comments,
                             seen[i].four ? "65507 of 300000 bytes: a datagram carries no more;"
                                          : "65527 of 300000 bytes: a datagram carries no more;");
    }
}

/* ----------------------------------------------------------------- remarks -- */

static void
tell_remarks (const char *path)
{
  struct observer *observer = capture_opened (path, &story_udp_scene);
  struct event a = { .type = EVENT_RECV,
                     .peer = story_address ("127.0.0.1", 1),
                     .local = story_address ("127.0.0.1", 2) },
               b = a, note = a, any = { .type = EVENT_LIMIT, .text = "full" };
  char *endless = malloc (100001);

  b.peer = story_address ("127.0.0.1", 9);
  memset (endless, 'x', 100000);
  endless[100000] = '\0';
  story_tell (observer, 1, a);
  story_tell (observer, 1, b);
  note.type = EVENT_NOTE;
  note.text = "of a \033[31m\xff\xc2\x80";
  story_tell (observer, 1, note);
  story_tell (observer, 1, any);
  note.type = EVENT_TIMER;
  note.text = "due";
  story_tell (observer, 2, note);
  note.type = EVENT_NOTE;
  note.text = "of the next";
  story_tell (observer, 2, note);
  story_tell (observer, 2, b);
  story_tell (observer, 2, a);
  observer->settle (observer);
  note.text = endless;
  for (int i = 0; i < 1000; i++)
    story_tell (observer, 3, note);
  story_tell (observer, 4, b);
  /* An accent takes no room of its own. */
  for (int i = 0; i < 100000; i++)
    endless[i] = "\xcc\x81"[i % 2];
  note.peer = b.peer;
  story_tell (observer, 4, note);
  observer->settle (observer);
  story_end (observer);
  free (endless);
}

static void
remarks_are_on_the_packet_that_they_are_about (void **state)
{
  int count = 0;

  (void) state;
  capture_of (tell_remarks);
  assert_int_equal (seen_count, 5);
  assert_string_equal (seen[0].comments, "of a \\u001b[31m\\xff\\u0080;");
  assert_string_equal (seen[1].comments, "limit: full;");
  assert_string_equal (seen[2].comments, "");
  assert_string_equal (seen[3].comments, "of the next;");
  assert_int_equal (strncmp (seen[4].comments, "\xcc\x81\xcc\x81", 4), 0);
  assert_int_equal (strncmp (statistics_comment, "xxxxx", 5), 0);
  for (const char *at = statistics_comment; *at != '\0'; at++)
    count += *at == ';';
  assert_int_equal (count, REMARKS_MAX);
}

/* ------------------------------------------------------------------ the file -- */

static void
a_full_disk_is_told_at_the_end (void **state)
{
  struct observer *observer;
  char error[256] = "";

  (void) state;
  if (access ("/dev/full", W_OK) == -1)
    return;
  observer = capture_opened ("/dev/full", &story_tcp_scene);
  story_tcp (observer);
  assert_int_equal (observer->end (observer, error, sizeof error), -1);
  assert_non_null (strstr (error, "/dev/full: No space left on device"));
  assert_null (pcapng_open ("/nowhere/x", &story_tcp_scene, error, sizeof error));
  assert_string_equal (error, "No such file or directory");
}

UNIT_MAIN (cmocka_unit_test (the_bytes_are_those_of_the_golden_files),
           cmocka_unit_test (a_connection_has_its_handshake_data_and_end),
           cmocka_unit_test (datagrams_meet_their_fates),
           cmocka_unit_test (no_datagram_is_without_checksum),
           cmocka_unit_test (datagrams_of_any_size_and_address_are_right),
           cmocka_unit_test (remarks_are_on_the_packet_that_they_are_about),
           cmocka_unit_test (a_full_disk_is_told_at_the_end))

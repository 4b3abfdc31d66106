/* The picture: what is drawn of a run, and that it is XML whatever a peer has sent. */
#include "observe/svg.h"

#include "story.h"
#include "unit.h"

static char *picture; /* the last one */

static struct observer *
opened (const char *path, const struct scene *scene)
{
  char error[256];
  struct observer *observer = svg_open (path, scene, error, sizeof error);

  assert_non_null (observer);
  return observer;
}

/* Whether an XML parser takes it; true too where there is none. */
static bool
is_well_formed (const char *text, size_t size)
{
  FILE *parser;

  if (system ("python3 -c 'import xml.etree.ElementTree' 2>/dev/null") != 0)
    return true;
  parser = popen ("python3 -c 'import sys, xml.etree.ElementTree as tree;"
                  " tree.fromstring(sys.stdin.buffer.read())' 2>/dev/null",
                  "w");
  assert_non_null (parser);
  fwrite (text, 1, size, parser);
  return pclose (parser) == 0;
}

static size_t
picture_of (void (*tell) (const char *path))
{
  size_t size;

  free (picture);
  picture = story_output (tell, &size);
  assert_int_equal (strlen (picture), size);
  assert_true (is_well_formed (picture, size));
  return size;
}

static size_t
count (const char *what)
{
  size_t found = 0;

  for (const char *at = strstr (picture, what); at != NULL; at = strstr (at + 1, what))
    found++;
  return found;
}

static void
has (const char *what)
{
  if (strstr (picture, what) == NULL)
    fail_msg ("%s is not in\n%s", what, picture);
}

/* ------------------------------------------------------------------ stories -- */

static void
tell_tcp (const char *path)
{
  struct observer *observer = opened (path, &story_tcp_scene);

  story_tcp (observer);
  story_end (observer);
}

static void
tell_udp (const char *path)
{
  struct observer *observer = opened (path, &story_udp_scene);

  story_udp (observer);
  story_end (observer);
}

static void
the_pictures_are_those_of_the_golden_files (void **state)
{
  size_t size;

  (void) state;
  size = picture_of (tell_tcp);
  story_golden ("picture-tcp.svg", picture, size);
  size = picture_of (tell_udp);
  story_golden ("picture-udp.svg", picture, size);
}

static void
a_connection_has_its_calls_doors_and_arrows (void **state)
{
  (void) state;
  picture_of (tell_tcp);
  assert_int_equal (count ("marker-end="), 5);
  assert_int_equal (count ("class=\"door"), 2);
  has (">socket() = 5<");
  has (">listen(5): welcoming socket<");
  has (">socket() = 6<");
  has (">connect(6)<");
  has (">accept() = 7: connection socket<");
  has (">&quot;hello\\n&quot; 6 bytes<");
  has (">recv(7) = 6<");
  has (">5 letters<");
  has (">shutdown(6)<");
  has (">recv(7) = 0<");
  has (">close(7)<");
  has ("1 client and a server, with 2 packets of data between them, of which 0 were lost");
  has ("prefers-color-scheme:dark");
  assert_int_equal (count ("<script"), 0);
  assert_int_equal (count ("http"), 1); /* the name of SVG itself */
}

static void
packets_meet_their_fates (void **state)
{
  (void) state;
  picture_of (tell_udp);
  has (">dropped (script)<");
  assert_int_equal (count ("l12 12m0 -12l-12 12"), 1);
  has (">duplicated<");
  assert_int_equal (count ("<circle"), 1);
  has (">cut to 3 bytes, corrupted bit 13<");
  has (">delayed 300 ms<");
  /* Four arrows, and one of them twice. */
  assert_int_equal (count ("marker-end="), 5);
  has ("5 packets of data between them, of which 1 was lost");
}

static void
tell_twice (const char *path)
{
  struct observer *observer = opened (path, &story_udp_scene);
  struct event event = { .type = EVENT_PACKET,
                         .side = SIDE_SERVER,
                         .local = story_address ("127.0.0.1", 12000),
                         .peer = story_address ("127.0.0.1", 40000),
                         SAYS ("one"),
                         .fate = { .what = FATE_DUPLICATE, .flow = 1, .index = 1 } };

  story_tell (observer, 1, event);
  event.type = EVENT_RECV;
  story_tell (observer, 1, event);
  story_tell (observer, 2, event);
  story_end (observer);
}

static void
a_second_copy_leaves_the_way_of_the_first (void **state)
{
  (void) state;
  picture_of (tell_twice);
  assert_int_equal (count ("<circle"), 1);
  assert_int_equal (count ("marker-end="), 2);
  assert_int_equal (count (">&quot;one&quot; 3 bytes</text>"), 1);
}

/* ----------------------------------------------------------------- hostile -- */

static const char evil[]
    = "</text><script>alert(1)</script>&bogus;\"'\x01\xff\xef\xbf\xbf\x1b[31m\xe2\x80\xae";
static const struct scene evil_scene
    = { .lab = evil, .title = evil, .transport = evil, .framing = evil, .transform = evil };

static void
tell_evil (const char *path)
{
  struct observer *observer = opened (path, &evil_scene);
  struct event event = { .side = SIDE_SERVER,
                         .peer = story_address ("2001:db8:1111:2222:3333:4444:5555:6666", 65535),
                         .local = story_address ("2001:db8:1111:2222:3333:4444:5555:7777", 65535),
                         .data = (const uint8_t *) evil,
                         .size = sizeof evil,
                         .text = evil };

  for (int type = 0; type < EVENT_TYPES; type++)
    {
      event.type = type;
      story_tell (observer, type, event);
      event.stream = !event.stream;
      story_tell (observer, -type, event);
    }
  story_end (observer);
}

static void
what_a_peer_sends_stays_text (void **state)
{
  (void) state;
  picture_of (tell_evil);
  assert_int_equal (count ("<script"), 0);
  has ("&lt;/text&gt;&lt;script&gt;alert(1");
  has ("&amp;bogus;");
  assert_int_equal (count ("\x01"), 0);
  assert_int_equal (count ("\x1b"), 0);
  assert_int_equal (count ("\xff"), 0);
  assert_int_equal (count ("\xef\xbf\xbf"), 0);
  assert_int_equal (count ("\xe2\x80\xae"), 0);
}

/* ------------------------------------------------------------------ bounds -- */

static struct event
at_server (enum event_type type, int client)
{
  return (struct event){ .type = type,
                         .side = SIDE_SERVER,
                         .stream = true,
                         .fd = 10 + client,
                         .role = PL_CONNECTION,
                         .local = story_address ("127.0.0.1", 12000),
                         .peer = story_address ("127.0.0.1", (uint16_t) (30000 + client)),
                         .data = (const uint8_t *) "abc",
                         .size = type == EVENT_RECV || type == EVENT_SEND ? 3 : 0 };
}

static int clients, rounds;

static void
tell_many (const char *path)
{
  struct observer *observer = opened (path, &story_tcp_scene);

  for (int client = 0; client < clients; client++)
    story_tell (observer, client, at_server (EVENT_ACCEPTED, client));
  for (int round = 0; round < rounds; round++)
    for (int client = 0; client < clients; client++)
      {
        story_tell (observer, 1000 + round, at_server (EVENT_RECV, client));
        story_tell (observer, 1000 + round, at_server (EVENT_SEND, client));
      }
  story_end (observer);
}

/* Connection sockets that are open at the same time stand side by side. */
static void
doors_stand_apart (void)
{
  int last = 0, x;

  for (const char *at = strstr (picture, "<rect x="); at != NULL; at = strstr (at + 1, "<rect x="))
    {
      const char *end = strchr (at, '\n');

      if (memmem (at, (size_t) (end - at), "class=\"door k", 13) == NULL)
        continue;
      assert_int_equal (sscanf (at, "<rect x=\"%d", &x), 1);
      assert_true (x > last);
      last = x;
    }
}

static void
many_clients_and_events_are_bounded (void **state)
{
  (void) state;
  clients = 10, rounds = 3;
  picture_of (tell_many);
  doors_stand_apart ();
  has (">client 10<");
  assert_int_equal (count ("marker-end="), 10 + 2 * 10 * 3);
  assert_int_equal (count ("Not drawn"), 0);

  clients = 500, rounds = 100;
  assert_true (picture_of (tell_many) < 1000000);
  has (">client 12<");
  assert_int_equal (count (">client 13<"), 0);
  assert_int_equal (count ("class=\"door"), 12);
  has ("Not drawn: 98088 events of clients after the 12th, 912 after this.");

  clients = 0;
  picture_of (tell_many);
  has ("0 clients and a server");
}

/* --------------------------------------------------------------------- ends -- */

static void
tell_client (const char *path)
{
  struct observer *observer = opened (path, &story_tcp_scene);
  struct event event = at_server (EVENT_CONNECTING, 1);
  struct pl_address server = event.local;
  static const enum event_type types[]
      = { EVENT_CONNECTING, EVENT_CONNECTED, EVENT_SEND, EVENT_RECV, EVENT_RESET, EVENT_CLOSED };

  event.side = SIDE_CLIENT;
  event.local = event.peer;
  event.peer = server;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    {
      event.type = types[i];
      event.size = types[i] == EVENT_SEND || types[i] == EVENT_RECV ? 3 : 0;
      event.by_peer = types[i] == EVENT_RESET;
      story_tell (observer, (int64_t) i, event);
    }
  story_end (observer);
}

static void
a_client_alone_is_drawn_from_its_side (void **state)
{
  (void) state;
  picture_of (tell_client);
  assert_int_equal (count ("marker-end="), 4);
  assert_int_equal (count ("class=\"door"), 0);
  has (">RST: the connection is reset<");
  has (">send(11) = 3<");
  has (">close(11)<");
}

static void
a_full_disk_is_told_at_the_end (void **state)
{
  struct observer *observer;
  char error[256] = "";

  (void) state;
  if (access ("/dev/full", W_OK) == -1)
    return;
  observer = opened ("/dev/full", &story_tcp_scene);
  story_tcp (observer);
  assert_int_equal (observer->end (observer, error, sizeof error), -1);
  assert_non_null (strstr (error, "/dev/full: No space left on device"));
}

UNIT_MAIN (cmocka_unit_test (the_pictures_are_those_of_the_golden_files),
           cmocka_unit_test (a_connection_has_its_calls_doors_and_arrows),
           cmocka_unit_test (packets_meet_their_fates),
           cmocka_unit_test (a_second_copy_leaves_the_way_of_the_first),
           cmocka_unit_test (what_a_peer_sends_stays_text),
           cmocka_unit_test (many_clients_and_events_are_bounded),
           cmocka_unit_test (a_client_alone_is_drawn_from_its_side),
           cmocka_unit_test (a_full_disk_is_told_at_the_end))

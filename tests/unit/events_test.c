/* events_test.c - what json_log writes json_read reads as it was. */
#include "host/address.h"
#include "observe/json_log.h"
#include "observe/json_read.h"
#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

static const struct scene scene = { .lab = "events",
                                    .title = "Every \"event\"\n\\ <b>ü</b> \360\237\220\247",
                                    .transport = "tcp",
                                    .framing = "fixed:7",
                                    .transform = "reverse, uppercase",
                                    .wall = INT64_C (1790000000123456789),
                                    .monotonic = INT64_C (86400000000001) };

/* A file without a name, and the name by which it is opened all the same. */
static int
new_file (char path[64])
{
  int fd = memfd_create ("log", MFD_CLOEXEC);

  assert_int_not_equal (fd, -1);
  snprintf (path, 64, "/proc/self/fd/%d", fd);
  return fd;
}

/* ------------------------------------------------------------- round trip -- */

static void
same_text (const char *one, const char *other)
{
  assert_int_equal (one == NULL, other == NULL);
  if (one != NULL)
    assert_string_equal (one, other);
}

static void
same_fate (const struct fate *one, const struct fate *other)
{
  assert_int_equal (one->what, other->what);
  assert_int_equal (one->scripted, other->scripted);
  assert_int_equal (one->direction, other->direction);
  assert_true (one->flow == other->flow && one->index == other->index);
  assert_true (one->delay == other->delay);
  assert_true (one->bit == other->bit && one->kept == other->kept);
}

static void
same_event (const struct event *one, const struct event *other)
{
  assert_int_equal (one->type, other->type);
  assert_int_equal (one->side, other->side);
  assert_int_equal (one->stream, other->stream);
  assert_true (one->time == other->time && one->session == other->session);
  assert_int_equal (one->fd, other->fd);
  assert_int_equal (one->role, other->role);
  assert_true (address_equal (&one->local, &other->local));
  assert_true (address_equal (&one->peer, &other->peer));
  assert_int_equal (one->size, other->size);
  assert_int_equal (one->data == NULL, other->data == NULL);
  if (one->data != NULL)
    assert_memory_equal (one->data, other->data, one->size);
  assert_true (one->asked == other->asked && one->ms == other->ms);
  assert_int_equal (one->by_peer, other->by_peer);
  same_fate (&one->fate, &other->fate);
  same_text (one->text, other->text);
  assert_true (one->round == other->round);
}

/* Writes the events and reads them again. */
static void
round_trip (const struct event *events, size_t count)
{
  char path[64], error[256];
  int fd = new_file (path);
  struct observer *log = json_log_open (path, &scene, error, sizeof error);
  struct json_remark remark;
  struct json_reader *reader;
  struct event event;

  assert_non_null (log);
  for (size_t i = 0; i < count; i++)
    log->event (log, &events[i]);
  assert_int_equal (log->end (log, error, sizeof error), 0);

  reader = json_read_open (fd, &remark);
  assert_non_null (reader);
  for (size_t i = 0; i < count; i++)
    {
      enum json_read what = json_read_next (reader, &event, &remark);

      if (what != JSON_READ_EVENT)
        fail_msg ("event %zu: %s", i, remark.text);
      same_event (&events[i], &event);
    }
  assert_int_equal (json_read_next (reader, &event, &remark), JSON_READ_END);
  assert_int_equal (json_read_next (reader, &event, &remark), JSON_READ_END);
  json_read_close (reader);
  close (fd);
}

static struct pl_address
address (const char *text)
{
  struct pl_address result;

  assert_true (address_parse (text, &result));
  return result;
}

/* An event with all that its type has. */
static struct event
full_event (enum event_type type)
{
  struct event event = { .type = type,
                         .side = SIDE_CLIENT,
                         .stream = true,
                         .time = scene.monotonic + 1,
                         .session = 7,
                         .fd = 5,
                         .role = PL_CLIENT,
                         .local = address ("127.0.0.1:40000"),
                         .peer = address ("127.0.0.1:12000"),
                         .text = "why \"quoted\"",
                         .round = 3 };

  if (type == EVENT_RECV || type == EVENT_SEND || type == EVENT_PACKET || type == EVENT_RECEIVED
      || type == EVENT_SENT)
    {
      event.data = (const uint8_t *) "hello\n";
      event.size = 6;
      event.fate = (struct fate){ .what = FATE_DELAY, .flow = 1, .index = 2, .delay = 20500001 };
    }
  if (type == EVENT_SEND)
    event.asked = 100;
  if (type == EVENT_TIMER)
    {
      event.text = "set";
      event.ms = 1500;
    }
  event.by_peer = type == EVENT_HALF_CLOSED || type == EVENT_RESET;
  return event;
}

static void
every_type (void **state)
{
  struct event events[EVENT_TYPES];

  (void) state;
  for (int type = 0; type < EVENT_TYPES; type++)
    events[type] = full_event ((enum event_type) type);
  round_trip (events, EVENT_TYPES);
}

static void
as_little_as_can_be (void **state)
{
  struct event events[EVENT_TYPES];

  (void) state;
  for (int type = 0; type < EVENT_TYPES; type++)
    {
      bool needs_text = type == EVENT_NOTE || type == EVENT_LIMIT || type == EVENT_TROUBLE
                        || type == EVENT_TIMER;

      events[type] = (struct event){ .type = (enum event_type) type,
                                     .fd = -1,
                                     .time = scene.monotonic,
                                     .text = needs_text ? "" : NULL };
      if (type == EVENT_PACKET)
        events[type].fate = (struct fate){ .flow = 1, .index = 1 };
    }
  round_trip (events, EVENT_TYPES);
}

static void
roles_and_sides (void **state)
{
  struct event events[8];
  size_t count = 0;

  (void) state;
  for (int side = SIDE_SERVER; side <= SIDE_CLIENT; side++)
    for (int role = PL_WELCOMING; role <= PL_CLIENT; role++)
      {
        events[count] = full_event (EVENT_CREATED);
        events[count].side = (enum side) side;
        events[count].stream = role != PL_SERVER;
        events[count++].role = (enum pl_role) role;
      }
  round_trip (events, count);
}

static void
every_byte (void **state)
{
  uint8_t all[512];
  struct event events[258];

  (void) state;
  for (size_t i = 0; i < sizeof all; i++)
    all[i] = (uint8_t) i;
  for (size_t i = 0; i < 258; i++)
    {
      events[i] = full_event (EVENT_RECV);
      events[i].data = &all[i % 256];
      events[i].size = i == 256 ? 256 : i == 257 ? 0x80 : 1;
    }
  /* 1 to 127, which are text. */
  events[257].data = all + 1;
  events[257].size = 127;
  round_trip (events, 258);
}

static void
texts (void **state)
{
  static const char *const kept[] = { "",
                                      "\"",
                                      "\\",
                                      "\\\"",
                                      "\\u0041",
                                      "\\x80",
                                      "\1\2\b\f\n\r\t\33\177",
                                      "</script><!--&",
                                      "\303\274",
                                      "\342\200\250\342\200\251\342\200\256",
                                      "\357\277\277\360\220\200\200\364\217\277\277",
                                      "\302\200" };
  struct event events[sizeof kept / sizeof kept[0]];
  size_t count = sizeof kept / sizeof kept[0];

  (void) state;
  for (size_t i = 0; i < count; i++)
    {
      events[i] = full_event (EVENT_SENT);
      events[i].text = kept[i];
      events[i].size = strlen (kept[i]);
      events[i].data = events[i].size > 0 ? (const uint8_t *) kept[i] : NULL;
    }
  round_trip (events, count);
}

static void
long_ones (void **state)
{
  static const size_t sizes[] = { 65536, 1048576, 1048577, 3 << 20 };
  uint8_t *bytes = malloc (3 << 20);
  char *text = malloc ((3 << 20) + 1);
  struct event events[8];

  (void) state;
  for (size_t i = 0; i < 3 << 20; i++)
    {
      bytes[i] = (uint8_t) (i * 31 + (i >> 8));
      text[i] = (char) (i % 90 == 0 ? '\1' : ' ' + i % 90);
    }
  text[3 << 20] = '\0';
  for (size_t i = 0; i < 4; i++)
    {
      events[i] = full_event (EVENT_RECEIVED);
      events[i].data = bytes;
      events[i].size = sizes[i];
      events[i + 4] = full_event (EVENT_SENT);
      events[i + 4].data = (const uint8_t *) text;
      events[i + 4].size = sizes[i];
      events[i + 4].text = text;
    }
  round_trip (events, 8);
  free (bytes);
  free (text);
}

static void
addresses (void **state)
{
  static const char *const all[]
      = { "0.0.0.0:0",         "255.255.255.255:65535", "[::]:0",
          "[::1]:12000",       "[fe80::1%2]:80",        "[fe80::1%4294967295]:80",
          "[::ffff:1.2.3.4]:5" };
  struct event events[sizeof all / sizeof all[0]];
  char text[ADDRESS_TEXT];

  (void) state;
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    {
      events[i] = full_event (EVENT_ACCEPTED);
      events[i].local = address (all[i]);
      events[i].peer = address (all[sizeof all / sizeof all[0] - 1 - i]);
      assert_string_equal (address_text (&events[i].local, text), all[i]);
    }
  round_trip (events, sizeof all / sizeof all[0]);
}

static void
numbers (void **state)
{
  struct event events[3]
      = { full_event (EVENT_SEND), full_event (EVENT_TIMER), full_event (EVENT_SEND) };

  (void) state;
  events[0].session = UINT64_C (1) << 53;
  events[0].fd = 0;
  events[0].asked = UINT64_C (1) << 53;
  events[1].ms = INT64_C (1) << 53;
  events[1].fd = INT32_MAX;
  events[2].time = scene.monotonic + INT64_C (500000000000000000);
  round_trip (events, 3);
}

static void
fates (void **state)
{
  struct event events[130];

  (void) state;
  for (unsigned i = 0; i < 130; i++)
    {
      struct fate fate = { .what = i % 128,
                           .scripted = i % 3 == 0,
                           .flow = i + 1,
                           .index = (UINT64_C (1) << 53) - i,
                           .direction = i % 2 ? DIRECTION_OUT : DIRECTION_IN };

      if (fate.what & FATE_DELAY)
        fate.delay = i % 2 == 0 ? 498 : INT64_C (3600000123456) + i;
      if (fate.what & FATE_CORRUPT)
        fate.bit = i % 5 == 0 ? FATE_ANY : i;
      if (fate.what & FATE_TRUNCATE)
        fate.kept = i % 7 == 0 ? FATE_ANY : i;
      events[i] = full_event (EVENT_PACKET);
      events[i].fate = fate;
    }
  round_trip (events, 130);
}

/* What is written of an event with those bytes. */
static char *
written (const char *bytes, size_t size)
{
  char path[64], error[256], *line = calloc (1, 4 * size + 4096);
  int fd = new_file (path);
  struct observer *log = json_log_open (path, &scene, error, sizeof error);
  struct event event = full_event (EVENT_SENT);

  assert_non_null (log);
  event.data = (const uint8_t *) bytes;
  event.size = size;
  log->event (log, &event);
  assert_int_equal (log->end (log, error, sizeof error), 0);
  assert_true (pread (fd, line, 4 * size + 4095, 0) > 0);
  close (fd);
  return line;
}

/* So that a line of a log has a bound: control characters take six bytes each as text. */
static void
much_text_is_hexadecimal (void **state)
{
  char *bytes = malloc ((1 << 20) + 1), *line;

  (void) state;
  memset (bytes, 'a', (1 << 20) + 1);
  line = written (bytes, 1 << 20);
  assert_non_null (strstr (line, "\"utf8\":\"aaa"));
  free (line);
  line = written (bytes, (1 << 20) + 1);
  assert_non_null (strstr (line, "\"hex\":\"616161"));
  free (line);
  free (bytes);
}

/* Bytes that are no UTF-8 in a remark are shown, as everywhere. */
static void
no_utf8_in_a_text (void **state)
{
  char path[64], error[256], line[4096] = "";
  int fd = new_file (path);
  struct observer *log = json_log_open (path, &scene, error, sizeof error);
  struct event event = full_event (EVENT_NOTE);

  (void) state;
  assert_non_null (log);
  event.text = "a\377b";
  log->event (log, &event);
  assert_int_equal (log->end (log, error, sizeof error), 0);
  assert_true (pread (fd, line, sizeof line - 1, 0) > 0);
  assert_non_null (strstr (line, "\"text\":\"a\\\\xffb\"}\n"));
  close (fd);
}

static void
scene_comes_back (void **state)
{
  char path[64], error[256];
  int fd = new_file (path);
  struct observer *log = json_log_open (path, &scene, error, sizeof error);
  struct json_remark remark;
  struct json_reader *reader;
  const struct scene *back;

  (void) state;
  assert_non_null (log);
  /* The first line is there before anything has happened. */
  reader = json_read_open (fd, &remark);
  assert_non_null (reader);
  back = json_read_scene (reader);
  assert_string_equal (back->lab, scene.lab);
  assert_string_equal (back->title, scene.title);
  assert_string_equal (back->transport, scene.transport);
  assert_string_equal (back->framing, scene.framing);
  assert_string_equal (back->transform, scene.transform);
  assert_true (back->wall == scene.wall && back->monotonic == scene.monotonic);
  json_read_close (reader);
  assert_int_equal (log->end (log, error, sizeof error), 0);
  close (fd);
}

UNIT_MAIN (cmocka_unit_test (every_type), cmocka_unit_test (as_little_as_can_be),
           cmocka_unit_test (roles_and_sides), cmocka_unit_test (every_byte),
           cmocka_unit_test (texts), cmocka_unit_test (long_ones), cmocka_unit_test (addresses),
           cmocka_unit_test (numbers), cmocka_unit_test (fates),
           cmocka_unit_test (much_text_is_hexadecimal), cmocka_unit_test (no_utf8_in_a_text),
           cmocka_unit_test (scene_comes_back))

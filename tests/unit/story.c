#include "story.h"

#include "unit.h"

#include <arpa/inet.h>

const struct scene story_tcp_scene = { .lab = "tcp-uppercase-lines",
                                       .title = "Upper case, line by line",
                                       .transport = "tcp",
                                       .framing = "line",
                                       .transform = "uppercase",
                                       .wall = 1767323045 * (int64_t) 1000000000,
                                       .monotonic = 1000000000 };
const struct scene story_udp_scene = { .lab = "udp-lossy",
                                       .transport = "udp",
                                       .framing = "datagram",
                                       .transform = "uppercase",
                                       .wall = 1767323045 * (int64_t) 1000000000,
                                       .monotonic = 1000000000 };

struct pl_address
story_address (const char *number, uint16_t port)
{
  struct pl_address address = { .length = 0 };

  if (number == NULL)
    return address;
  if (strchr (number, ':') == NULL)
    {
      address.length = sizeof address.as.in4;
      address.as.in4.sin_family = AF_INET;
      address.as.in4.sin_port = htons (port);
      assert_int_equal (inet_pton (AF_INET, number, &address.as.in4.sin_addr), 1);
    }
  else
    {
      address.length = sizeof address.as.in6;
      address.as.in6.sin6_family = AF_INET6;
      address.as.in6.sin6_port = htons (port);
      assert_int_equal (inet_pton (AF_INET6, number, &address.as.in6.sin6_addr), 1);
    }
  return address;
}

void
story_tell (struct observer *observer, int64_t ms, struct event event)
{
  event.time = story_tcp_scene.monotonic + ms * MILLISECOND;
  if (observer->wants >> event.type & 1)
    observer->event (observer, &event);
}

static void
settle (struct observer *observer)
{
  if (observer->settle != NULL)
    observer->settle (observer);
}

/* Tells of an event at the socket of another. */
#define TELL(ms, who, what, ...) \
  do \
    { \
      struct event told = { .type = EVENT_##what, ##__VA_ARGS__ }; \
\
      told.side = who.side, told.stream = who.stream, told.session = who.session; \
      told.fd = who.fd, told.role = who.role, told.local = who.local, told.peer = who.peer; \
      story_tell (observer, ms, told); \
    } \
  while (0)

void
story_tcp (struct observer *observer)
{
  struct pl_address server = story_address ("127.0.0.1", 12000);
  struct pl_address client = story_address ("127.0.0.1", 51324);
  struct event at_welcoming
      = { .side = SIDE_SERVER, .stream = true, .fd = 5, .role = PL_WELCOMING, .local = server };
  struct event at_server = { .side = SIDE_SERVER,
                             .stream = true,
                             .session = 1,
                             .fd = 7,
                             .role = PL_CONNECTION,
                             .local = server,
                             .peer = client };
  struct event at_client = { .side = SIDE_CLIENT,
                             .stream = true,
                             .session = 1,
                             .fd = 6,
                             .role = PL_CLIENT,
                             .local = client,
                             .peer = server };

  TELL (0, at_welcoming, CREATED);
  TELL (0, at_welcoming, BOUND);
  TELL (0, at_welcoming, LISTENING);
  TELL (10, at_client, CREATED);
  TELL (10, at_client, CONNECTING);
  TELL (11, at_client, CONNECTED);
  TELL (12, at_server, ACCEPTED);
  settle (observer);
  TELL (1000, at_client, SENT, SAYS ("hello"));
  TELL (1000, at_client, SEND, SAYS ("hello\n"), .asked = 6);
  TELL (1001, at_server, RECV, SAYS ("hello\n"));
  TELL (1001, at_server, RECEIVED, SAYS ("hello"));
  TELL (1001, at_server, NOTE, .text = "5 letters");
  TELL (1001, at_server, SENT, SAYS ("HELLO"));
  TELL (1002, at_server, SEND, SAYS ("HELLO\n"), .asked = 6);
  TELL (1003, at_client, RECV, SAYS ("HELLO\n"));
  TELL (1003, at_client, RECEIVED, SAYS ("HELLO"));
  settle (observer);
  TELL (2000, at_client, HALF_CLOSED);
  TELL (2001, at_server, RECV);
  TELL (2001, at_server, HALF_CLOSED, .by_peer = true);
  TELL (2002, at_server, CLOSED);
  TELL (2003, at_client, RECV);
  TELL (2003, at_client, HALF_CLOSED, .by_peer = true);
  TELL (2003, at_client, CLOSED);
  TELL (2004, at_welcoming, CLOSED);
  settle (observer);
}

void
story_udp (struct observer *observer)
{
  struct event at_server = { .side = SIDE_SERVER,
                             .fd = 5,
                             .role = PL_SERVER,
                             .local = story_address ("127.0.0.1", 12000),
                             .peer = story_address ("127.0.0.1", 40000) };
  struct event at_socket = at_server;
  struct fate none = { .flow = 1, .index = 1 };
  struct fate drop = { .what = FATE_DROP, .scripted = true, .flow = 1, .index = 2 };
  struct fate late = { .what = FATE_DELAY, .flow = 1, .index = 3, .delay = 300 * MILLISECOND };
  struct fate twice = { .what = FATE_DUPLICATE, .direction = DIRECTION_OUT, .flow = 1, .index = 1 };
  struct fate spoilt = { .what = FATE_CORRUPT | FATE_TRUNCATE,
                         .direction = DIRECTION_OUT,
                         .flow = 1,
                         .index = 2,
                         .bit = 13,
                         .kept = 3 };

  at_socket.peer.length = 0;
  TELL (0, at_socket, CREATED);
  TELL (0, at_socket, BOUND);
  TELL (100, at_server, PACKET, SAYS ("one"), .fate = none);
  TELL (100, at_server, RECV, SAYS ("one"), .fate = none);
  TELL (100, at_server, RECEIVED, SAYS ("one"), .fate = none);
  TELL (100, at_server, NOTE, .text = "3 letters");
  TELL (101, at_server, SENT, SAYS ("ONE"), .fate = twice);
  TELL (101, at_server, SEND, SAYS ("ONE"), .asked = 3, .fate = twice);
  TELL (101, at_server, PACKET, SAYS ("ONE"), .fate = twice);
  settle (observer);
  TELL (200, at_server, PACKET, SAYS ("two"), .fate = drop);
  TELL (300, at_server, PACKET, SAYS ("three"), .fate = late);
  settle (observer);
  TELL (600, at_server, RECV, SAYS ("three"), .fate = late);
  TELL (600, at_server, RECEIVED, SAYS ("three"), .fate = late);
  TELL (600, at_server, NOTE, .text = "5 letters");
  TELL (601, at_server, SENT, SAYS ("THREE"), .fate = spoilt);
  TELL (601, at_server, SEND, SAYS ("THREE"), .asked = 5, .fate = spoilt);
  TELL (601, at_server, PACKET, SAYS ("THREE"), .fate = spoilt);
  settle (observer);
  TELL (700, at_socket, LIMIT, .text = "limits.sessions is reached");
  TELL (800, at_socket, CLOSED);
  settle (observer);
}

void
story_end (struct observer *observer)
{
  char error[256] = "";

  assert_int_equal (observer->end (observer, error, sizeof error), 0);
  assert_string_equal (error, "");
}

char *
story_output (void (*tell) (const char *path), size_t *size)
{
  char path[] = "/tmp/protolab-story-XXXXXX";
  int fd = mkstemp (path);
  char *text = NULL;
  FILE *from;

  assert_int_not_equal (fd, -1);
  tell (path);
  from = fdopen (fd, "r");
  assert_non_null (from);
  fseek (from, 0, SEEK_END);
  *size = (size_t) ftell (from);
  rewind (from);
  text = calloc (1, *size + 1);
  assert_non_null (text);
  assert_int_equal (fread (text, 1, *size, from), *size);
  fclose (from);
  remove (path);
  return text;
}

/* Says where two texts part. */
static void
fail_at_difference (const char *name, const char *text, const char *expected)
{
  size_t line = 1, start = 0, i = 0;

  for (; text[i] != '\0' && text[i] == expected[i]; i++)
    if (text[i] == '\n')
      {
        line++;
        start = i + 1;
      }
  fail_msg ("%s:%zu: \"%.*s\" should be \"%.*s\"", name, line, (int) strcspn (text + start, "\n"),
            text + start, (int) strcspn (expected + start, "\n"), expected + start);
}

void
story_golden (const char *name, const char *text, size_t size)
{
  const char *srcdir = getenv ("srcdir");
  bool writes = getenv ("PROTOLAB_WRITE_GOLDEN") != NULL;
  char path[4096], *expected = calloc (1, size + 2);
  FILE *file;

  assert_non_null (expected);
  snprintf (path, sizeof path, "%s/tests/golden/%s", srcdir != NULL ? srcdir : ".", name);
  file = fopen (path, writes ? "w+" : "r");
  if (file == NULL)
    fail_msg ("%s: %s", path, strerror (errno));
  if (writes)
    fwrite (text, 1, size, file);
  rewind (file);
  assert_true (fread (expected, 1, size + 1, file) <= size + 1);
  fclose (file);
  if (strcmp (text, expected) != 0)
    fail_at_difference (name, text, expected);
  free (expected);
}

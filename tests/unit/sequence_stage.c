#include "sequence_stage.h"

#include "host/address.h"

#include <arpa/inet.h>
#include <locale.h>
#include <wchar.h>
#include <wctype.h>

static const struct scene scene
    = { .lab = "x", .transport = "x", .framing = "line", .monotonic = 0 };

struct pl_address
at (const char *number, uint16_t port)
{
  struct pl_address address = { .length = sizeof address.as.in4 };

  if (inet_pton (AF_INET, number, &address.as.in4.sin_addr) == 1)
    {
      address.as.in4.sin_family = AF_INET;
      return address_with_port (address, port);
    }
  assert_int_equal (inet_pton (AF_INET6, number, &address.as.in6.sin6_addr), 1);
  address.length = sizeof address.as.in6;
  address.as.in6.sin6_family = AF_INET6;
  return address_with_port (address, port);
}

int64_t stage_late;

void
open_stage (struct stage *stage, bool stream, enum sequence_what what, unsigned columns,
            unsigned sides)
{
  struct sequence_style style
      = { .what = what, .columns = columns, .sides = sides, .late = stage_late };
  char error[100];

  *stage = (struct stage){ .stream = stream,
                           .server = at ("127.0.0.1", 12000),
                           .client = at ("127.0.0.1", 50001),
                           .client_fd = CLIENT,
                           .connection_fd = CONNECTION };
  stage->to = open_memstream (&stage->text, &stage->size);
  assert_non_null (stage->to);
  stage->observer = sequence_open (stage->to, &scene, &style, error, sizeof error);
  assert_non_null (stage->observer);
}

void
settle (struct stage *stage)
{
  if (stage->observer->settle != NULL)
    stage->observer->settle (stage->observer);
}

void
close_stage (struct stage *stage)
{
  char error[100];

  assert_int_equal (stage->observer->end (stage->observer, error, sizeof error), 0);
  assert_int_equal (fclose (stage->to), 0);
}

/* --------------------------------------------------------------------- events -- */

void
tell (struct stage *stage, struct event event)
{
  event.stream = stage->stream;
  event.time = stage->now;
  stage->observer->event (stage->observer, &event);
}

void
serve (struct stage *stage, enum event_type type)
{
  tell (stage, (struct event){ .type = type,
                               .side = SIDE_SERVER,
                               .fd = WELCOMING,
                               .role = stage->stream ? PL_WELCOMING : PL_SERVER,
                               .local = type == EVENT_CREATED ? (struct pl_address){ .length = 0 }
                                                              : stage->server });
}

void
start_server (struct stage *stage)
{
  serve (stage, EVENT_CREATED);
  serve (stage, EVENT_BOUND);
  if (stage->stream)
    serve (stage, EVENT_LISTENING);
}

static struct event
by_server (const struct stage *stage, enum event_type type)
{
  return (struct event){ .type = type,
                         .side = SIDE_SERVER,
                         .fd = stage->stream ? stage->connection_fd : WELCOMING,
                         .role = stage->stream ? PL_CONNECTION : PL_SERVER,
                         .session = 1,
                         .local = stage->server,
                         .peer = stage->client };
}

static struct event
by_client (const struct stage *stage, enum event_type type)
{
  return (struct event){ .type = type,
                         .side = SIDE_CLIENT,
                         .fd = stage->client_fd,
                         .role = PL_CLIENT,
                         .session = 1,
                         .local = type == EVENT_CREATED ? (struct pl_address){ .length = 0 }
                                                        : stage->client,
                         .peer = stage->server };
}

struct event
event_of (const struct stage *stage, char who, enum event_type type)
{
  return who == 's' ? by_server (stage, type) : by_client (stage, type);
}

void
tell_plain (struct stage *stage, char who, enum event_type type)
{
  tell (stage, event_of (stage, who, type));
}

void
tell_text (struct stage *stage, char who, enum event_type type, const char *text)
{
  struct event event = event_of (stage, who, type);

  event.text = text;
  tell (stage, event);
}

void
tell_bytes (struct stage *stage, char who, enum event_type type, const void *data, size_t n)
{
  struct event event = event_of (stage, who, type);

  event.data = n > 0 ? data : NULL;
  event.size = event.asked = n;
  tell (stage, event);
}

void
tell_data (struct stage *stage, char who, enum event_type type, const char *data)
{
  tell_bytes (stage, who, type, data, strlen (data));
}

void
start_client (struct stage *stage)
{
  tell_plain (stage, 'c', EVENT_CREATED);
  tell_plain (stage, 'c', EVENT_CONNECTING);
  if (stage->stream)
    tell_plain (stage, 's', EVENT_ACCEPTED);
  tell_plain (stage, 'c', EVENT_CONNECTED);
}

void
send_message (struct stage *stage, char who, const char *message, bool line)
{
  char bytes[2000];

  tell_data (stage, who, EVENT_SENT, message);
  snprintf (bytes, sizeof bytes, "%s%s", message, line ? "\n" : "");
  tell_data (stage, who, EVENT_SEND, bytes);
}

void
receive_message (struct stage *stage, char who, const char *message, bool line)
{
  char bytes[2000];

  snprintf (bytes, sizeof bytes, "%s%s", message, line ? "\n" : "");
  tell_data (stage, who, EVENT_RECV, bytes);
  tell_data (stage, who, EVENT_RECEIVED, message);
}

void
exchange (struct stage *stage, const char *sentence, const char *reply, bool line)
{
  send_message (stage, 'c', sentence, line);
  stage->now += MS;
  receive_message (stage, 's', sentence, line);
  send_message (stage, 's', reply, line);
  stage->now += MS;
  receive_message (stage, 'c', reply, line);
}

void
play_clients (struct stage *stage, unsigned count)
{
  start_server (stage);
  for (unsigned i = 0; i < count; i++)
    {
      stage->client = at ("127.0.0.1", (uint16_t) (50001 + i));
      stage->connection_fd = CONNECTION + (int) i;
      stage->now += MS;
      if (stage->stream)
        tell_plain (stage, 's', EVENT_ACCEPTED);
      receive_message (stage, 's', "hello world", true);
      send_message (stage, 's', "HELLO WORLD", true);
    }
  for (unsigned i = 0; i < count; i++)
    {
      stage->client = at ("127.0.0.1", (uint16_t) (50001 + i));
      stage->connection_fd = CONNECTION + (int) i;
      stage->now += MS;
      receive_message (stage, 's', "bye", true);
      if (stage->stream)
        {
          tell_bytes (stage, 's', EVENT_RECV, "", 0);
          tell_plain (stage, 's', EVENT_CLOSED);
        }
    }
}

/* --------------------------------------------------------------------- golden -- */

void
check_lines (const char *text, unsigned columns)
{
  wchar_t wide[4096];

  for (const char *line = text; *line != '\0'; line += strcspn (line, "\n") + 1)
    {
      char copy[4096];
      size_t n;
      int cells = 0;

      snprintf (copy, sizeof copy, "%.*s", (int) strcspn (line, "\n"), line);
      n = mbstowcs (wide, copy, 4096);
      assert_true (n != (size_t) -1);
      for (size_t i = 0; i < n; i++)
        {
          int width = wcwidth (wide[i]);

          if (iswcntrl ((wint_t) wide[i]) || (wide[i] >= 0x200b && wide[i] <= 0x200f)
              || (wide[i] >= 0x202a && wide[i] <= 0x202e)
              || (wide[i] >= 0x2066 && wide[i] <= 0x2069))
            fail_msg ("U+%04X in: %s", (unsigned) wide[i], copy);
          /* What Unicode has not assigned is shown by a box. */
          if (width < 0)
            width = 1;
          cells += width;
        }
      if (cells > (int) columns)
        fail_msg ("%d columns of %u: %s", cells, columns, copy);
    }
}

void
check_golden (struct stage *stage, const char *name, unsigned columns)
{
  const char *srcdir = getenv ("srcdir");
  char path[4096], *wanted;
  size_t size;
  FILE *file;

  close_stage (stage);
  check_lines (stage->text, columns);
  snprintf (path, sizeof path, "%s/tests/golden/sequence-%s.txt", srcdir != NULL ? srcdir : ".",
            name);
  if (getenv ("PROTOLAB_WRITE_GOLDEN") != NULL)
    {
      file = fopen (path, "w");
      assert_non_null (file);
      fputs (stage->text, file);
      assert_int_equal (fclose (file), 0);
    }
  file = fopen (path, "r");
  if (file == NULL)
    fail_msg ("%s is missing", path);
  wanted = calloc (1, stage->size + 2);
  assert_non_null (wanted);
  size = fread (wanted, 1, stage->size + 1, file);
  fclose (file);
  if (size != stage->size || memcmp (wanted, stage->text, size) != 0)
    fail_msg ("%s is not what was drawn:\n%s", path, stage->text);
  free (wanted);
  free (stage->text);
}

int
set_locale (void **state)
{
  (void) state;
  return setlocale (LC_CTYPE, "C.UTF-8") == NULL ? -1 : 0;
}

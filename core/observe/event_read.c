#include "observe/event_read.h"

#include "host/address.h"
#include "observe/event_json.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>

#define SECOND INT64_C (1000000000)

/* 15 years, and until 2223: sums fit into nanoseconds of an int64_t. */
#define SECONDS_MAX 500000000
#define WALL_MAX INT64_C (8000000000)

#define DELAY_MAX_MS 1e9 /* nanoseconds are still exact in a double */

enum line_kind
line_kind (struct json_line *line)
{
  const char *event = json_string (line, 0, "event", NULL, "");

  json_require (line, 0, "event");
  return strcmp (event, "start") == 0         ? LINE_START
         : strcmp (event, "gap") == 0         ? LINE_GAP
         : event_named (event) != EVENT_TYPES ? LINE_EVENT
                                              : LINE_FOREIGN;
}

/* Seconds with up to nine digits behind the point, as nanoseconds. */
static int64_t
read_seconds (struct json_line *line, const char *key)
{
  size_t node = json_member (line, 0, key);
  const char *p = line->report.text + line->scan.nodes[node].at;
  const char *end = p + line->scan.nodes[node].size;
  int64_t value = 0;
  int digits = -1; /* behind the point; -1: it has not come */

  if (node == 0)
    return 0;
  for (; p < end && value <= SECONDS_MAX * SECOND && digits < 9; p++)
    if (*p == '.' && digits == -1)
      digits = 0;
    else if (*p >= '0' && *p <= '9')
      {
        value = value * 10 + *p - '0';
        digits += digits != -1;
      }
    else
      break;
  for (digits = digits == -1 ? 0 : digits; digits < 9 && value <= SECONDS_MAX * SECOND; digits++)
    value *= 10;
  if (p == end && value <= SECONDS_MAX * SECOND)
    return value;
  json_refuse (line, node, key, "a number of seconds up to 500000000.000000000");
  return 0;
}

static struct pl_address
read_address (struct json_line *line, const char *key)
{
  const char *text = json_string (line, 0, key, NULL, NULL);
  struct pl_address address = { .length = 0 };

  if (text != NULL && !address_parse (text, &address))
    json_refuse (line, json_member (line, 0, key), key,
                 "an address like \"127.0.0.1:12000\" or \"[::1]:12000\"");
  return address;
}

/* Nanoseconds of a number of milliseconds. */
static int64_t
read_delay (struct json_line *line, size_t fate)
{
  size_t node = json_member (line, fate, "delay_ms");
  double ms = 0;

  if (node == 0)
    return 0;
  if (line->scan.nodes[node].kind == SCAN_NUMBER)
    ms = strtod (line->report.text + line->scan.nodes[node].at, NULL);
  if (line->scan.nodes[node].kind != SCAN_NUMBER || ms < 0 || ms > DELAY_MAX_MS)
    {
      json_refuse (line, node, "delay_ms", "a number of milliseconds from 0 to 1e9");
      return 0;
    }
  return (int64_t) (ms * 1e6 + 0.5);
}

static struct fate
read_fate (struct json_line *line)
{
  static const char *const required[] = { "what", "direction", "flow", "index" };
  size_t node = json_member (line, 0, "fate");
  struct fate fate = { .what = 0 };

  if (node == 0)
    return fate;
  if (line->scan.nodes[node].kind != SCAN_OBJECT)
    {
      json_refuse (line, node, "fate", "an object");
      return fate;
    }
  for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
    json_require (line, node, required[i]);
  fate.what = json_words (line, node, "what", fate_words);
  fate.scripted = json_truth (line, node, "scripted", false);
  fate.direction = json_word (line, node, "direction", direction_words, DIRECTION_IN);
  fate.flow = json_number (line, node, "flow", JSON_INTEGER_MAX, 0);
  fate.index = json_number (line, node, "index", JSON_INTEGER_MAX, 0);
  if (fate.index == 0 && report_clean (&line->report))
    json_refuse (line, json_member (line, node, "index"), "index", "a whole number from 1 on");
  fate.delay = read_delay (line, node);
  fate.bit
      = json_number (line, node, "bit", JSON_INTEGER_MAX, fate.what & FATE_CORRUPT ? FATE_ANY : 0);
  fate.kept = json_number (line, node, "kept", JSON_INTEGER_MAX,
                           fate.what & FATE_TRUNCATE ? FATE_ANY : 0);
  return fate;
}

static bool
always_has_text (enum event_type type)
{
  return type == EVENT_NOTE || type == EVENT_TIMER || type == EVENT_LIMIT || type == EVENT_TROUBLE;
}

/* The bytes, as text or in hexadecimal digits, and their number. */
static void
read_data (struct json_line *line, struct event *event)
{
  size_t size = 0, told;
  const char *text = json_string (line, 0, "utf8", &size, NULL);

  event->data = (const uint8_t *) text;
  if (text == NULL)
    event->data = json_bytes (line, 0, "hex", &size);
  told = json_number (line, 0, "size", JSON_INTEGER_MAX, size);
  if (told != size)
    report_add (&line->report, line->scan.nodes[0].at, NULL,
                "\"size\" is %zu, and \"utf8\" or \"hex\" has %zu bytes", told, size);
  event->size = size;
  if (size == 0)
    event->data = NULL;
}

void
event_read (struct json_line *line, const struct scene *scene, struct event *event)
{
  static const char *const required[] = { "t", "side", "stream" };

  for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
    json_require (line, 0, required[i]);
  *event = (struct event){
    .type = event_named (json_string (line, 0, "event", NULL, "")),
    .side = json_word (line, 0, "side", side_words, SIDE_SERVER),
    .stream = json_truth (line, 0, "stream", false),
    .time = scene->monotonic + read_seconds (line, "t"),
    .session = json_number (line, 0, "session", JSON_INTEGER_MAX, 0),
    .role = (enum pl_role) (1 + json_word (line, 0, "role", role_words, -1)),
    .local = read_address (line, "local"),
    .peer = read_address (line, "peer"),
    .asked = json_number (line, 0, "asked", JSON_INTEGER_MAX, 0),
    .ms = (int64_t) json_number (line, 0, "ms", JSON_INTEGER_MAX, 0),
    .by_peer = json_truth (line, 0, "by_peer", false),
    .fate = read_fate (line),
    .text = json_string (line, 0, "text", NULL, NULL),
    .round = json_number (line, 0, "round", JSON_INTEGER_MAX, 0),
  };
  event->fd = json_member (line, 0, "fd") == 0 ? -1 : (int) json_number (line, 0, "fd", INT_MAX, 0);
  read_data (line, event);
  if (event->type == EVENT_PACKET)
    json_require (line, 0, "fate");
  if (always_has_text (event->type))
    json_require (line, 0, "text");
}

/* A date as scene_json writes it, in nanoseconds since 1970; 0: none, or refused. */
static int64_t
read_date (struct json_line *line, const char *key)
{
  const char *text = json_string (line, 0, key, NULL, NULL);
  struct tm tm = { .tm_sec = 0 };
  const char *rest = text == NULL ? NULL : strptime (text, "%Y-%m-%dT%H:%M:%S", &tm);
  long nanoseconds = 0;
  int used = 0;
  int64_t seconds = rest == NULL ? -1 : timegm (&tm);

  if (text == NULL)
    return 0;
  if (seconds < 0 || seconds > WALL_MAX || sscanf (rest, ".%9ldZ%n", &nanoseconds, &used) != 1
      || used != 11 || rest[11] != '\0' || nanoseconds < 0)
    {
      json_refuse (line, json_member (line, 0, key), key,
                   "a time like \"2026-09-01T08:15:00.000000000Z\"");
      return 0;
    }
  return seconds * SECOND + nanoseconds;
}

void
scene_read (struct json_line *line, struct scene *scene)
{
  static const char *const required[]
      = { "lab", "transport", "framing", "transform", "time", "monotonic" };

  for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
    json_require (line, 0, required[i]);
  *scene = (struct scene){
    .lab = json_string (line, 0, "lab", NULL, ""),
    .title = json_string (line, 0, "title", NULL, NULL),
    .transport = json_string (line, 0, "transport", NULL, ""),
    .framing = json_string (line, 0, "framing", NULL, ""),
    .transform = json_string (line, 0, "transform", NULL, ""),
    .wall = read_date (line, "time"),
    .monotonic = read_seconds (line, "monotonic"),
  };
}

#include "observe/json_read.h"

#include "host/buffer.h"
#include "observe/event_read.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

enum
{
  READ_SIZE = 1 << 16
};

struct json_reader
{
  int fd;
  bool at_end; /* of the file */
  bool done;
  struct buffer kept; /* what was read, from the next line on */
  size_t searched;    /* bytes of it that have no newline */
  size_t taken;       /* bytes of the line that the last call took */
  uintmax_t line;     /* number of the line that was taken last */
  uint64_t foreign;   /* events that were passed over */
  int64_t time;       /* of the last event */
  struct json_line start, now;
  struct scene scene;
};

/* ------------------------------------------------------------------ lines -- */

PL_PRINTF (3, 4)
static enum json_read
say (const struct json_reader *reader, struct json_remark *remark, const char *format, ...)
{
  va_list args;

  *remark = (struct json_remark){ .line = reader->line };
  va_start (args, format);
  vsnprintf (remark->text, sizeof remark->text, format, args);
  va_end (args);
  return JSON_READ_REMARK;
}

/* Reads some more.  0, or -1 with the reason in remark. */
static int
read_more (struct json_reader *reader, struct json_remark *remark)
{
  uint8_t *room = buffer_room (&reader->kept, READ_SIZE);
  ssize_t n;

  if (room == NULL)
    {
      say (reader, remark, "out of memory");
      return -1;
    }
  do
    n = read (reader->fd, room, READ_SIZE);
  while (n == -1 && errno == EINTR);
  if (n == -1)
    {
      say (reader, remark, "%s", strerror (errno));
      remark->line = 0;
      return -1;
    }
  reader->kept.end += (size_t) n;
  reader->at_end = n == 0;
  return 0;
}

/* The newline of the next line; NULL: it has not been read. */
static const uint8_t *
newline (struct json_reader *reader)
{
  size_t size = buffer_size (&reader->kept) - reader->taken;
  const uint8_t *bytes = buffer_bytes (&reader->kept);
  const uint8_t *found = NULL;

  if (size > reader->searched)
    found = memchr (bytes + reader->taken + reader->searched, '\n', size - reader->searched);
  return found;
}

/* The next line, without its newline; *whole is whether it has one.  Lent until the next call.
 * 1, 0: there is none, -1 with the reason in remark. */
static int
take_line (struct json_reader *reader, const char **text, size_t *size, bool *whole,
           struct json_remark *remark)
{
  const uint8_t *end;

  buffer_take (&reader->kept, reader->taken);
  reader->taken = 0;
  reader->searched = 0;
  reader->line++;
  while ((end = newline (reader)) == NULL && !reader->at_end)
    {
      reader->searched = buffer_size (&reader->kept);
      if (reader->searched > JSON_READ_LINE_MAX)
        {
          say (reader, remark, "the line is longer than %d MiB", JSON_READ_LINE_MAX >> 20);
          return -1;
        }
      if (read_more (reader, remark) == -1)
        return -1;
    }
  *text = (const char *) buffer_bytes (&reader->kept);
  *whole = end != NULL;
  *size = end != NULL ? (size_t) ((const char *) end - *text) : buffer_size (&reader->kept);
  reader->taken = *size + *whole;
  reader->searched = 0;
  return reader->taken > 0;
}

/* The first thing that is wrong with a line. */
static enum json_read
refuse (const struct json_reader *reader, const struct json_line *line, struct json_remark *remark)
{
  const struct diagnostic *first = line->report.list;

  if (line->report.count == 0)
    {
      say (reader, remark, "out of memory");
      return JSON_READ_ERROR;
    }
  say (reader, remark, "%s", line->broken ? "no JSON from here on" : first->message);
  remark->column = first->line == 0 ? 0 : first->column;
  remark->remedy = "A log is read as protolab has written it; protolab-events(5) has the form.";
  return JSON_READ_ERROR;
}

/* ------------------------------------------------------------------ start -- */

/* What the first line must be.  0, or -1 with the reason in remark. */
static int
read_start (struct json_reader *reader, struct json_remark *remark)
{
  static const char foreign[] = "Such a log comes from protolab run, serve or client with --log.";
  struct json_line *line = &reader->start;
  const char *text;
  size_t size;
  bool whole, is_json;
  uint64_t schema;
  int got = take_line (reader, &text, &size, &whole, remark);

  if (got == -1)
    return -1;
  is_json = got == 1 && json_line_open (line, text, size);
  if (!is_json || json_member (line, 0, "protolab_events") == 0)
    {
      say (reader, remark, got == 0 ? "the file is empty" : "this is no log of protolab's events");
      remark->remedy = foreign;
      return -1;
    }
  schema = json_number (line, 0, "protolab_events", JSON_INTEGER_MAX, 0);
  if (report_clean (&line->report) && schema != EVENT_SCHEMA)
    {
      say (reader, remark, "the log has form %" PRIu64 ", and this protolab reads form %d", schema,
           EVENT_SCHEMA);
      remark->remedy = "Use the protolab that wrote it, or a later one.";
      return -1;
    }
  if (report_clean (&line->report))
    scene_read (line, &reader->scene);
  reader->time = reader->scene.monotonic;
  if (report_clean (&line->report))
    return 0;
  refuse (reader, line, remark);
  return -1;
}

struct json_reader *
json_read_open (int fd, struct json_remark *remark)
{
  struct json_reader *reader = calloc (1, sizeof *reader);

  if (reader == NULL)
    {
      *remark = (struct json_remark){ .text = "out of memory" };
      return NULL;
    }
  reader->fd = fd;
  if (read_start (reader, remark) == 0)
    return reader;
  json_read_close (reader);
  return NULL;
}

void
json_read_close (struct json_reader *reader)
{
  json_line_close (&reader->start);
  json_line_close (&reader->now);
  buffer_free (&reader->kept);
  free (reader);
}

const struct scene *
json_read_scene (const struct json_reader *reader)
{
  return &reader->scene;
}

/* ----------------------------------------------------------------- events -- */

/* What is said at the end. */
static enum json_read
end (struct json_reader *reader, struct json_remark *remark)
{
  uint64_t foreign = reader->foreign;

  reader->foreign = 0;
  reader->done = true;
  if (foreign == 0)
    return JSON_READ_END;
  say (reader, remark, "%" PRIu64 " events are of a kind that this protolab does not know",
       foreign);
  remark->line = 0;
  remark->remedy = "A later protolab shows them.";
  return JSON_READ_REMARK;
}

static enum json_read
read_event (struct json_reader *reader, struct event *event, struct json_remark *remark)
{
  struct json_line *line = &reader->now;

  event_read (line, &reader->scene, event);
  if (event->time < reader->time && report_clean (&line->report))
    report_add (&line->report, line->scan.nodes[json_member (line, 0, "t")].at, NULL,
                "the time of this event is before that of the line above");
  reader->time = event->time;
  return report_clean (&line->report) ? JSON_READ_EVENT : refuse (reader, line, remark);
}

/* What a line says; JSON_READ_END: nothing. */
static enum json_read
read_line (struct json_reader *reader, struct event *event, struct json_remark *remark)
{
  struct json_line *line = &reader->now;
  enum line_kind kind = line_kind (line);
  uint64_t missing;

  if (report_clean (&line->report) && kind == LINE_EVENT)
    return read_event (reader, event, remark);
  if (report_clean (&line->report) && kind == LINE_START)
    report_add (&line->report, 0, NULL, "another log begins here; each is rendered by itself");
  missing = json_number (line, 0, "missing", JSON_INTEGER_MAX, 0);
  if (!report_clean (&line->report))
    return refuse (reader, line, remark);
  if (kind == LINE_GAP)
    return say (reader, remark,
                "%" PRIu64 " events are missing here: whoever read the log was slow", missing);
  reader->foreign++;
  return JSON_READ_END;
}

enum json_read
json_read_next (struct json_reader *reader, struct event *event, struct json_remark *remark)
{
  enum json_read what = JSON_READ_END;

  while (!reader->done && what == JSON_READ_END)
    {
      const char *text;
      size_t size;
      bool whole;
      int got = take_line (reader, &text, &size, &whole, remark);

      if (got == 0)
        return end (reader, remark);
      json_line_close (&reader->now);
      if (got == -1)
        what = JSON_READ_ERROR;
      else if (json_line_open (&reader->now, text, size))
        what = read_line (reader, event, remark);
      else if (whole)
        what = refuse (reader, &reader->now, remark);
      else
        return say (reader, remark,
                    "the last line is cut short: its writer was stopped; all before "
                    "it is used");
    }
  reader->done = reader->done || what == JSON_READ_ERROR;
  return what;
}

bool
json_read_waits (const struct json_reader *reader)
{
  size_t size = buffer_size (&reader->kept) - reader->taken;

  struct pollfd file = { .fd = reader->fd, .events = POLLIN };

  if (reader->at_end
      || (size > 0 && memchr (buffer_bytes (&reader->kept) + reader->taken, '\n', size) != NULL))
    return false;
  return poll (&file, 1, 0) == 0;
}

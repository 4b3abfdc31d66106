#include "observe/json_log.h"

#include "observe/event_json.h"
#include "observe/sink.h"

#include <inttypes.h>
#include <stdlib.h>

struct json_log
{
  struct observer observer;
  const struct scene *scene;
  struct sink *sink;
};

/* Where a slow reader has missed some, a line says how many. */
static void
tell_of_gap (struct json_log *log)
{
  uint64_t missing = sink_left_out (log->sink);
  FILE *to = missing > 0 ? sink_begin (log->sink) : NULL;

  if (to == NULL)
    return;
  fprintf (to, "{\"event\":\"gap\",\"missing\":%" PRIu64 "}\n", missing);
  sink_put (log->sink);
}

static void
write_event (struct observer *observer, const struct event *event)
{
  struct json_log *log = (struct json_log *) observer;
  FILE *to;

  tell_of_gap (log);
  to = sink_begin (log->sink);
  if (to == NULL)
    return;
  event_json (event, log->scene, SIZE_MAX, to);
  fputc ('\n', to);
  sink_put (log->sink);
}

static void
settle (struct observer *observer)
{
  sink_flush (((struct json_log *) observer)->sink);
}

static int
end (struct observer *observer, char *error, size_t size)
{
  struct json_log *log = (struct json_log *) observer;
  int status;

  tell_of_gap (log);
  status = sink_close (log->sink, error, size);
  free (log);
  return status;
}

static void
write_start (struct json_log *log)
{
  FILE *to = sink_begin (log->sink);

  scene_json (log->scene, to);
  fputc ('\n', to);
  sink_put (log->sink);
  sink_flush (log->sink);
}

struct observer *
json_log_open (const char *path, const struct scene *scene, char *error, size_t size)
{
  struct json_log *log = calloc (1, sizeof *log);

  if (log == NULL)
    {
      snprintf (error, size, "out of memory");
      return NULL;
    }
  *log = (struct json_log){
    .observer = { .wants = OBSERVE_ALL, .event = write_event, .settle = settle, .end = end },
    .scene = scene,
    .sink = sink_open (path, error, size),
  };
  if (log->sink == NULL)
    {
      free (log);
      return NULL;
    }
  write_start (log);
  return &log->observer;
}

#include "observe/svg.h"

#include "observe/sink.h"
#include "observe/svg_picture.h"

#include <stdlib.h>

struct svg
{
  struct observer observer;
  struct sink *sink;
  struct svg_picture picture;
};

static void
see (struct observer *observer, const struct event *event)
{
  struct svg *svg = (struct svg *) observer;

  svg_picture_event (&svg->picture, event);
}

static int
end (struct observer *observer, char *error, size_t size)
{
  struct svg *svg = (struct svg *) observer;
  FILE *to = sink_begin (svg->sink);
  int drawn = -1, status;

  if (to != NULL)
    {
      drawn = svg_draw (&svg->picture, to);
      sink_put (svg->sink);
    }
  status = sink_close (svg->sink, error, size);
  if (status == 0 && drawn == -1)
    {
      snprintf (error, size, "picture: out of memory; something is missing");
      status = -1;
    }
  svg_picture_free (&svg->picture);
  free (svg);
  return status;
}

struct observer *
svg_open (const char *path, const struct scene *scene, char *error, size_t size)
{
  struct svg *svg = calloc (1, sizeof *svg);

  if (svg == NULL)
    {
      snprintf (error, size, "out of memory");
      return NULL;
    }
  svg->observer = (struct observer){
    .wants = OBSERVE_ALL & ~(1u << EVENT_RECEIVED | 1u << EVENT_SENT), .event = see, .end = end
  };
  svg->picture.scene = scene;
  svg->sink = sink_open (path, error, size);
  if (svg->sink == NULL)
    {
      free (svg);
      return NULL;
    }
  return &svg->observer;
}

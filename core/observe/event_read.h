/* event_read.h - a run and its events out of JSON, as event_json.h writes them. */
#ifndef PL_OBSERVE_EVENT_READ_H
#define PL_OBSERVE_EVENT_READ_H

#include "observe/event.h"
#include "observe/json_line.h"

/* What a line is. */
enum line_kind
{
  LINE_START, /* of a run */
  LINE_EVENT,
  LINE_GAP,    /* events are missing here */
  LINE_FOREIGN /* an event of a later protolab */
};

enum line_kind line_kind (struct json_line *line);

/* What is wrong is in the line's report; texts and bytes live as long as the line. */
void event_read (struct json_line *line, const struct scene *scene, struct event *event);
void scene_read (struct json_line *line, struct scene *scene);

#endif

/* event_json.h - a run and its events in JSON, in one form for the log, the live page and the
 * report: protolab-events(5).
 *
 * Every control character is escaped, so that it may be shown on a terminal; '<' is not, and what
 * puts it inside of an HTML page must see to that. */
#ifndef PL_OBSERVE_EVENT_JSON_H
#define PL_OBSERVE_EVENT_JSON_H

#include "observe/event.h"

#include <stdio.h>

enum
{
  EVENT_TEXT_MAX = 1 << 20 /* bytes that are written as text; more are in hexadecimal digits */
};

/* The words for enum side, for enum pl_role from 1 on, for enum direction, and for FATE_... by
 * their bits; NULL ends each. */
extern const char *const side_words[], *const role_words[], *const direction_words[],
                                                                *const fate_words[];

/* Writes the run as one object, without a newline.  It begins with "protolab_events", which is
 * EVENT_SCHEMA and stands in no event. */
void scene_json (const struct scene *scene, FILE *to);

/* Writes the event as one object, without a newline.  Of its data at most so many bytes are
 * written; its "size" counts them all. */
void event_json (const struct event *event, const struct scene *scene, size_t data_most, FILE *to);

/* Writes what becomes of a packet as one object, as it stands in an event and in a plan. */
void fate_json (const struct fate *fate, FILE *to);

/* Writes text as a string of JSON; a byte that is no UTF-8 becomes "\xff", as show_text has it. */
void text_json (const char *text, FILE *to);

#endif

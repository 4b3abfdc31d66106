/* json_log.h - the event stream as JSON Lines: protolab-events(5). */
#ifndef PL_OBSERVE_JSON_LOG_H
#define PL_OBSERVE_JSON_LOG_H

#include "observe/event.h"

/* Writes to a new file, whole lines at the end of each round; "-" is standard output.  Who reads too
 * slowly misses lines, and is told how many (sink.h).  scene is lent until the end.
 * NULL with the reason in error.  Ended, and freed, by its end. */
struct observer *json_log_open (const char *path, const struct scene *scene, char *error,
                                size_t size);

#endif

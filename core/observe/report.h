/* report.h - one self-contained HTML page of a whole run: the live page with its events inside. */
#ifndef PL_OBSERVE_REPORT_H
#define PL_OBSERVE_REPORT_H

#include "observe/event.h"

/* Writes the file at the end; "-" is standard output.  Of a long run it holds the beginning and the
 * end, 4 MiB each, and says how many events are missing between them.  scene is lent until then.
 * NULL with the reason in error.  Ended, and freed, by its end. */
struct observer *report_open (const char *path, const struct scene *scene, char *error,
                              size_t size);

#endif

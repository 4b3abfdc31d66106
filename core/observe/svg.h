/* svg.h - a run as a sequence diagram in SVG 1.1: one picture that needs nothing besides itself.
 *
 * It has no script.  Its colours follow the reader's choice of a light or a dark page, and whatever
 * a peer has sent is text. */
#ifndef PL_OBSERVE_SVG_H
#define PL_OBSERVE_SVG_H

#include "observe/event.h"

/* Writes the file at the end; "-" is standard output.  scene is lent until then.  Of a long run the
 * beginning is drawn, and of many clients the first twelve: the picture says what it left out.
 * NULL with the reason in error.  Ended, and freed, by its end. */
struct observer *svg_open (const char *path, const struct scene *scene, char *error, size_t size);

#endif

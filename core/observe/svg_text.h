/* svg_text.h - text of unknown origin, made fit for XML 1.0. */
#ifndef PL_OBSERVE_SVG_TEXT_H
#define PL_OBSERVE_SVG_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum
{
  SVG_CELLS = 72 /* of a text that is shown */
};

/* Writes a text with all escaped that could be markup; what no XML document may hold becomes
 * U+FFFD. */
void svg_text (const char *text, FILE *to);

/* The bytes of a message, as they can be shown, with their number; to be freed.  NULL: no memory.
 */
char *svg_label (const uint8_t *data, size_t n);

/* A text as it can be shown, cut to SVG_CELLS; to be freed.  NULL: no memory. */
char *svg_shown (const char *text);

#endif

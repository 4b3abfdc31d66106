/* show.h - text of unknown origin, made fit for a terminal. */
#ifndef PL_LAB_SHOW_H
#define PL_LAB_SHOW_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes a text with everything escaped that a terminal could take for an order, that would not
 * be seen, or that would stand in the lines above. */
void show_text (const char *text, FILE *to);

/* How many cells show_text takes. */
unsigned show_width (const char *text);

/* How many bytes of text show_text can show in so many cells. */
size_t show_fit (const char *text, unsigned cells);

/* show_text for bytes, with line ends and tabs as C writes them, in at most so many cells, 3 or
 * more; what is cut off leaves "..." behind.  Returns how many cells it took. */
unsigned show_bytes (const uint8_t *data, size_t n, unsigned cells, FILE *to);

/* Writes the line from start to end, cut to a window if it is long, and below it a
 * caret under place. */
void show_line (const char *start, const char *place, const char *end, FILE *to);

#endif

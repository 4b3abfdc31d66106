/* report.h - what is wrong with a file, all of it, each at its place. */
#ifndef PL_LAB_REPORT_H
#define PL_LAB_REPORT_H

#include "protolab.h"

#include <stdio.h>

struct diagnostic
{
  size_t offset;   /* byte of the text that it is about; SIZE_MAX: the whole file */
  unsigned line;   /* from 1; 0: the whole file */
  unsigned column; /* from 1, in characters as an editor counts them */
  char *message;   /* "transprot": no such key */
  char *remedy;    /* a whole sentence, or NULL */
};

enum
{
  REPORT_MAX = 100 /* diagnostics that are kept */
};

/* The diagnostics of one file.  Owns copies of path and text. */
struct report
{
  char *path;
  char *text; /* NULL before report_text */
  size_t size;
  struct diagnostic *list;
  size_t count;
  size_t left_out;    /* how many more there were after the first REPORT_MAX */
  bool out_of_memory; /* no diagnostic: the reading could not be ended */
};

void report_init (struct report *report, const char *path);
void report_free (struct report *report);

/* The text that offsets count in; copied. */
void report_text (struct report *report, const char *text, size_t size);

/* Adds an error at a byte offset (SIZE_MAX: the whole file).  remedy may be NULL.
 * The list is kept in the order of the file. */
void report_add (struct report *report, size_t offset, const char *remedy, const char *format, ...)
    PL_PRINTF (4, 5);

/* The line, from 1, that a byte offset of the text is in. */
unsigned report_line (const struct report *report, size_t offset);

/* Says, without needing any, that memory ran out. */
void report_out_of_memory (struct report *report);

/* Whether nothing was wrong. */
bool report_clean (const struct report *report);

/* Writes them all for people:
 *   labs/a.json:4:16: "transprot": no such key. Did you mean "transport"?
 *     "transprot": "udp"
 *     ^
 * Bytes that a terminal could take for orders are escaped. */
void report_write (const struct report *report, FILE *to);

#endif

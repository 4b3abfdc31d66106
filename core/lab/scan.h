/* scan.h - JSON as strictly as RFC 8259 has it, and where each value stands.
 *
 * cJSON takes much that is not JSON and forgets the places; it is given only
 * what has passed here.
 */
#ifndef PL_LAB_SCAN_H
#define PL_LAB_SCAN_H

#include "lab/report.h"

enum
{
  SCAN_DEPTH_MAX = 32,    /* objects and lists in each other */
  SCAN_SIZE_MAX = 1048576 /* bytes of a file */
};

enum scan_kind
{
  SCAN_OBJECT,
  SCAN_LIST,
  SCAN_TEXT,
  SCAN_NUMBER,
  SCAN_TRUE,
  SCAN_FALSE,
  SCAN_NULL
};

/* One value.  Those inside of an object or a list follow it in the array:
 *   for (c = i + 1; c < nodes[i].end; c = nodes[c].end)
 * goes through the children of i. */
struct scan_node
{
  enum scan_kind kind;
  bool repeated;    /* an earlier member of the same object has the same key */
  size_t parent;    /* index; the outermost is its own */
  size_t end;       /* index behind its last descendant */
  size_t key;       /* offset of the key's opening quote; in a list and outermost: of the value */
  const char *name; /* the key without escapes; NULL in a list and outermost */
  size_t at, size;  /* the value: offset, bytes */
};

/* The values in the order of the file; the outermost is the first. */
struct scan
{
  struct scan_node *nodes;
  size_t count, room;
  char *names; /* what each name points into */
};

/* Scans report->text.  Every mistake is in the report; after a repeated key the
 * scan goes on, after any other it ends.  false: it did not reach the end.
 * scan is to be ended with scan_free either way. */
bool scan_text (struct scan *scan, struct report *report);
/* The same for a text that is no lab, and has no more bytes and values than its caller allows. */
bool scan_line (struct scan *scan, struct report *report);

void scan_free (struct scan *scan);

#endif

/* scan.c - what a file of JSON must be as a whole. */
#include "lab/scan.h"
#include "lab/grammar.h"

#include <stdlib.h>

/* Members of one object stand together, those of one key in the order of the file. */
static int
by_key (const void *left, const void *right)
{
  const struct scan_node *a = *(const struct scan_node *const *) left;
  const struct scan_node *b = *(const struct scan_node *const *) right;
  int order;

  if (a->parent != b->parent)
    return a->parent < b->parent ? -1 : 1;
  order = strcmp (a->name, b->name);
  return order != 0 ? order : a->key < b->key ? -1 : a->key > b->key;
}

/* Sorted, because looking at each pair would take minutes for a hostile file. */
static void
find_repeated (struct scan *scan, struct report *report)
{
  struct scan_node **sorted = calloc (scan->count + 1, sizeof *sorted);
  size_t n = 0;

  if (sorted == NULL)
    {
      report_out_of_memory (report);
      return;
    }
  for (size_t i = 0; i < scan->count; i++)
    if (scan->nodes[i].name != NULL)
      sorted[n++] = &scan->nodes[i];
  qsort (sorted, n, sizeof *sorted, by_key);
  for (size_t i = 1; i < n; i++)
    sorted[i]->repeated = sorted[i]->parent == sorted[i - 1]->parent
                          && strcmp (sorted[i]->name, sorted[i - 1]->name) == 0;
  free (sorted);

  for (size_t i = 0; i < scan->count; i++)
    if (scan->nodes[i].repeated)
      report_add (report, scan->nodes[i].key, "Leave one of them out",
                  "\"%s\": this key stands in the same object already", scan->nodes[i].name);
}

/* What no lab begins with. */
static bool
is_foreign_file (struct report *report)
{
  const char *text = report->text;

  if (report->size > SCAN_SIZE_MAX)
    report_add (report, SIZE_MAX, NULL,
                "the file is larger than 1 MiB, the most that a lab may have");
  else if (report->size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    report_add (report, 0, "Save the file as UTF-8 without it", "a byte order mark");
  else if (report->size >= 2
           && (memcmp (text, "\xff\xfe", 2) == 0 || memcmp (text, "\xfe\xff", 2) == 0))
    report_add (report, SIZE_MAX, "Save it as UTF-8", "the file is UTF-16");
  else
    return false;
  return true;
}

bool
scan_text (struct scan *scan, struct report *report)
{
  memset (scan, 0, sizeof *scan);
  return !is_foreign_file (report) && scan_line (scan, report);
}

bool
scan_line (struct scan *scan, struct report *report)
{
  bool complete;

  memset (scan, 0, sizeof *scan);
  scan->names = malloc (report->size + 1);
  if (scan->names == NULL)
    {
      report_out_of_memory (report);
      return false;
    }
  complete = grammar_read (scan, report);
  find_repeated (scan, report);
  return complete;
}

void
scan_free (struct scan *scan)
{
  free (scan->nodes);
  free (scan->names);
  memset (scan, 0, sizeof *scan);
}

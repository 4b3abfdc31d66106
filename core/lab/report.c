/* report.c - collects what is wrong with a file, and shows it at its place. */
#include "lab/report.h"
#include "lab/show.h"
#include "lab/utf8.h"

#include <stdlib.h>

void
report_init (struct report *report, const char *path)
{
  memset (report, 0, sizeof *report);
  report->path = strdup (path);
  if (report->path == NULL)
    report->out_of_memory = true;
}

void
report_free (struct report *report)
{
  for (size_t i = 0; i < report->count; i++)
    {
      free (report->list[i].message);
      free (report->list[i].remedy);
    }
  free (report->list);
  free (report->text);
  free (report->path);
  memset (report, 0, sizeof *report);
}

void
report_text (struct report *report, const char *text, size_t size)
{
  /* A NUL behind it, for readers of C strings. */
  char *copy = malloc (size + 1);

  if (copy == NULL)
    {
      report->out_of_memory = true;
      return;
    }
  if (size > 0)
    memcpy (copy, text, size);
  copy[size] = '\0';
  free (report->text);
  report->text = copy;
  report->size = size;
}

void
report_out_of_memory (struct report *report)
{
  report->out_of_memory = true;
}

bool
report_clean (const struct report *report)
{
  return report->count == 0 && !report->out_of_memory;
}

unsigned
report_line (const struct report *report, size_t offset)
{
  const char *p = report->text;
  const char *place = p + offset;
  unsigned line = 1;

  while ((p = memchr (p, '\n', (size_t) (place - p))) != NULL)
    {
      line++;
      p++;
    }
  return line;
}

/* The first byte of the line that the place is in. */
static const char *
line_start (const struct report *report, const char *place)
{
  const char *newline = memrchr (report->text, '\n', (size_t) (place - report->text));

  return newline == NULL ? report->text : newline + 1;
}

/* Bytes of the character at p; a byte that is not UTF-8 counts as one. */
static size_t
step (const char *p, const char *end, uint32_t *code)
{
  size_t n = utf8_decode (p, (size_t) (end - p), code);

  return n == 0 ? 1 : n;
}

static unsigned
column_of (const struct report *report, const char *place)
{
  const char *end = report->text + report->size;
  unsigned column = 1;
  uint32_t code;

  for (const char *p = line_start (report, place); p < place; p += step (p, end, &code))
    column++;
  return column;
}

/* The index at which a diagnostic for that offset belongs: behind its equals. */
static size_t
index_for (const struct report *report, size_t offset)
{
  size_t i = report->count;

  /* What is wrong with the whole file comes first. */
  if (offset == SIZE_MAX)
    {
      for (i = 0; i < report->count && report->list[i].line == 0; i++)
        ;
      return i;
    }
  while (i > 0 && report->list[i - 1].line != 0 && report->list[i - 1].offset > offset)
    i--;
  return i;
}

/* Opens a gap in the list; the last one falls out where it is full.  NULL: out
 * of memory. */
static struct diagnostic *
make_room (struct report *report, size_t at)
{
  struct diagnostic *list = report->list;

  if (list == NULL)
    list = report->list = calloc (REPORT_MAX, sizeof *list);
  if (list == NULL)
    return NULL;

  if (report->count == REPORT_MAX)
    {
      report->left_out++;
      report->count--;
      free (list[report->count].message);
      free (list[report->count].remedy);
    }
  memmove (&list[at + 1], &list[at], (report->count - at) * sizeof *list);
  report->count++;
  return &list[at];
}

void
report_add (struct report *report, size_t offset, const char *remedy, const char *format, ...)
{
  struct diagnostic d = { .offset = SIZE_MAX };
  struct diagnostic *gap = NULL;
  size_t at;
  va_list args;

  if (report->text != NULL && offset != SIZE_MAX)
    d.offset = offset < report->size ? offset : report->size;
  at = index_for (report, d.offset);
  if (at == REPORT_MAX)
    {
      report->left_out++;
      return;
    }

  va_start (args, format);
  if (vasprintf (&d.message, format, args) == -1)
    d.message = NULL;
  va_end (args);
  if (remedy != NULL)
    d.remedy = strdup (remedy);
  if (d.offset != SIZE_MAX)
    {
      d.line = report_line (report, d.offset);
      d.column = column_of (report, report->text + d.offset);
    }

  if (d.message != NULL && (remedy == NULL || d.remedy != NULL))
    gap = make_room (report, at);
  if (gap == NULL)
    {
      report->out_of_memory = true;
      free (d.message);
      free (d.remedy);
      return;
    }
  *gap = d;
}

static void
show_place (const struct report *report, const struct diagnostic *d, FILE *to)
{
  const char *place = report->text + d->offset;
  const char *stop = report->text + report->size;
  const char *end = memchr (place, '\n', (size_t) (stop - place));

  if (end == NULL)
    end = stop;
  if (end > place && end[-1] == '\r')
    end--;
  show_line (line_start (report, place), place, end, to);
}

static void
show_head (const struct report *report, const struct diagnostic *d, FILE *to)
{
  show_text (report->path == NULL ? "?" : report->path, to);
  if (d != NULL && d->line > 0)
    fprintf (to, ":%u:%u", d->line, d->column);
  fputs (": ", to);
}

static bool
ends_a_sentence (const char *text)
{
  size_t n = strlen (text);

  return n > 0 && (text[n - 1] == '?' || text[n - 1] == '.');
}

void
report_write (const struct report *report, FILE *to)
{
  for (size_t i = 0; i < report->count; i++)
    {
      const struct diagnostic *d = &report->list[i];

      show_head (report, d, to);
      show_text (d->message, to);
      if (d->remedy != NULL)
        {
          fputs (ends_a_sentence (d->message) ? " " : ". ", to);
          show_text (d->remedy, to);
        }
      fputc ('\n', to);
      if (d->line > 0)
        show_place (report, d, to);
    }
  if (report->left_out > 0)
    {
      show_head (report, NULL, to);
      fprintf (to, "%zu more errors are not shown\n", report->left_out);
    }
  if (report->out_of_memory)
    {
      show_head (report, NULL, to);
      fputs ("out of memory\n", to);
    }
}

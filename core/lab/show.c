/* show.c - text of unknown origin, made fit for a terminal. */
#include "lab/show.h"

#include "lab/cells.h"
#include "lab/utf8.h"

#include <stdbool.h>
#include <string.h>

enum
{
  WHOLE = 100, /* bytes of a line that is shown uncut */
  BEFORE = 40, /* characters that are shown of a longer one, before the place */
  AFTER = 36,  /* and from it on */
  MARKS = 3    /* most that may stand on one letter */
};

/* One character as it is shown. */
struct shown
{
  char text[16];
  size_t bytes; /* that it takes in the source */
  unsigned cells;
  unsigned marks; /* on the letter that they are set on; 0 before the first character */
  bool as_c;      /* line ends and tabs are shown as C writes them */
};

/* A control character, and the letter that C writes it with. */
static const char in_c[] = "\nn\rr\tt";

/* shown is of the character before. */
static void
show (const char *p, const char *end, struct shown *shown)
{
  uint32_t code;
  int cells = CELLS_HIDDEN;

  shown->bytes = utf8_decode (p, (size_t) (end - p), &code);
  if (shown->bytes > 0)
    cells = cells_of (code);
  shown->marks = cells == CELLS_MARK ? shown->marks + 1 : 0;
  /* A heap of marks would stand in the lines above. */
  if (cells == CELLS_HIDDEN || shown->marks > MARKS)
    {
      const char *known = shown->as_c && *p != '\0' ? strchr (in_c, *p) : NULL;

      if (known != NULL)
        snprintf (shown->text, sizeof shown->text, "\\%c", known[1]);
      else if (shown->bytes == 0)
        snprintf (shown->text, sizeof shown->text, "\\x%02x", (unsigned char) *p);
      else
        snprintf (shown->text, sizeof shown->text, "\\u%04x", (unsigned) code);
      shown->bytes += shown->bytes == 0;
      shown->cells = (unsigned) strlen (shown->text);
      return;
    }
  memcpy (shown->text, p, shown->bytes);
  shown->text[shown->bytes] = '\0';
  shown->cells = (unsigned) cells;
}

/* How many bytes, shown one after the other, fit into so many cells. */
static size_t
fitting (const char *p, const char *end, bool as_c, unsigned cells)
{
  const char *start = p;
  struct shown shown = { .as_c = as_c };

  for (; p < end; p += shown.bytes)
    {
      show (p, end, &shown);
      if (shown.cells > cells)
        break;
      cells -= shown.cells;
    }
  return (size_t) (p - start);
}

unsigned
show_bytes (const uint8_t *data, size_t n, unsigned cells, FILE *to)
{
  const char *p = n > 0 ? (const char *) data : "", *end = p + n;
  bool cut = fitting (p, end, true, cells) < n;
  unsigned used = 0;
  struct shown shown = { .as_c = true };

  if (cut)
    end = p + fitting (p, end, true, cells - 3);
  for (; p < end; p += shown.bytes)
    {
      show (p, end, &shown);
      fputs (shown.text, to);
      used += shown.cells;
    }
  if (cut)
    fputs ("...", to);
  return used + (cut ? 3 : 0);
}

size_t
show_fit (const char *text, unsigned cells)
{
  return fitting (text, text + strlen (text), false, cells);
}

unsigned
show_width (const char *text)
{
  const char *end = text + strlen (text);
  struct shown shown = { .marks = 0 };
  unsigned cells = 0;

  for (const char *p = text; p < end; p += shown.bytes)
    {
      show (p, end, &shown);
      cells += shown.cells;
    }
  return cells;
}

void
show_text (const char *text, FILE *to)
{
  const char *end = text + strlen (text);
  struct shown shown = { .marks = 0 };

  for (const char *p = text; p < end; p += shown.bytes)
    {
      show (p, end, &shown);
      fputs (shown.text, to);
    }
}

/* Up to count characters back from place, but not before start. */
static const char *
step_back (const char *start, const char *place, unsigned count)
{
  while (count-- > 0 && place > start)
    do
      place--;
    while (place > start && (*place & 0xc0) == 0x80);
  return place;
}

static void
show_source (const char *from, const char *place, const char *end, bool cut, FILE *to)
{
  struct shown shown = { .marks = 0 };
  unsigned after = 0;
  const char *p;

  for (p = from; p < end && (!cut || after < AFTER); p += shown.bytes)
    {
      show (p, end, &shown);
      fputs (*p == '\t' ? "\t" : shown.text, to);
      after += p >= place;
    }
  fputs (p < end ? "...\n" : "\n", to);
}

void
show_line (const char *start, const char *place, const char *end, FILE *to)
{
  bool cut = end - start > WHOLE;
  const char *from = cut ? step_back (start, place, BEFORE) : start;
  const char *margin = from > start ? "..." : "";
  struct shown shown = { .marks = 0 };

  fprintf (to, "  %s", margin);
  show_source (from, place, end, cut, to);

  fprintf (to, "  %*s", (int) strlen (margin), "");
  for (const char *p = from; p < place; p += shown.bytes)
    {
      show (p, end, &shown);
      if (*p == '\t')
        fputc ('\t', to);
      else
        fprintf (to, "%*s", (int) shown.cells, "");
    }
  fputs ("^\n", to);
}

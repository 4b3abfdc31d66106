/* show.c - text of unknown origin, made fit for a terminal. */
#include "lab/show.h"
#include "lab/utf8.h"

#include <stdbool.h>
#include <string.h>

enum
{
  WHOLE = 100, /* bytes of a line that is shown uncut */
  BEFORE = 40, /* characters that are shown of a longer one, before the place */
  AFTER = 36   /* and from it on */
};

struct range
{
  uint32_t first, last;
};

/* Controls (C0, DEL, C1), marks that turn the direction of writing around, and
 * characters without any look. */
static const struct range hidden[] = {
  { 0x00, 0x1f },     { 0x7f, 0x9f },     { 0xad, 0xad },     { 0x61c, 0x61c },
  { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff },
};

/* What a terminal sets in two cells; after Unicode's East Asian Width. */
static const struct range wide[] = {
  { 0x1100, 0x115f },   { 0x2e80, 0xa4cf },   { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
  { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f },
  { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

/* Marks that are set on top of the letter before. */
static const struct range combining[]
    = { { 0x300, 0x36f }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f } };

#define IS_IN(code, ranges) is_in (code, ranges, sizeof (ranges) / sizeof (ranges)[0])

static bool
is_in (uint32_t code, const struct range *ranges, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (code >= ranges[i].first && code <= ranges[i].last)
      return true;
  return false;
}

/* One character as it is shown. */
struct shown
{
  char text[16];
  size_t bytes; /* that it takes in the source */
  unsigned cells;
};

static void
show (const char *p, const char *end, struct shown *shown)
{
  uint32_t code;

  shown->bytes = utf8_decode (p, (size_t) (end - p), &code);
  if (shown->bytes == 0 || IS_IN (code, hidden))
    {
      if (shown->bytes == 0)
        snprintf (shown->text, sizeof shown->text, "\\x%02x", (unsigned char) *p);
      else
        snprintf (shown->text, sizeof shown->text, "\\u%04x", (unsigned) code);
      shown->bytes += shown->bytes == 0;
      shown->cells = (unsigned) strlen (shown->text);
      return;
    }
  memcpy (shown->text, p, shown->bytes);
  shown->text[shown->bytes] = '\0';
  shown->cells = IS_IN (code, combining) ? 0 : IS_IN (code, wide) ? 2 : 1;
}

/* How many bytes, shown one after the other, fit into so many cells. */
static size_t
fitting (const char *p, const char *end, unsigned cells)
{
  const char *start = p;
  struct shown shown;

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
  const char *p = (const char *) data, *end = p + n;
  bool cut = fitting (p, end, cells) < n;
  unsigned used = 0;
  struct shown shown;

  if (cut)
    end = p + fitting (p, end, cells - 3);
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

unsigned
show_width (const char *text)
{
  const char *end = text + strlen (text);
  struct shown shown;
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
  struct shown shown;

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
  struct shown shown;
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
  struct shown shown;

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

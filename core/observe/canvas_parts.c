/* What takes several rows of a canvas: remarks, sockets, dumps. */
#include "observe/canvas.h"

#include "lab/show.h"

#include <stdlib.h>
#include <string.h>

enum
{
  GUTTER = 7,
  DUMP_MOST = 16 /* bytes in a line of a dump */
};

/* ------------------------------------------------------------------ remarks -- */

size_t
canvas_line_of (const char *text, unsigned cells)
{
  size_t fits = show_fit (text, cells), at = fits;

  if (text[fits] == '\0')
    return fits;
  while (at > 0 && text[at] != ' ')
    at--;
  return at > 0 ? at : fits > 0 ? fits : 1;
}

char *
canvas_shown (const char *text)
{
  char *shown = NULL;
  size_t size;
  FILE *to = open_memstream (&shown, &size);

  if (to == NULL)
    return NULL;
  show_text (text, to);
  if (fclose (to) == 0)
    return shown;
  free (shown);
  return NULL;
}

/* The first line of *rest, which goes on behind it; the caller's to free.  NULL: no memory. */
static char *
next_line (const char **rest, unsigned cells)
{
  size_t n = canvas_line_of (*rest, cells);
  char *line = strndup (*rest, n);

  *rest += n;
  *rest += strspn (*rest, " ");
  return line;
}

void
canvas_remark (struct canvas *canvas, const struct lifeline *line, bool at_server, const char *text,
               const char *paint, int64_t time)
{
  char *shown = canvas_shown (text);
  const char *rest = shown;

  while (rest != NULL && *rest != '\0')
    {
      char *part = next_line (&rest, canvas_span (canvas, line) - 2);
      struct row row = { .time = time, .line = line, .paint = paint };

      if (part == NULL)
        break;
      if (at_server)
        row.by_server = part;
      else
        row.by_client = part;
      canvas_row (canvas, &row);
      free (part);
      time = NO_TIME;
    }
  free (shown);
}

/* A line of its own, which interrupts the lifelines, at one end of the sheet; broken if it is
 * longer than that. */
static void
aside (struct canvas *canvas, bool at_server, const char *text)
{
  unsigned room = canvas->columns - GUTTER;

  while (*text != '\0')
    {
      char *part = next_line (&text, room);
      unsigned indent = GUTTER;

      if (part == NULL)
        return;
      if (at_server)
        indent += room - show_width (part);
      fprintf (canvas->to, "%*s%s\n", (int) indent, "", part);
      canvas->rows++;
      free (part);
    }
}

/* ------------------------------------------------------------------ sockets -- */

/* Whether an address can stand outside of the lifelines: the gutter is free beside it. */
static bool
fits_outside (const struct canvas *canvas, bool at_server, const char *address)
{
  unsigned room = at_server ? canvas->columns - canvas->server - 2 : canvas->first - 1;

  return show_width (address) <= room;
}

void
canvas_address (struct canvas *canvas, const struct lifeline *line, bool at_server,
                const char *address)
{
  struct row row = { .time = NO_TIME, .line = line, .paint = PAINT_BOLD };

  if (fits_outside (canvas, at_server, address))
    *(at_server ? &row.server : &row.client) = address;
  else if (show_width (address) + 2 <= canvas_span (canvas, line))
    *(at_server ? &row.by_server : &row.by_client) = address;
  else
    {
      aside (canvas, at_server, address);
      return;
    }
  canvas_row (canvas, &row);
}

/* "127.0.0.1:46960 <= four-tuple => 127.0.0.1:12000" between the lifelines.  Whether it fits. */
static bool
tuple_between (struct canvas *canvas, struct row *row, const char *client, const char *server)
{
  static const char *const signs[]
      = { "<=== four-tuple ===>", "<= four-tuple =>", "<======>", "<==>" };
  unsigned room = canvas_span (canvas, row->line) - 2;
  unsigned ends = show_width (client) + show_width (server) + 2;
  char text[256];
  size_t i = 0;

  while (i < sizeof signs / sizeof signs[0] && ends + strlen (signs[i]) > room)
    i++;
  if (i == sizeof signs / sizeof signs[0])
    return false;
  snprintf (text, sizeof text, "%s %s %s", client, signs[i], server);
  row->by_client = text;
  canvas_row (canvas, row);
  row->by_client = NULL;
  return true;
}

void
canvas_tuple (struct canvas *canvas, const struct lifeline *line, const char *server_role,
              const char *client, const char *server)
{
  struct row row = { .time = NO_TIME, .line = line, .server = server_role };

  row.paint = PAINT_BOLD;
  if (fits_outside (canvas, false, client) && fits_outside (canvas, true, server))
    {
      if (server_role != NULL)
        canvas_row (canvas, &row);
      row.client = client;
      row.server = server;
      row.arrow = ARROW_TUPLE;
      row.label = "four-tuple";
      canvas_row (canvas, &row);
      return;
    }
  if (tuple_between (canvas, &row, client, server))
    return;
  if (server_role != NULL)
    canvas_row (canvas, &row);
  row.server = NULL;
  row.arrow = ARROW_TUPLE;
  row.label = "four-tuple";
  canvas_row (canvas, &row);
  canvas_address (canvas, line, false, client);
  canvas_address (canvas, line, true, server);
}

/* -------------------------------------------------------------------- dumps -- */

void
canvas_dump (struct canvas *canvas, const uint8_t *bytes, size_t kept, size_t size)
{
  size_t wide = canvas->columns >= 80 ? DUMP_MOST : canvas->columns >= 48 ? 8 : 4;

  for (size_t at = 0; at < kept; at += wide)
    {
      size_t n = kept - at < wide ? kept - at : wide;
      char hex[3 * DUMP_MOST + 2] = "", text[DUMP_MOST + 1] = "";
      size_t used = 0;

      for (size_t i = 0; i < n; i++)
        {
          used += (size_t) snprintf (hex + used, sizeof hex - used, "%s%02x ", i == 8 ? " " : "",
                                     bytes[at + i]);
          text[i] = bytes[at + i] >= ' ' && bytes[at + i] < 0x7f ? (char) bytes[at + i] : '.';
        }
      fprintf (canvas->to, "%*s%04zx  %-*s %s\n", GUTTER, "", at,
               (int) (3 * wide + (wide > 8 ? 1 : 0)), hex, text);
      canvas->rows++;
    }
  if (kept < size)
    fprintf (canvas->to, "%*s%04zx  ... %zu more byte%s\n", GUTTER, "", kept, size - kept,
             size - kept == 1 ? "" : "s");
}

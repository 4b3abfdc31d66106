#include "observe/canvas.h"

#include "lab/show.h"

#include <stdlib.h>

enum
{
  GUTTER = 7,         /* columns of the time and a space */
  BESIDE_CLIENT = 17, /* "recvfrom(6) = 11" and a space */
  BESIDE_SERVER = 18, /* a space, and "connection socket" */
  HALF_A_NAME = 3,
  ARROW_SHORTEST = 30, /* columns between the lifelines: with less the calls come between them */
  ARROW_CROWDED = 26,  /* the same for the last of several clients */
  SPACING_MIN = 4,
  SPACING_MAX = 9,
  ROWS_A_NAME = 50 /* after so many rows the names are told again */
};

/* A piece of a line, from some column on. */
struct segment
{
  unsigned column, cells;
  const char *text, *paint;
};

static unsigned
width_of (const char *text)
{
  return text == NULL ? 0 : show_width (text);
}

unsigned
canvas_columns (unsigned columns)
{
  return columns < CANVAS_NARROWEST ? CANVAS_NARROWEST
         : columns > CANVAS_WIDEST  ? CANVAS_WIDEST
                                    : columns;
}

void
canvas_open (struct canvas *canvas, FILE *to, struct lifelines *lifelines, unsigned columns,
             bool colour, unsigned sides, int64_t began)
{
  unsigned left = sides >> SIDE_CLIENT & 1 ? BESIDE_CLIENT : HALF_A_NAME;
  unsigned right = sides >> SIDE_SERVER & 1 ? BESIDE_SERVER : HALF_A_NAME;
  unsigned between, count;

  columns = canvas_columns (columns);
  if (GUTTER + left + 1 + ARROW_SHORTEST + 1 + right > columns)
    left = right = HALF_A_NAME;
  between = columns - GUTTER - left - 1 - 1 - right;
  *canvas = (struct canvas){ .to = to,
                             .lifelines = lifelines,
                             .colour = colour,
                             .began = began,
                             .last = began,
                             .columns = columns,
                             .first = GUTTER + left,
                             .server = columns - right - 1,
                             .beside_client = left - 1,
                             .beside_server = right - 1,
                             .spacing = SPACING_MIN,
                             .rows = ROWS_A_NAME };
  if (between < ARROW_CROWDED + SPACING_MIN)
    {
      lifelines->columns = 1;
      return;
    }
  between -= ARROW_CROWDED;
  canvas->spacing = between / (LIFELINE_COLUMNS - 1);
  if (canvas->spacing < SPACING_MIN)
    canvas->spacing = SPACING_MIN;
  if (canvas->spacing > SPACING_MAX)
    canvas->spacing = SPACING_MAX;
  count = 1 + between / canvas->spacing;
  lifelines->columns = count < LIFELINE_COLUMNS ? count : LIFELINE_COLUMNS;
}

static unsigned
column_of (const struct canvas *canvas, const struct lifeline *line)
{
  return canvas->first + (line == NULL ? 0 : line->column * canvas->spacing);
}

unsigned
canvas_span (const struct canvas *canvas, const struct lifeline *line)
{
  return canvas->server - column_of (canvas, line) - 1;
}

unsigned
canvas_label_room (const struct canvas *canvas, const struct lifeline *line)
{
  return canvas_span (canvas, line) - 8;
}

/* -------------------------------------------------------------------- lines -- */

static void
put (struct canvas *canvas, const char *text, const char *paint)
{
  bool painted = canvas->colour && paint != NULL;

  fprintf (canvas->to, "%s%s%s", painted ? paint : "", text, painted ? PAINT_PLAIN : "");
}

static bool
is_lifeline (const struct canvas *canvas, unsigned column)
{
  if (column == canvas->first || column == canvas->server)
    return true;
  for (unsigned i = 1; i < canvas->lifelines->columns; i++)
    if (column == canvas->first + i * canvas->spacing)
      return canvas->lifelines->crowd[i] > 0;
  return false;
}

/* Blanks and lifelines from one column to before another. */
static void
fill (struct canvas *canvas, unsigned from, unsigned to)
{
  unsigned blanks = 0;

  for (; from < to; from++)
    if (is_lifeline (canvas, from))
      {
        fprintf (canvas->to, "%*s", (int) blanks, "");
        put (canvas, "|", PAINT_DIM);
        blanks = 0;
      }
    else
      blanks++;
  fprintf (canvas->to, "%*s", (int) blanks, "");
}

/* The segments stand in the order of their columns. */
static void
write_line (struct canvas *canvas, const struct segment *segments, size_t count)
{
  unsigned column = 0;

  for (size_t i = 0; i < count; i++)
    {
      const struct segment *segment = &segments[i];

      if (segment->cells == 0)
        continue;
      fill (canvas, column, segment->column);
      put (canvas, segment->text, segment->paint);
      column = segment->column + segment->cells;
    }
  if (column <= canvas->server)
    fill (canvas, column, canvas->server + 1);
  fputc ('\n', canvas->to);
}

void
canvas_time (int64_t time, char *text, size_t size)
{
  double seconds = (double) time / 1e9;

  snprintf (text, size, "%6.*f",
            seconds < 99.9995   ? 3
            : seconds < 999.995 ? 2
            : seconds < 9999.95 ? 1
                                : 0,
            seconds);
}

/* ------------------------------------------------------------------- arrows -- */

/* An arrow of so many columns; '-' is what it is made of. */
static void
draw_shaft (FILE *to, bool to_server, char tail, char head, char body, const char *label,
            unsigned columns)
{
  unsigned cells = width_of (label), line = columns - (label != NULL ? cells + 2 : 0);
  char left = to_server ? tail : head, right = to_server ? head : tail;
  unsigned place = 0;

  line -= (unsigned) (left != '\0') + (unsigned) (right != '\0');
  if (left != '\0')
    fputc (left, to);
  for (; place < line / 2; place++)
    fputc (body == ' ' ? " -"[(line / 2 - place) % 2] : body, to);
  if (label != NULL)
    fprintf (to, " %s ", label);
  for (; place < line; place++)
    fputc (body == ' ' ? "- "[(place - line / 2) % 2] : body, to);
  if (right != '\0')
    fputc (right, to);
}

/* The arrow as one segment; its text is the caller's to free. */
static struct segment
arrow (const struct canvas *canvas, const struct row *row)
{
  unsigned all = canvas_span (canvas, row->line), half = width_of (row->label) + 8;
  bool is_half
      = row->arrow == ARROW_LEAVES || row->arrow == ARROW_ARRIVES || row->arrow == ARROW_LOST;
  struct segment segment = { .column = column_of (canvas, row->line) + 1, .paint = row->paint };
  char tail = '\0', head = '>', body = row->part ? ' ' : '-';
  char *text = NULL;
  size_t size;
  FILE *to = open_memstream (&text, &size);

  if (to == NULL)
    return segment;
  if (half < all * 2 / 3)
    half = all * 2 / 3;
  if (half > all - 2)
    half = all - 2;
  segment.cells = is_half ? half : all;
  if (is_half && row->to_server == (row->arrow == ARROW_ARRIVES))
    segment.column += all - half;
  if (row->arrow == ARROW_TUPLE)
    {
      tail = '<';
      body = '=';
    }
  else if (row->arrow == ARROW_ARRIVES)
    tail = '\'';
  if (row->arrow == ARROW_LEAVES || row->arrow == ARROW_LOST)
    head = row->arrow == ARROW_LOST ? 'x' : '.';
  else if (!row->to_server && row->arrow != ARROW_TUPLE)
    head = '<';
  draw_shaft (to, row->to_server || row->arrow == ARROW_TUPLE, tail, head, body, row->label,
              segment.cells);
  if (fclose (to) != 0)
    segment.cells = 0;
  segment.text = text;
  return segment;
}

/* --------------------------------------------------------------------- rows -- */

static struct segment
at_left (unsigned column, const char *text, const char *paint)
{
  return (struct segment){ column, width_of (text), text, paint };
}

/* Ends before that column. */
static struct segment
at_right (unsigned column, const char *text, const char *paint)
{
  unsigned cells = width_of (text);

  return (struct segment){ column - cells, cells, text, paint };
}

void
canvas_names (struct canvas *canvas)
{
  const unsigned *crowd = canvas->lifelines->crowd;
  unsigned count = canvas->lifelines->columns;
  struct segment segments[LIFELINE_COLUMNS + 2] = { at_left (0, "seconds", PAINT_DIM) };
  char letters[LIFELINE_COLUMNS][3];
  size_t used = 1;
  bool many = false;

  for (unsigned i = 1; i < count; i++)
    many |= crowd[i] > 0;
  canvas->rows = 0;
  for (unsigned i = 0; i < count; i++)
    if (i == 0 || crowd[i] > 0)
      {
        snprintf (letters[i], sizeof letters[i], "%c%s", 'A' + (int) i,
                  i == count - 1 && canvas->lifelines->shared ? "+" : "");
        segments[used++] = at_left (canvas->first + i * canvas->spacing, letters[i], PAINT_BOLD);
      }
  if (!many)
    segments[1] = at_left (canvas->first - HALF_A_NAME + 1, "client", PAINT_BOLD);
  segments[used++] = at_left (canvas->server - HALF_A_NAME + 1, "server", PAINT_BOLD);
  for (size_t i = 0, column = 0; i < used; i++)
    {
      fprintf (canvas->to, "%*s", (int) (segments[i].column - column), "");
      put (canvas, segments[i].text, segments[i].paint);
      column = segments[i].column + segments[i].cells;
    }
  fputc ('\n', canvas->to);
}

static void
one_line (struct canvas *canvas, const struct row *row, const char *client, const char *server)
{
  struct segment segments[6];
  unsigned first = column_of (canvas, row->line);
  size_t used = 0;
  char seconds[32];
  char *shaft = NULL;

  if (row->time != NO_TIME)
    {
      if (row->time > canvas->last)
        canvas->last = row->time;
      canvas_time (canvas->last - canvas->began, seconds, sizeof seconds);
      segments[used++] = at_left (0, seconds, PAINT_DIM);
    }
  segments[used++] = at_right (canvas->first - 1, client, NULL);
  segments[used++] = at_left (first + 2, row->by_client, row->paint);
  if (row->arrow != ARROW_NONE)
    {
      segments[used] = arrow (canvas, row);
      shaft = (char *) segments[used++].text;
    }
  segments[used++] = at_right (canvas->server - 1, row->by_server, row->paint);
  segments[used++] = at_left (canvas->server + 2, server, NULL);
  write_line (canvas, segments, used);
  canvas->rows++;
  free (shaft);
}

/* What one end does, where there is no room for it outside. */
static void
call_between (struct canvas *canvas, const struct row *row, bool at_server, int64_t time)
{
  struct row alone = { .time = time, .line = row->line };

  if (at_server)
    alone.by_server = row->server;
  else
    alone.by_client = row->client;
  one_line (canvas, &alone, NULL, NULL);
}

void
canvas_row (struct canvas *canvas, const struct row *row)
{
  /* Where there is no time the gutter is free. */
  unsigned room = row->time == NO_TIME ? canvas->first - 1 : canvas->beside_client;
  bool client_fits = width_of (row->client) <= room;
  bool server_fits = width_of (row->server) <= canvas->beside_server;
  struct row main = *row;
  bool is_empty;

  if (canvas->rows >= ROWS_A_NAME)
    canvas_names (canvas);
  /* What the sender does comes first. */
  if (!client_fits && (row->to_server || row->arrow == ARROW_NONE))
    {
      call_between (canvas, row, false, main.time);
      main.time = NO_TIME;
    }
  if (!server_fits && !(row->to_server && row->arrow != ARROW_NONE))
    {
      call_between (canvas, row, true, main.time);
      main.time = NO_TIME;
    }
  is_empty = row->arrow == ARROW_NONE && row->by_client == NULL && row->by_server == NULL
             && (row->client == NULL || !client_fits) && (row->server == NULL || !server_fits);
  if (!is_empty)
    one_line (canvas, &main, client_fits ? row->client : NULL, server_fits ? row->server : NULL);
  if (!client_fits && !row->to_server && row->arrow != ARROW_NONE)
    call_between (canvas, row, false, NO_TIME);
  if (!server_fits && row->to_server && row->arrow != ARROW_NONE)
    call_between (canvas, row, true, NO_TIME);
}

/* Packets on their way: whole, late, lost, doubled, spoilt. */
#include "host/address.h"
#include "observe/svg_frame.h"
#include "observe/svg_text.h"

#include <stdlib.h>

enum
{
  SLANT = 12,  /* of an arrow that takes no time */
  HEAD = 10,   /* length of an arrow's head */
  BESIDE = 10, /* from a lifeline to its text */
  TEXT = 10    /* height of a label */
};

struct line
{
  int x1, y1, x2, y2;
};

static int
y_at (const struct line *line, int x)
{
  if (line->x1 == line->x2)
    return line->y1;
  return line->y1
         + (int) ((int64_t) (line->y2 - line->y1) * (x - line->x1) / (line->x2 - line->x1));
}

/* A point of the wire, so many parts of 16 of it behind its middle. */
static int
behind_middle (const struct svg_frame *frame, const struct line *line, int parts)
{
  int distance = SVG_WIRE / 16 * parts;

  return svg_middle (frame) + (line->x2 > line->x1 ? distance : -distance);
}

/* From where to where it would go, were it not lost. */
static struct line
line_of (const struct svg_frame *frame, const struct svg_item *item)
{
  int client = svg_client_x (frame, item->client);
  int server = svg_door_x (frame, item->door) - (frame->picture->has_server ? SVG_DOOR / 2 : 0);
  bool in = item->at_server;
  struct line line = { in ? client : server, item->y, in ? server : client, item->y };

  /* Who tells of it knows its end where it arrives, and its beginning where it leaves. */
  if (in == frame->picture->has_server)
    line.y1 = item->other != NULL ? item->other->y : item->y - SLANT;
  else
    line.y2 = item->other != NULL ? item->other->y : item->y + SLANT;
  return line;
}

static void
draw_line (const struct svg_frame *frame, const struct line *line, unsigned colour,
           const char *more)
{
  fprintf (frame->to, "<path d=\"M%d %dL%d %d\" class=\"line k%u%s\"", line->x1, line->y1, line->x2,
           line->y2, colour, more);
}

static void
draw_whole (const struct svg_frame *frame, const struct line *line, unsigned colour,
            const char *more)
{
  int x = line->x2 + (line->x2 > line->x1 ? -HEAD : HEAD);
  struct line without_head = { line->x1, line->y1, x, y_at (line, x) };

  draw_line (frame, &without_head, colour, more);
  fprintf (frame->to, " marker-end=\"url(#protolab-head%u)\"/>\n", colour);
}

/* The wire swallows it. */
static void
draw_lost (const struct svg_frame *frame, const struct line *whole)
{
  int x = behind_middle (frame, whole, 4);
  struct line line = { whole->x1, whole->y1, x, y_at (whole, x) };

  draw_line (frame, &line, SVG_BAD, "");
  fprintf (frame->to, "/>\n<path d=\"M%d %dl12 12m0 -12l-12 12\" class=\"line k%d\"/>\n", x - 6,
           line.y2 - 6, SVG_BAD);
}

/* The second of two copies leaves the way of the first. */
static void
draw_second (const struct svg_frame *frame, const struct line *first, int y2, unsigned colour)
{
  int x = behind_middle (frame, first, 2);
  struct line line = { x, y_at (first, x), first->x2, y2 };

  draw_whole (frame, &line, colour, "");
  fprintf (frame->to, "<circle cx=\"%d\" cy=\"%d\" r=\"3.5\" class=\"f%u\"/>\n", line.x1, line.y1,
           colour);
}

static void
draw_spoilt (const struct svg_frame *frame, const struct line *line)
{
  int x = behind_middle (frame, line, 6);

  fprintf (frame->to, "<path d=\"M%d %dl5 -9l4 9l5 -9l4 9\" class=\"line k%d\"/>\n", x - 9,
           y_at (line, x) + 4, SVG_BAD);
}

/* A text above or below the line, as far from it as the line slants along the text. */
static void
draw_label (const struct svg_frame *frame, const struct line *line, bool above, const char *class,
            const char *text)
{
  int x = svg_middle (frame), half = svg_width (text) / 2;
  int slanting = abs (y_at (line, x + half) - y_at (line, x - half)) / 2;
  int y = y_at (line, x) + (above ? -slanting - 4 : slanting + TEXT + 4);

  svg_write (frame, x, y, "middle", class, text);
}

/* A text where the line begins, so many lines above it. */
static void
draw_beginning (const struct svg_frame *frame, const struct line *line, int above,
                const char *class, const char *text)
{
  bool right = line->x2 > line->x1;

  svg_write (frame, line->x1 + (right ? BESIDE : -BESIDE), line->y1 - 4 - above * (TEXT + 3),
             right ? "start" : "end", class, text);
}

static void
draw_labels (const struct svg_frame *frame, const struct svg_item *item, const struct line *line)
{
  bool faint = item->look == SVG_HANDSHAKE || item->look == SVG_FIN;
  char fate[FATE_TEXT];

  fate_text (&item->fate, fate);
  if (item->label != NULL && item->other != NULL)
    draw_beginning (frame, line, 0, "", item->label);
  else if (item->label != NULL)
    draw_label (frame, line, true,
                item->look == SVG_RESET ? "bad"
                : faint                 ? "dim"
                                        : "",
                item->label);
  if (item->other != NULL)
    draw_beginning (frame, line, 1, "bad", fate);
  else if (item->fate.what != 0)
    draw_label (frame, line, false, "bad", fate);
}

/* What a pointer that rests on it is told. */
static void
draw_title (const struct svg_frame *frame, const struct svg_item *item)
{
  const struct pl_address *client = &frame->picture->clients[item->client].address;
  const struct pl_address *server = &frame->picture->server;
  char from[ADDRESS_TEXT], to[ADDRESS_TEXT], when[32];

  address_text (item->at_server ? client : server, from);
  address_text (item->at_server ? server : client, to);
  fprintf (frame->to,
           "<g><title>%s, %s to %s: ", svg_time (frame->picture, item->time, when, sizeof when),
           from, to);
  svg_text (item->label != NULL ? item->label : "", frame->to);
  fputs ("</title>\n", frame->to);
}

void
svg_draw_arrow (const struct svg_frame *frame, const struct svg_item *item)
{
  struct line line = line_of (frame, item), first;
  unsigned colour = item->look == SVG_RESET ? SVG_BAD : item->client % SVG_COLOURS;
  bool leaves = item->at_server != frame->picture->has_server;

  draw_title (frame, item);
  if (item->look == SVG_LOST)
    draw_lost (frame, &line);
  else if (item->twin != NULL)
    {
      first = line_of (frame, item->twin);
      draw_second (frame, &first, line.y2, colour);
    }
  else
    draw_whole (frame, &line, colour, item->look == SVG_DATA ? "" : " thin");
  if (leaves && item->look == SVG_DATA && item->fate.what & FATE_DUPLICATE)
    draw_second (frame, &line, line.y2 + SLANT, colour);
  if (item->look == SVG_DATA && item->fate.what & FATE_CORRUPT)
    draw_spoilt (frame, &line);
  if (item->twin == NULL)
    draw_labels (frame, item, &line);
  fputs ("</g>\n", frame->to);
}

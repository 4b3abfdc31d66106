/* The picture: its heads and lifelines, its doors, and its items one by one. */
#include "host/address.h"
#include "observe/svg_frame.h"
#include "observe/svg_text.h"

static const char style[]
    = ".protolab text{font:12px ui-monospace,'DejaVu Sans Mono',monospace;fill:#1c2430}\n"
      ".protolab .title{font:bold 18px system-ui,'DejaVu Sans',sans-serif}\n"
      ".protolab .dim,.protolab .time{fill:#59636e}.protolab .time{font-size:11px}\n"
      ".protolab .small{font-size:9px}.protolab .strong{font-weight:bold}\n"
      ".protolab .page{fill:#fff}.protolab .house{fill:#f2f5f9}\n"
      ".protolab .head,.protolab .door{fill:#fff;stroke:#59636e}\n"
      ".protolab .life{stroke:#a9b4c0;stroke-dasharray:5 4}\n"
      ".protolab .note{fill:#fff7d6;stroke:#c9a227}.protolab "
      ".trouble{fill:#ffe9e6;stroke:#b3261e}\n"
      ".protolab .line{fill:none;stroke-width:1.8}.protolab .thin{stroke-dasharray:6 3}\n"
      ".protolab .k0{stroke:#0b5fa5}.protolab .k1{stroke:#a34700}.protolab .k2{stroke:#0a6b4a}\n"
      ".protolab .k3{stroke:#7a3b8f}.protolab .k4{stroke:#7a5c00}.protolab .k5{stroke:#00606e}\n"
      ".protolab .k6{stroke:#b3261e}\n"
      ".protolab .f0{fill:#0b5fa5}.protolab .f1{fill:#a34700}.protolab .f2{fill:#0a6b4a}\n"
      ".protolab .f3{fill:#7a3b8f}.protolab .f4{fill:#7a5c00}.protolab .f5{fill:#00606e}\n"
      ".protolab .f6,.protolab text.bad{fill:#b3261e}\n"
      "@media (prefers-color-scheme:dark){\n"
      ".protolab text{fill:#e6edf3}.protolab .dim,.protolab .time{fill:#9aa7b4}\n"
      ".protolab .page{fill:#10151c}.protolab .house{fill:#1a222c}\n"
      ".protolab .head,.protolab .door{fill:#10151c;stroke:#9aa7b4}\n"
      ".protolab .life{stroke:#4a5663}\n"
      ".protolab .note{fill:#3a3210;stroke:#d9b93b}.protolab "
      ".trouble{fill:#44201d;stroke:#ff8a80}\n"
      ".protolab .k0{stroke:#7cc0ff}.protolab .k1{stroke:#ffa36b}.protolab .k2{stroke:#66d9a6}\n"
      ".protolab .k3{stroke:#d9a3ec}.protolab .k4{stroke:#e6c34d}.protolab .k5{stroke:#6fd3e3}\n"
      ".protolab .k6{stroke:#ff8a80}\n"
      ".protolab .f0{fill:#7cc0ff}.protolab .f1{fill:#ffa36b}.protolab .f2{fill:#66d9a6}\n"
      ".protolab .f3{fill:#d9a3ec}.protolab .f4{fill:#e6c34d}.protolab .f5{fill:#6fd3e3}\n"
      ".protolab .f6,.protolab text.bad{fill:#ff8a80}}";

/* ------------------------------------------------------------- what is fixed -- */

static void
draw_head (const struct svg_frame *frame, int left, int right, const char *name,
           const struct pl_address *address)
{
  char text[ADDRESS_TEXT], part[SVG_HEAD_CELLS + 1];
  int y = SVG_HEAD_Y + SVG_HEAD_LINE, x = (left + right) / 2;

  fprintf (frame->to,
           "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\" class=\"head\"/>\n", left,
           SVG_HEAD_Y, right - left, frame->head_bottom - SVG_HEAD_Y);
  svg_write (frame, x, y, "middle", "strong", name);
  address_text (address, text);
  for (size_t at = 0; at < strlen (text); at += SVG_HEAD_CELLS)
    {
      snprintf (part, sizeof part, "%s", text + at);
      svg_write (frame, x, y += SVG_HEAD_LINE, "middle", "", part);
    }
}

static void
draw_life (const struct svg_frame *frame, int x)
{
  fprintf (frame->to, "<path d=\"M%d %dV%d\" class=\"life\"/>\n", x, frame->head_bottom,
           frame->bottom - 10);
}

static void
draw_clients (const struct svg_frame *frame)
{
  const struct svg_picture *picture = frame->picture;
  char name[32] = "client";

  for (unsigned i = 0; i < picture->client_count; i++)
    {
      int x = svg_client_x (frame, i), half = SVG_CLIENT_ROOM / 2 - 2;

      if (picture->client_count > 1)
        snprintf (name, sizeof name, "client %u", i + 1);
      draw_life (frame, x);
      draw_head (frame, x - half, x + half, name, &picture->clients[i].address);
    }
}

static void
draw_door (const struct svg_frame *frame, const struct svg_door *door, int x)
{
  int y = door->opens->y - 6;
  int end = door->closes != NULL ? door->closes->y + 5 : frame->bottom - 10;
  char colour[8] = "", fd[16];

  if (door->role == PL_CONNECTION)
    snprintf (colour, sizeof colour, " k%u", door->client % SVG_COLOURS);
  fprintf (frame->to,
           "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" class=\"door%s\"/>\n",
           x - SVG_DOOR / 2, y, SVG_DOOR, end - y < 14 ? 14 : end - y, colour);
  snprintf (fd, sizeof fd, "%d", door->fd);
  svg_write (frame, x, y + 10, "middle", "small", fd);
}

/* What stands above the sockets of one lane. */
static void
draw_caption (const struct svg_frame *frame, int x, const char *first, const char *second)
{
  svg_write (frame, x, frame->head_bottom + 14, "middle", "small dim", first);
  svg_write (frame, x, frame->head_bottom + 24, "middle", "small dim", second);
}

static void
draw_server (const struct svg_frame *frame)
{
  const struct svg_picture *picture = frame->picture;
  int left = frame->server - 58, right = frame->calls - 12;

  if (right < left + SVG_CLIENT_ROOM)
    right = left + SVG_CLIENT_ROOM;
  if (picture->has_server)
    fprintf (frame->to,
             "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\" class=\"house\"/>\n",
             left, SVG_HEAD_Y, right - left, frame->bottom - SVG_HEAD_Y);
  draw_life (frame, frame->server);
  draw_head (frame, left, right, "server", &picture->server);
  if (!picture->has_server)
    return;
  draw_caption (frame, frame->server, picture->stream ? "welcoming" : "server", "socket");
  if (picture->lane_count > 1)
    draw_caption (frame, svg_lane_x (frame, 1), "connection",
                  picture->lane_count > 2 ? "sockets" : "socket");
  for (int i = 0; i < picture->door_count; i++)
    draw_door (frame, &picture->doors[i], svg_door_x (frame, i));
}

/* -------------------------------------------------------------------- items -- */

static void
draw_call (const struct svg_frame *frame, const struct svg_item *item)
{
  if (item->call == NULL)
    return;
  if (svg_calls_at_server (frame->picture, item))
    svg_write (frame, frame->calls, item->y + 4, "start", "dim", item->call);
  else
    svg_write (frame, svg_client_x (frame, item->client) - 9, item->y + 4, "end", "dim",
               item->call);
}

static void
draw_remark (const struct svg_frame *frame, const struct svg_item *item)
{
  if (item->label == NULL)
    return;
  fprintf (frame->to,
           "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"18\" rx=\"3\" class=\"%s\"/>\n",
           frame->calls - 5, item->y - 10, svg_width (item->label) + 10,
           item->look == SVG_NOTE ? "note" : "trouble");
  svg_write (frame, frame->calls, item->y + 3, "start", "", item->label);
}

static void
draw_times (const struct svg_frame *frame)
{
  const struct svg_picture *picture = frame->picture;
  char last[32] = "", text[32];
  int y = 0;

  for (size_t i = 0; i < picture->item_count; i++)
    {
      const struct svg_item *item = picture->items[i];

      svg_time (picture, item->time, text, sizeof text);
      if (strcmp (text, last) == 0 || item->y - y < 12)
        continue;
      y = item->y;
      strcpy (last, text);
      svg_write (frame, SVG_TIME_X - 8, y + 4, "end", "time", text);
    }
}

static void
draw_items (const struct svg_frame *frame)
{
  const struct svg_picture *picture = frame->picture;

  for (size_t i = 0; i < picture->item_count; i++)
    {
      const struct svg_item *item = picture->items[i];

      if (item->kind == SVG_ARROW)
        svg_draw_arrow (frame, item);
      if (item->kind == SVG_REMARK)
        draw_remark (frame, item);
      draw_call (frame, item);
    }
}

/* ------------------------------------------------------------------ picture -- */

static void
draw_description (const struct svg_frame *frame)
{
  const struct svg_picture *picture = frame->picture;
  FILE *to = frame->to;

  fputs ("<title id=\"protolab-title\">", to);
  svg_text (picture->title, to);
  fprintf (to,
           "</title>\n<desc id=\"protolab-desc\">A sequence diagram: %u client%s and a server, with"
           " %zu packet%s of data between them, of which %zu %s lost.  Time runs down.</desc>\n",
           picture->client_count, picture->client_count == 1 ? "" : "s", picture->packets,
           picture->packets == 1 ? "" : "s", picture->lost, picture->lost == 1 ? "was" : "were");
}

static void
draw_beginning (const struct svg_frame *frame)
{
  const struct svg_picture *picture = frame->picture;
  int height = frame->bottom + 24;
  FILE *to = frame->to;

  fprintf (to,
           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"protolab\" width=\"%d\" height=\"%d\""
           " viewBox=\"0 0 %d %d\" role=\"graphics-document document\""
           " aria-labelledby=\"protolab-title\" aria-describedby=\"protolab-desc\">\n",
           frame->width, height, frame->width, height);
  draw_description (frame);
  fprintf (to, "<style>\n%s\n</style>\n<defs>\n", style);
  for (int i = 0; i <= SVG_BAD; i++)
    fprintf (to,
             "<marker id=\"protolab-head%d\" markerWidth=\"11\" markerHeight=\"9\" refX=\"1\""
             " refY=\"4.5\" orient=\"auto\" markerUnits=\"userSpaceOnUse\">"
             "<path d=\"M0 0L11 4.5L0 9z\" class=\"f%d\"/></marker>\n",
             i, i);
  fprintf (to, "</defs>\n<rect width=\"%d\" height=\"%d\" class=\"page\"/>\n", frame->width,
           height);
  svg_write (frame, SVG_MARGIN, 28, "start", "title", picture->title);
  svg_write (frame, SVG_MARGIN, 47, "start", "dim", picture->subtitle);
}

/* What the lab is.  0, or -1: no memory. */
static int
describe (struct svg_picture *picture)
{
  const struct scene *scene = picture->scene;
  char text[512];

  snprintf (text, sizeof text, "%s: %s, framing %s, transform %s", scene->lab, scene->transport,
            scene->framing, scene->transform);
  picture->subtitle = svg_shown (text);
  picture->title = svg_shown (scene->title != NULL ? scene->title : scene->lab);
  return picture->title != NULL && picture->subtitle != NULL ? 0 : -1;
}

int
svg_draw (struct svg_picture *picture, FILE *to)
{
  struct svg_frame frame;
  char text[128];

  if (describe (picture) == -1)
    return -1;
  frame = svg_frame_of (picture, to);
  draw_beginning (&frame);
  draw_server (&frame);
  draw_clients (&frame);
  draw_times (&frame);
  draw_items (&frame);
  if (picture->of_others + picture->too_late > 0)
    {
      snprintf (text, sizeof text,
                "Not drawn: %zu events of clients after the %dth, %zu after this.",
                picture->of_others, SVG_CLIENTS, picture->too_late);
      svg_write (&frame, SVG_MARGIN, frame.bottom + 8, "start", "dim", text);
    }
  fputs ("</svg>\n", to);
  return picture->no_memory ? -1 : 0;
}

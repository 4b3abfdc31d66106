#include "observe/svg_frame.h"

#include "host/address.h"
#include "lab/show.h"
#include "observe/svg_text.h"

#include <inttypes.h>

enum
{
  LANE = 26,    /* between connection sockets */
  LANES_X = 92, /* from the server's own socket to the first of them */
  BESIDE = 9,   /* from a lifeline to its text */
  CELL_4 = 29   /* quarters of a pixel */
};

int
svg_width (const char *text)
{
  return (int) (show_width (text) * CELL_4 + 3) / 4;
}

int
svg_client_x (const struct svg_frame *frame, unsigned client)
{
  return frame->first_client + (int) client * frame->client_step;
}

static int
last_client_x (const struct svg_frame *frame)
{
  unsigned count = frame->picture->client_count;

  return svg_client_x (frame, count > 0 ? count - 1 : 0);
}

int
svg_lane_x (const struct svg_frame *frame, unsigned lane)
{
  return frame->server + (lane == 0 ? 0 : LANES_X + (int) (lane - 1) * LANE);
}

int
svg_door_x (const struct svg_frame *frame, int door)
{
  return svg_lane_x (frame, door == -1 ? 0 : frame->picture->doors[door].lane);
}

int
svg_middle (const struct svg_frame *frame)
{
  return (last_client_x (frame) + frame->server) / 2;
}

bool
svg_calls_at_server (const struct svg_picture *picture, const struct svg_item *item)
{
  return item->kind == SVG_ARROW ? picture->has_server : item->at_server;
}

/* The widest text beside the lifelines of one side. */
static int
widest (const struct svg_picture *picture, bool server)
{
  int most = 0;

  for (size_t i = 0; i < picture->item_count; i++)
    {
      const struct svg_item *item = picture->items[i];
      bool remark = item->kind == SVG_REMARK;
      const char *text = remark ? item->label : item->call;
      bool here = remark ? server : svg_calls_at_server (picture, item) == server;

      if (here && text != NULL && svg_width (text) > most)
        most = svg_width (text);
    }
  return most;
}

static int
head_lines (const struct svg_picture *picture)
{
  char text[ADDRESS_TEXT];
  size_t most = strlen (address_text (&picture->server, text));

  for (unsigned i = 0; i < picture->client_count; i++)
    if (strlen (address_text (&picture->clients[i].address, text)) > most)
      most = strlen (text);
  return 1 + (int) ((most + SVG_HEAD_CELLS - 1) / SVG_HEAD_CELLS);
}

static int
larger (int a, int b)
{
  return a > b ? a : b;
}

struct svg_frame
svg_frame_of (struct svg_picture *picture, FILE *to)
{
  struct svg_frame frame = { .to = to, .picture = picture };
  int beside_client = widest (picture, false) + 2 * BESIDE;
  unsigned last_lane = picture->lane_count > 0 ? picture->lane_count - 1 : 0;

  frame.client_step = larger (beside_client, SVG_CLIENT_ROOM);
  frame.first_client = SVG_TIME_X + frame.client_step;
  frame.server = last_client_x (&frame) + SVG_WIRE;
  frame.calls = svg_lane_x (&frame, last_lane) + 78;
  frame.width = frame.calls + widest (picture, true) + 24;
  frame.width = larger (frame.width, svg_width (picture->subtitle) + 2 * SVG_MARGIN);
  frame.width = larger (frame.width, svg_width (picture->title) * 3 / 2 + 2 * SVG_MARGIN);
  frame.head_bottom = SVG_HEAD_Y + head_lines (picture) * SVG_HEAD_LINE + 10;
  frame.bottom = svg_layout (picture, frame.head_bottom + (picture->has_server ? 34 : 10));
  return frame;
}

void
svg_write (const struct svg_frame *frame, int x, int y, const char *anchor, const char *class,
           const char *text)
{
  fprintf (frame->to, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor,
           class);
  svg_text (text, frame->to);
  fputs ("</text>\n", frame->to);
}

const char *
svg_time (const struct svg_picture *picture, int64_t time, char *text, size_t size)
{
  int64_t since = (time - picture->began) / 1000;

  if (since < 1000000)
    snprintf (text, size, "%" PRId64 ".%02" PRId64 " ms", since / 1000, since % 1000 / 10);
  else
    snprintf (text, size, "%" PRId64 ".%03" PRId64 " s", since / 1000000, since / 1000 % 1000);
  return text;
}

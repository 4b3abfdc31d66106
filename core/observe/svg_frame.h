/* svg_frame.h - where everything of the picture stands, and what its parts are drawn with. */
#ifndef PL_OBSERVE_SVG_FRAME_H
#define PL_OBSERVE_SVG_FRAME_H

#include "observe/svg_picture.h"

enum
{
  SVG_MARGIN = 16,
  SVG_TIME_X = 78,       /* where times end */
  SVG_CLIENT_ROOM = 124, /* least width of a client's column */
  SVG_WIRE = 380,        /* between the last client and the server */
  SVG_HEAD_Y = 62,
  SVG_HEAD_LINE = 14,
  SVG_HEAD_CELLS = 16,  /* of a line of an address */
  SVG_DOOR = 16,        /* its width */
  SVG_COLOURS = 6,      /* of clients: classes k0 to k5 for lines, f0 to f5 for what is filled */
  SVG_BAD = SVG_COLOURS /* the colour of what is lost or wrong */
};

/* In pixels: x from the left edge, y from the top one. */
struct svg_frame
{
  FILE *to;
  const struct svg_picture *picture;
  int first_client, client_step; /* lifelines of clients */
  int server;                    /* the lifeline of the server's own socket */
  int calls;                     /* where the text beside the server begins */
  int width, head_bottom, bottom;
};

/* Lays the picture out. */
struct svg_frame svg_frame_of (struct svg_picture *picture, FILE *to);

int svg_client_x (const struct svg_frame *frame, unsigned client);
/* The middle of a lane of doors: svg_picture.h. */
int svg_lane_x (const struct svg_frame *frame, unsigned lane);
/* The middle of a door, by its number; -1: of the server's lifeline. */
int svg_door_x (const struct svg_frame *frame, int door);
/* Of the wire, where every arrow has its label. */
int svg_middle (const struct svg_frame *frame);
/* Whether the call of an item is one of the server. */
bool svg_calls_at_server (const struct svg_picture *picture, const struct svg_item *item);

/* How wide a text is. */
int svg_width (const char *text);
/* Writes a text; anchor is "start", "middle" or "end": that point of it stands at x. */
void svg_write (const struct svg_frame *frame, int x, int y, const char *anchor, const char *class,
                const char *text);
/* "12.34 ms", "1.234 s" since the beginning; returns text. */
const char *svg_time (const struct svg_picture *picture, int64_t time, char *text, size_t size);

void svg_draw_arrow (const struct svg_frame *frame, const struct svg_item *item);

#endif

/* svg_picture.h - what a sequence diagram shows, from the events to the lines. */
#ifndef PL_OBSERVE_SVG_PICTURE_H
#define PL_OBSERVE_SVG_PICTURE_H

#include "observe/event.h"

#include <stdio.h>

enum
{
  SVG_CLIENTS = 12, /* lifelines at the most */
  SVG_DOORS = 64,
  SVG_ITEMS = 1500,
  SVG_NOBODY = SVG_CLIENTS /* in the place of a client: none, or one too many */
};

enum svg_kind
{
  SVG_CALL,   /* a socket call alone */
  SVG_ARROW,  /* from the client's lifeline to a door of the server, or back */
  SVG_REMARK, /* a note of a transform, a limit, trouble */
  SVG_POINT   /* the other end of an arrow that took its time */
};

enum svg_look
{
  SVG_DATA,
  SVG_HANDSHAKE,
  SVG_FIN,
  SVG_RESET,
  SVG_LOST,
  SVG_NOTE,
  SVG_TROUBLE
};

/* Something that stands at a time of its own. */
struct svg_item
{
  enum svg_kind kind;
  enum svg_look look;
  int64_t time;
  size_t order; /* among those of the same time */
  unsigned client;
  int door;       /* SVG_ARROW: the server's; -1: its lifeline */
  bool at_server; /* where it is said; SVG_ARROW: where it goes to */
  bool begins;    /* SVG_POINT: an arrow leaves from it; else one arrives */
  struct fate fate;
  struct svg_item *other; /* SVG_ARROW: its other end; NULL: it takes no time */
  struct svg_item *twin;  /* SVG_ARROW: the first one, of two copies */
  char *label, *call;     /* shown text; NULL: none */
  int y;
};

/* A socket of the server, as long as it is open. */
struct svg_door
{
  enum pl_role role;
  int fd;
  unsigned client; /* a connection socket's */
  unsigned lane;   /* 0: the server's own; the connection sockets stand beside it */
  const struct svg_item *opens, *closes; /* closes NULL: it is open to the end */
};

struct svg_client
{
  struct pl_address address;
  int door;               /* its connection socket; -1: none */
  bool ended, been_ended; /* FIN from the client, and from the server, is drawn */
  bool reset;
};

struct svg_picture
{
  const struct scene *scene;
  char *title, *subtitle; /* of scene, as they can be shown */
  bool has_server; /* packets are drawn as the server has seen them; else as the client has */
  bool stream;
  int64_t began; /* time of the first event */
  bool any;
  struct pl_address server;
  struct svg_client clients[SVG_CLIENTS];
  unsigned client_count;
  struct svg_door doors[SVG_DOORS];
  int door_count;
  unsigned lane_count;
  struct svg_item *items[SVG_ITEMS];
  size_t item_count;
  size_t packets, lost;       /* that are drawn */
  size_t of_others, too_late; /* events that are not: of more clients, after the last item */
  int64_t created;            /* our client's socket; its address is known later */
  int created_fd;             /* -1: none */
  bool no_memory;
};

/* Puts an event into the picture. */
void svg_picture_event (struct svg_picture *picture, const struct event *event);

/* Sorts the items by their time and gives each its y.  Returns the height below which nothing
 * stands. */
int svg_layout (struct svg_picture *picture, int top);

/* Writes the whole document.  0, or -1: no memory, and something of it is missing. */
int svg_draw (struct svg_picture *picture, FILE *to);

void svg_picture_free (struct svg_picture *picture);

#endif

/* svg_items.h - what the picture is put together from: items, lifelines and doors. */
#ifndef PL_OBSERVE_SVG_ITEMS_H
#define PL_OBSERVE_SVG_ITEMS_H

#include "observe/svg_picture.h"

/* Adds an item for an event.  NULL: there is no room for more. */
struct svg_item *svg_add (struct svg_picture *picture, enum svg_kind kind,
                          const struct event *event, unsigned client);
struct svg_item *svg_add_call (struct svg_picture *picture, const struct event *event,
                               unsigned client);
/* to_server: from client to server, or back. */
struct svg_item *svg_add_arrow (struct svg_picture *picture, const struct event *event,
                                unsigned client, enum svg_look look, bool to_server);
/* text may be NULL: there is nothing to say. */
void svg_add_remark (struct svg_picture *picture, const struct event *event, unsigned client,
                     enum svg_look look, const char *text);

/* Returns text; notes where there was no memory for it. */
char *svg_keep (struct svg_picture *picture, char *text);

/* The client's lifeline; SVG_NOBODY: it is not known, or there are too many. */
unsigned svg_client_of (struct svg_picture *picture, const struct event *event);

/* Where the item, which may be NULL, stands, the event's socket is opened, or closed. */
void svg_open_door (struct svg_picture *picture, const struct event *event, unsigned client,
                    const struct svg_item *opens);
void svg_close_door (struct svg_picture *picture, const struct event *event, unsigned client,
                     const struct svg_item *closes);

/* Where the event happens: the picture has a lifeline for each client, and the server's. */
static inline bool
svg_at_server (const struct event *event)
{
  return event->side == SIDE_SERVER;
}

#endif

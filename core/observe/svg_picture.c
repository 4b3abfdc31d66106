/* From the events to the items of the picture. */
#include "observe/svg_items.h"
#include "observe/svg_text.h"

#define LOST (FATE_DROP | FATE_CROWDED)

/* Whether packets are drawn as this side tells them. */
static bool
is_view (const struct svg_picture *picture, const struct event *event)
{
  return svg_at_server (event) == picture->has_server;
}

/* ------------------------------------------------------------------ packets -- */

static bool
is_same_packet (const struct fate *a, const struct fate *b)
{
  return a->index != 0 && a->index == b->index && a->flow == b->flow
         && a->direction == b->direction;
}

/* The last item of a kind that stands for the same packet; NULL: there is none. */
static struct svg_item *
last_of (const struct svg_picture *picture, enum svg_kind kind, const struct fate *fate)
{
  for (size_t i = picture->item_count; i-- > 0;)
    if (picture->items[i]->kind == kind && is_same_packet (&picture->items[i]->fate, fate))
      return picture->items[i];
  return NULL;
}

static void
add_packet (struct svg_picture *picture, const struct event *event, unsigned client, bool arrives)
{
  struct svg_item *twin = NULL, *point = NULL, *item;
  struct event later = *event;

  if (arrives && event->fate.what & FATE_DUPLICATE)
    twin = last_of (picture, SVG_ARROW, &event->fate);
  if (arrives)
    point = last_of (picture, SVG_POINT, &event->fate);
  item = svg_add_arrow (picture, event, client, event->fate.what & LOST ? SVG_LOST : SVG_DATA,
                        arrives == svg_at_server (event));
  if (item == NULL)
    return;
  picture->packets++;
  picture->lost += item->look == SVG_LOST;
  item->label = svg_keep (picture, svg_label (event->data, event->size));
  if (!arrives && item->look != SVG_LOST && event->fate.delay > 0)
    {
      later.time += event->fate.delay;
      point = svg_add (picture, SVG_POINT, &later, client);
    }
  item->other = point;
  item->twin = twin;
}

/* One end has finished: once for each. */
static void
add_fin (struct svg_picture *picture, const struct event *event, unsigned client, bool by_us)
{
  struct svg_client *of = &picture->clients[client];
  bool by_client = svg_at_server (event) != by_us;
  bool *ended = by_client ? &of->ended : &of->been_ended;
  struct svg_item *item;

  if (*ended || of->reset)
    {
      if (event_call (event) != NULL)
        svg_add_call (picture, event, client);
      return;
    }
  *ended = true;
  item = svg_add_arrow (picture, event, client, SVG_FIN, by_client);
  if (item != NULL)
    item->label = svg_keep (picture, svg_shown ("FIN"));
}

static void
add_reset (struct svg_picture *picture, const struct event *event, unsigned client)
{
  struct svg_item *item
      = svg_add_arrow (picture, event, client, SVG_RESET, event->by_peer == svg_at_server (event));

  picture->clients[client].reset = true;
  if (item != NULL)
    item->label = svg_keep (picture, svg_shown ("RST: the connection is reset"));
}

static void
add_handshake (struct svg_picture *picture, const struct event *event, unsigned client)
{
  struct svg_client *of = &picture->clients[client];
  struct svg_item *item;

  /* The same ports may have been another connection's. */
  of->ended = of->been_ended = of->reset = false;
  of->door = -1;
  for (int i = 0; i < picture->door_count; i++)
    if (picture->doors[i].role == PL_WELCOMING)
      of->door = i;
  item = svg_add_arrow (picture, event, client, SVG_HANDSHAKE, true);
  if (item != NULL)
    item->label = svg_keep (picture, svg_shown ("connect: SYN, SYN+ACK, ACK"));
  if (svg_at_server (event))
    svg_open_door (picture, event, client, item);
}

/* ------------------------------------------------------------------- events -- */

/* What is told of no client. */
static void
server_event (struct svg_picture *picture, const struct event *event)
{
  struct svg_item *item;

  if (event->type == EVENT_BOUND)
    picture->server = event->local;
  if (event->type == EVENT_CREATED || event->type == EVENT_BOUND || event->type == EVENT_LISTENING
      || event->type == EVENT_CLOSED)
    {
      item = svg_add_call (picture, event, SVG_NOBODY);
      if (event->type == EVENT_LISTENING || (event->type == EVENT_BOUND && !event->stream))
        svg_open_door (picture, event, SVG_NOBODY, item);
      else if (event->type == EVENT_CLOSED)
        svg_close_door (picture, event, SVG_NOBODY, item);
    }
  else if (event->type == EVENT_LIMIT || event->type == EVENT_TROUBLE)
    svg_add_remark (picture, event, SVG_NOBODY, SVG_TROUBLE, event->text);
}

static void
closed (struct svg_picture *picture, const struct event *event, unsigned client)
{
  const struct svg_client *of = &picture->clients[client];
  struct svg_item *item;

  if (event->stream && is_view (picture, event) && !of->reset)
    add_fin (picture, event, client, true);
  else
    svg_add_call (picture, event, client);
  item = picture->item_count > 0 ? picture->items[picture->item_count - 1] : NULL;
  svg_add_remark (picture, event, client, SVG_TROUBLE, event->text);
  if (svg_at_server (event) && event->role == PL_CONNECTION)
    svg_close_door (picture, event, client, item);
}

/* What the side tells whose packets are drawn; the other side's calls stand alone. */
static void
seen_event (struct svg_picture *picture, const struct event *event, unsigned client)
{
  const struct fate *fate = &event->fate;
  bool towards_us = (fate->direction == DIRECTION_IN) == svg_at_server (event);
  struct svg_item *point;

  switch (event->type)
    {
    case EVENT_CONNECTED:
    case EVENT_ACCEPTED:
      if (event->stream)
        add_handshake (picture, event, client);
      break;
    case EVENT_RECV:
      if (event->stream && event->size == 0)
        add_fin (picture, event, client, false);
      else
        add_packet (picture, event, client, true);
      break;
    case EVENT_SEND:
      add_packet (picture, event, client, false);
      break;
    case EVENT_PACKET:
      /* What goes out is told by EVENT_SEND as well, and what arrives by EVENT_RECV. */
      if (towards_us && fate->what & LOST)
        add_packet (picture, event, client, true);
      else if (towards_us && fate->what & (FATE_DELAY | FATE_REORDER))
        {
          point = svg_add (picture, SVG_POINT, event, client);
          if (point != NULL)
            point->begins = true;
        }
      break;
    case EVENT_HALF_CLOSED:
      add_fin (picture, event, client, !event->by_peer);
      break;
    case EVENT_RESET:
      add_reset (picture, event, client);
      break;
    default:
      if (event_call (event) != NULL)
        svg_add_call (picture, event, client);
      break;
    }
}

static void
client_event (struct svg_picture *picture, const struct event *event, unsigned client)
{
  struct event created = *event;

  switch (event->type)
    {
    case EVENT_NOTE:
      svg_add_remark (picture, event, client, SVG_NOTE, event->text);
      return;
    case EVENT_TIMER:
      if (event->text != NULL && strcmp (event->text, "due") == 0)
        svg_add_remark (picture, event, client, SVG_NOTE, "the timer is due");
      return;
    case EVENT_LIMIT:
    case EVENT_TROUBLE:
      svg_add_remark (picture, event, client, SVG_TROUBLE, event->text);
      return;
    case EVENT_CLOSED:
      closed (picture, event, client);
      return;
    case EVENT_CONNECTING:
      if (event->fd == picture->created_fd)
        {
          created.type = EVENT_CREATED;
          created.time = picture->created;
          svg_add_call (picture, &created, client);
        }
      break;
    default:
      break;
    }
  if (is_view (picture, event))
    seen_event (picture, event, client);
  else if (event_call (event) != NULL)
    svg_add_call (picture, event, client);
}

void
svg_picture_event (struct svg_picture *picture, const struct event *event)
{
  unsigned client;

  if (!picture->any)
    {
      picture->any = true;
      picture->began = event->time;
      picture->created_fd = -1;
    }
  picture->stream = event->stream;
  if (svg_at_server (event))
    picture->has_server = true;
  if (picture->server.length == 0)
    picture->server = svg_at_server (event) ? event->local : event->peer;
  client = svg_client_of (picture, event);
  if (client < SVG_CLIENTS)
    client_event (picture, event, client);
  else if ((svg_at_server (event) ? event->peer : event->local).length > 0)
    picture->of_others++;
  else if (svg_at_server (event))
    server_event (picture, event);
  else if (event->type == EVENT_CREATED)
    {
      picture->created = event->time;
      picture->created_fd = event->fd;
    }
}

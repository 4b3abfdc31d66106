/* What the picture is put together from: items, lifelines and doors. */
#include "observe/svg_items.h"

#include "host/address.h"
#include "observe/svg_text.h"

#include <stdlib.h>

char *
svg_keep (struct svg_picture *picture, char *text)
{
  if (text == NULL)
    picture->no_memory = true;
  return text;
}

struct svg_item *
svg_add (struct svg_picture *picture, enum svg_kind kind, const struct event *event,
         unsigned client)
{
  struct svg_item *item = NULL;

  if (picture->item_count == SVG_ITEMS)
    {
      picture->too_late++;
      return NULL;
    }
  item = calloc (1, sizeof *item);
  if (item == NULL)
    {
      picture->no_memory = true;
      return NULL;
    }
  *item = (struct svg_item){ .kind = kind,
                             .time = event->time,
                             .order = picture->item_count,
                             .client = client,
                             .door = -1,
                             .at_server = svg_at_server (event),
                             .fate = event->fate };
  picture->items[picture->item_count++] = item;
  return item;
}

/* "recv(7) = 6"; NULL: the event stands for no call. */
static char *
call_text (const struct event *event)
{
  const char *name = event_call (event);
  char text[ADDRESS_TEXT + 64], address[ADDRESS_TEXT];

  switch (event->type)
    {
    case EVENT_CREATED:
      snprintf (text, sizeof text, "%s() = %d", name, event->fd);
      break;
    case EVENT_BOUND:
      snprintf (text, sizeof text, "%s(%d) to %s", name, event->fd,
                address_text (&event->local, address));
      break;
    case EVENT_LISTENING:
      snprintf (text, sizeof text, "%s(%d): welcoming socket", name, event->fd);
      break;
    case EVENT_ACCEPTED:
      snprintf (text, sizeof text, "%s() = %d: connection socket", name, event->fd);
      break;
    case EVENT_RECV:
      snprintf (text, sizeof text, "%s(%d) = %zu", name, event->fd, event->size);
      break;
    case EVENT_SEND:
      if (event->asked > event->size)
        snprintf (text, sizeof text, "%s(%d) = %zu of %zu", name, event->fd, event->size,
                  event->asked);
      else
        snprintf (text, sizeof text, "%s(%d) = %zu", name, event->fd, event->size);
      break;
    default:
      if (name == NULL)
        return NULL;
      snprintf (text, sizeof text, "%s(%d)", name, event->fd);
      break;
    }
  return svg_shown (text);
}

static void
set_call (struct svg_picture *picture, struct svg_item *item, const struct event *event)
{
  if (item != NULL && event_call (event) != NULL && item->call == NULL)
    item->call = svg_keep (picture, call_text (event));
}

struct svg_item *
svg_add_call (struct svg_picture *picture, const struct event *event, unsigned client)
{
  struct svg_item *item = svg_add (picture, SVG_CALL, event, client);

  set_call (picture, item, event);
  return item;
}

struct svg_item *
svg_add_arrow (struct svg_picture *picture, const struct event *event, unsigned client,
               enum svg_look look, bool to_server)
{
  struct svg_item *item = svg_add (picture, SVG_ARROW, event, client);

  if (item == NULL)
    return NULL;
  item->look = look;
  item->at_server = to_server;
  item->door = picture->clients[client].door;
  set_call (picture, item, event);
  return item;
}

void
svg_add_remark (struct svg_picture *picture, const struct event *event, unsigned client,
                enum svg_look look, const char *text)
{
  struct svg_item *item = text != NULL ? svg_add (picture, SVG_REMARK, event, client) : NULL;

  if (item == NULL)
    return;
  item->look = look;
  item->label = svg_keep (picture, svg_shown (text));
}

/* ------------------------------------------------------------------ clients -- */

unsigned
svg_client_of (struct svg_picture *picture, const struct event *event)
{
  const struct pl_address *address = svg_at_server (event) ? &event->peer : &event->local;
  unsigned i = 0;

  if (address->length == 0)
    return SVG_NOBODY;
  while (i < picture->client_count && !address_equal (&picture->clients[i].address, address))
    i++;
  if (i < picture->client_count || i == SVG_CLIENTS)
    return i;
  picture->clients[picture->client_count++]
      = (struct svg_client){ .address = *address, .door = -1 };
  return i;
}

/* -------------------------------------------------------------------- doors -- */

static bool
lane_is_taken (const struct svg_picture *picture, unsigned lane)
{
  for (int i = 0; i < picture->door_count; i++)
    if (picture->doors[i].lane == lane && picture->doors[i].closes == NULL)
      return true;
  return false;
}

void
svg_open_door (struct svg_picture *picture, const struct event *event, unsigned client,
               const struct svg_item *opens)
{
  struct svg_door *door = &picture->doors[picture->door_count];
  unsigned lane = event->role == PL_CONNECTION ? 1 : 0;

  if (opens == NULL || picture->door_count == SVG_DOORS)
    return;
  while (lane > 0 && lane_is_taken (picture, lane))
    lane++;
  *door = (struct svg_door){
    .role = event->role, .fd = event->fd, .client = client, .lane = lane, .opens = opens
  };
  if (client < SVG_CLIENTS)
    picture->clients[client].door = picture->door_count;
  if (lane >= picture->lane_count)
    picture->lane_count = lane + 1;
  picture->door_count++;
}

void
svg_close_door (struct svg_picture *picture, const struct event *event, unsigned client,
                const struct svg_item *closes)
{
  for (int i = 0; i < picture->door_count; i++)
    {
      struct svg_door *door = &picture->doors[i];

      if (door->closes == NULL && door->fd == event->fd && door->role == event->role
          && closes != NULL)
        door->closes = closes;
    }
  if (client < SVG_CLIENTS)
    picture->clients[client].door = -1;
}

void
svg_picture_free (struct svg_picture *picture)
{
  for (size_t i = 0; i < picture->item_count; i++)
    {
      free (picture->items[i]->label);
      free (picture->items[i]->call);
      free (picture->items[i]);
    }
  free (picture->title);
  free (picture->subtitle);
}

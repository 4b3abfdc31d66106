#include "observe/lifelines.h"

#include "host/address.h"

enum
{
  SILENCE_S = 10 /* after which a client over datagrams makes room for a new one */
};

static struct lifeline *
of_socket (struct lifelines *lifelines, int fd)
{
  for (size_t i = 0; i < LIFELINES; i++)
    if (lifelines->all[i].used && lifelines->all[i].fd == fd)
      return &lifelines->all[i];
  return NULL;
}

static struct lifeline *
at_address (struct lifelines *lifelines, const struct pl_address *address)
{
  for (size_t i = 0; i < LIFELINES; i++)
    if (lifelines->all[i].used && address_equal (&lifelines->all[i].address, address))
      return &lifelines->all[i];
  return NULL;
}

struct lifeline *
lifelines_find (struct lifelines *lifelines, const struct event *event)
{
  struct lifeline *line = NULL;

  if (event->side == SIDE_CLIENT && event->fd != -1)
    line = of_socket (lifelines, event->fd);
  else if (event->side == SIDE_SERVER && event->peer.length > 0)
    line = at_address (lifelines, &event->peer);
  if (line != NULL)
    line->last = event->time;
  return line;
}

/* Forgets the client that has been silent for the longest time, of those that may be forgotten. */
static void
make_room (struct lifelines *lifelines, int64_t silent_since, bool datagrams_only)
{
  struct lifeline *oldest = NULL;

  for (size_t i = 0; i < LIFELINES; i++)
    {
      struct lifeline *line = &lifelines->all[i];

      if (line->used && !line->own && !(datagrams_only && line->stream)
          && line->last <= silent_since && (oldest == NULL || line->last < oldest->last))
        oldest = line;
    }
  if (oldest != NULL)
    lifelines_close (lifelines, oldest);
}

static unsigned
free_column (const struct lifelines *lifelines)
{
  unsigned column = 0;

  while (column < lifelines->columns && lifelines->crowd[column] > 0)
    column++;
  return column;
}

static struct lifeline *
unused (struct lifelines *lifelines)
{
  for (size_t i = 0; i < LIFELINES; i++)
    if (!lifelines->all[i].used)
      return &lifelines->all[i];
  return NULL;
}

struct lifeline *
lifelines_open (struct lifelines *lifelines, const struct event *event)
{
  bool own = event->side == SIDE_CLIENT;
  struct lifeline *line = unused (lifelines);
  unsigned column = free_column (lifelines);

  if (line == NULL)
    {
      make_room (lifelines, INT64_MAX, false);
      line = unused (lifelines);
    }
  if (line == NULL)
    return NULL;
  if (column == lifelines->columns)
    {
      make_room (lifelines, event->time - (int64_t) SILENCE_S * 1000000000, true);
      column = free_column (lifelines);
    }
  if (column == lifelines->columns)
    column--;
  lifelines->shared |= ++lifelines->crowd[column] > 1;
  *line = (struct lifeline){ .used = true,
                             .stream = event->stream,
                             .address = own ? event->local : event->peer,
                             .own = own,
                             .fd = own ? event->fd : -1,
                             .column = column,
                             .last = event->time };
  return line;
}

bool
lifelines_shares (const struct lifelines *lifelines, const struct lifeline *line)
{
  return lifelines->shared && line->column == lifelines->columns - 1;
}

void
lifelines_close (struct lifelines *lifelines, struct lifeline *line)
{
  line->used = false;
  if (--lifelines->crowd[line->column] == 0 && line->column == lifelines->columns - 1)
    lifelines->shared = false;
}

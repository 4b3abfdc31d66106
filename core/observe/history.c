#include "observe/history.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum
{
  LINE_LEAST = 64 /* bytes of memory that stand for one line, as few of them are shorter */
};

struct line
{
  size_t at, size; /* in the bytes */
};

/* Lines with numbers in a row, in a ring of bytes; no line is broken at its end. */
struct shelf
{
  char *bytes;
  size_t room;        /* of bytes */
  size_t end;         /* where the next line goes */
  struct line *lines; /* a ring too */
  size_t line_room;
  uint64_t first, next; /* numbers of the oldest, and of the one to come */
};

struct history
{
  struct shelf beginning, end;
  bool begun; /* the beginning is full */
};

static int
shelf_make (struct shelf *shelf, size_t room)
{
  shelf->room = room;
  shelf->line_room = room / LINE_LEAST + 1;
  shelf->bytes = malloc (room + 1);
  shelf->lines = calloc (shelf->line_room, sizeof *shelf->lines);
  return shelf->bytes == NULL || shelf->lines == NULL ? -1 : 0;
}

static struct line *
shelf_line (const struct shelf *shelf, uint64_t number)
{
  return &shelf->lines[number % shelf->line_room];
}

/* Whether so many bytes can go to the place without a line giving way. */
static bool
is_free (const struct shelf *shelf, size_t at, size_t size)
{
  size_t oldest;

  if (shelf->first == shelf->next)
    return true;
  if (shelf->next - shelf->first == shelf->line_room)
    return false;
  oldest = shelf_line (shelf, shelf->first)->at;
  /* What is used lies from the oldest to the end, perhaps around the ring's end. */
  if (oldest < shelf->end)
    return at >= shelf->end || at + size <= oldest;
  return at >= shelf->end && at + size <= oldest;
}

static void
shelf_put (struct shelf *shelf, const char *line, size_t size)
{
  size_t at = shelf->room - shelf->end >= size ? shelf->end : 0;

  while (!is_free (shelf, at, size))
    shelf->first++;
  memcpy (shelf->bytes + at, line, size);
  *shelf_line (shelf, shelf->next++) = (struct line){ at, size };
  shelf->end = at + size;
}

struct history *
history_new (size_t beginning, size_t end)
{
  struct history *history = calloc (1, sizeof *history);

  if (history == NULL)
    return NULL;
  if (shelf_make (&history->beginning, beginning) == 0 && shelf_make (&history->end, end) == 0)
    return history;
  history_free (history);
  return NULL;
}

void
history_free (struct history *history)
{
  if (history == NULL)
    return;
  free (history->beginning.bytes);
  free (history->beginning.lines);
  free (history->end.bytes);
  free (history->end.lines);
  free (history);
}

void
history_add (struct history *history, const char *line, size_t size)
{
  struct shelf *beginning = &history->beginning, *end = &history->end;

  if (!history->begun && size <= beginning->room - beginning->end
      && beginning->next < beginning->line_room)
    {
      shelf_put (beginning, line, size);
      return;
    }
  if (!history->begun)
    {
      history->begun = true;
      end->first = end->next = beginning->next;
    }
  if (size <= end->room)
    shelf_put (end, line, size);
  else
    end->first = ++end->next;
}

uint64_t
history_count (const struct history *history)
{
  return history->begun ? history->end.next : history->beginning.next;
}

const char *
history_read (const struct history *history, uint64_t *number, size_t *size, uint64_t *gone)
{
  const struct shelf *shelf = &history->beginning;
  const struct line *line;

  *gone = 0;
  if (*number >= shelf->next && history->begun)
    {
      shelf = &history->end;
      if (*number < shelf->first)
        {
          *gone = shelf->first - *number;
          *number = shelf->first;
        }
    }
  if (*number >= shelf->next)
    return NULL;
  line = shelf_line (shelf, (*number)++);
  *size = line->size;
  return shelf->bytes + line->at;
}

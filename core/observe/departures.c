#include "observe/departures.h"

#include "host/address.h"
#include "lab/show.h"

#include <stdlib.h>

enum
{
  NAME_SIZE = 16,
  TEXT_LEAST = 3 /* cells for bytes: "..." at least */
};

/* ":50001 " where several clients share a column; returns name. */
static const char *
write_name (const struct canvas *canvas, const struct lifeline *line, char *name)
{
  name[0] = '\0';
  if (lifelines_shares (canvas->lifelines, line))
    snprintf (name, NAME_SIZE, ":%u ", (unsigned) address_port (&line->address));
  return name;
}

static char *
label_of (const struct canvas *canvas, const struct lifeline *line, const uint8_t *data,
          size_t size)
{
  unsigned room = canvas_label_room (canvas, line), needed;
  char name[NAME_SIZE], count[40], *label = NULL;
  size_t length;
  FILE *to = open_memstream (&label, &length);

  if (to == NULL)
    return NULL;
  snprintf (count, sizeof count, "%zu byte%s", size, size == 1 ? "" : "s");
  fputs (write_name (canvas, line, name), to);
  needed = (unsigned) (strlen (name) + strlen (count) + strlen ("\"\" "));
  if (room >= needed + TEXT_LEAST)
    {
      fputc ('"', to);
      show_bytes (data, size, room - needed, to);
      fputs ("\" ", to);
    }
  fputs (count, to);
  if (fclose (to) == 0)
    return label;
  free (label);
  return NULL;
}

struct piece
piece_of (const struct canvas *canvas, const struct lifeline *line, const uint8_t *data,
          size_t size)
{
  struct piece piece = { .label = label_of (canvas, line, data, size), .size = size };

  piece.kept_size = size < PIECE_KEPT ? size : PIECE_KEPT;
  if (piece.kept_size > 0)
    piece.kept = malloc (piece.kept_size);
  if (piece.kept != NULL)
    memcpy (piece.kept, data, piece.kept_size);
  else
    piece.kept_size = 0;
  return piece;
}

struct piece
piece_word (const struct canvas *canvas, const struct lifeline *line, const char *word)
{
  struct piece piece = { .label = NULL };
  char name[NAME_SIZE];

  if (asprintf (&piece.label, "%s%s", write_name (canvas, line, name), word) == -1)
    piece.label = NULL;
  return piece;
}

void
piece_free (struct piece *piece)
{
  free (piece->label);
  free (piece->kept);
  *piece = (struct piece){ .label = NULL };
}

bool
piece_equal (const struct piece *a, const struct piece *b)
{
  return a->size == b->size && a->kept_size == b->kept_size
         && (a->kept_size == 0 || memcmp (a->kept, b->kept, a->kept_size) == 0);
}

struct departure *
departures_add (struct departures *departures, const struct departure *departure)
{
  departures->all[departures->count] = *departure;
  return &departures->all[departures->count++];
}

struct departure *
departures_find (struct departures *departures, enum departure_kind kind,
                 const struct lifeline *line, bool to_server, const struct piece *like)
{
  for (size_t i = 0; i < departures->count; i++)
    {
      struct departure *at = &departures->all[i];

      if (at->kind == kind && at->line == line && at->to_server == to_server
          && (like == NULL || piece_equal (&at->piece, like)))
        return at;
    }
  return NULL;
}

struct departure
departures_take (struct departures *departures, struct departure *departure)
{
  struct departure taken = *departure;
  size_t place = (size_t) (departure - departures->all);

  departures->count--;
  memmove (departure, departure + 1, (departures->count - place) * sizeof *departure);
  return taken;
}

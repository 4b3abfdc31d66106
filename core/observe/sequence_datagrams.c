/* The datagrams of a sequence diagram, and what the link does to them. */
#include "observe/sequence_parts.h"

enum
{
  FATE_LINE = FATE_TEXT + 40
};

/* "packet 3 dropped (script)" */
static void
write_fate (const struct fate *fate, char *text)
{
  char what[FATE_TEXT];

  snprintf (text, FATE_LINE, "packet %llu %s", (unsigned long long) fate->index,
            fate_text (fate, what));
}

/* The same, or "#3 dropped", without who decided it, for so few cells.  Whether it fits. */
static bool
write_fate_beside (const struct fate *fate, unsigned cells, char *text)
{
  struct fate told = *fate;
  char what[FATE_TEXT];

  told.scripted = false;
  write_fate (&told, text);
  if (strlen (text) > cells)
    snprintf (text, FATE_LINE, "#%llu %s", (unsigned long long) fate->index,
              fate_text (&told, what));
  return strlen (text) <= cells;
}

/* A datagram whose fate it is not to pass as it is.  departure: NULL where only the arrival is
 * told of. */
static void
draw_fate (struct sequence *sequence, struct departure *departure, const struct fate *fate)
{
  bool lost = fate->what & (FATE_DROP | FATE_CROWDED);
  bool to_server = departure->to_server;
  const struct lifeline *line = departure->line;
  struct canvas *canvas = &sequence->canvas;
  unsigned room = to_server ? canvas->beside_server : canvas->beside_client;
  char text[FATE_LINE];
  bool beside = write_fate_beside (fate, room, text);

  departure->copies = fate->what & FATE_DUPLICATE ? 2 : 1;
  arrows_draw_departure (sequence, departure, lost ? ARROW_LOST : ARROW_LEAVES, beside ? text : "");
  if (beside)
    return;
  write_fate (fate, text);
  canvas_remark (canvas, line, to_server, text, lost ? PAINT_BAD : PAINT_DIM, NO_TIME);
}

void
arrows_send_datagram (struct sequence *sequence, struct lifeline *line, const struct event *event,
                      struct departure *departure)
{
  bool to_server = departure->to_server;
  bool lost = event->fate.what & (FATE_DROP | FATE_CROWDED);
  bool waits = arrows_are_told (sequence, line, to_server);
  char text[FATE_LINE];

  if (event->fate.what != 0 && (lost || waits))
    {
      arrows_catch_up (sequence, line, !to_server);
      draw_fate (sequence, arrows_depart (sequence, departure), &event->fate);
      return;
    }
  if (waits)
    {
      arrows_depart (sequence, departure);
      return;
    }
  arrows_catch_up (sequence, line, !to_server);
  arrows_draw (sequence, ARROW_WHOLE, line, to_server, event->time, departure->call, "",
               &departure->piece);
  piece_free (&departure->piece);
  if (event->fate.what == 0)
    return;
  write_fate (&event->fate, text);
  canvas_remark (&sequence->canvas, line, to_server, text, PAINT_DIM, NO_TIME);
}

void
arrows_packet (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  bool to_server = event->fate.direction == DIRECTION_IN;
  struct piece piece;
  struct departure *departure;

  /* What the teller sends itself was told with its send. */
  if ((event->side == SIDE_SERVER) != to_server || event->fate.what == 0)
    return;
  piece = piece_of (&sequence->canvas, line, event->data, event->size);
  departure = departures_find (&sequence->departures, DEPARTURE_DATAGRAM, line, to_server, &piece);
  if (departure == NULL)
    {
      struct departure unseen = { .kind = DEPARTURE_DATAGRAM,
                                  .line = line,
                                  .to_server = to_server,
                                  .time = event->time,
                                  .piece = piece };

      departure = arrows_depart (sequence, &unseen);
    }
  else
    {
      piece_free (&piece);
      departure = arrows_before (sequence, departure);
    }
  draw_fate (sequence, departure, &event->fate);
}

/* The first of them that is under way to that end; like: with such bytes, if there is one. */
static struct departure *
find_under_way (struct sequence *sequence, const struct lifeline *line, bool to_server,
                const struct piece *like, bool exactly)
{
  struct departures *under_way = &sequence->under_way;
  struct departure *found = departures_find (under_way, DEPARTURE_DATAGRAM, line, to_server, like);

  if (found == NULL && !exactly)
    found = departures_find (under_way, DEPARTURE_DATAGRAM, line, to_server, NULL);
  return found;
}

/* Whether it comes from one that was drawn as sent alone; if not, and one that is not drawn yet is
 * it, then sent is that, and its piece the caller's. */
static bool
comes_late (struct sequence *sequence, struct lifeline *line, bool to_server,
            const struct event *event, const struct piece *piece, struct departure *sent)
{
  bool passed = event->fate.index > 0 && event->fate.what == 0;
  struct departure *now
      = departures_find (&sequence->departures, DEPARTURE_DATAGRAM, line, to_server, piece);
  struct departure *before = NULL;

  /* What the link changed need not look like what was sent. */
  if (!passed)
    before = find_under_way (sequence, line, to_server, piece, now != NULL);
  if (before == NULL && now != NULL && arrows_meet (sequence, now, event->time, sent))
    return false;
  if (before == NULL)
    before = find_under_way (sequence, line, to_server, piece, false);
  if (before == NULL)
    return false;
  if (--before->copies == 0)
    {
      struct departure gone = departures_take (&sequence->under_way, before);

      piece_free (&gone.piece);
    }
  return true;
}

void
arrows_receive_datagram (struct sequence *sequence, struct lifeline *line,
                         const struct event *event)
{
  bool to_server = event->side == SIDE_SERVER;
  struct piece piece = piece_of (&sequence->canvas, line, event->data, event->size);
  struct departure sent = { .call = "" };
  bool late = comes_late (sequence, line, to_server, event, &piece, &sent);
  char call[CALL_TEXT];

  arrows_catch_up (sequence, line, to_server);
  snprintf (call, sizeof call, "%s(%d) = %zu", event_call (event), event->fd, event->size);
  arrows_draw (sequence, late ? ARROW_ARRIVES : ARROW_WHOLE, line, to_server, event->time,
               sent.call, call, &piece);
  piece_free (&sent.piece);
  piece_free (&piece);
}

void
arrows_set_out (struct sequence *sequence, const struct departure *departure)
{
  struct departures *under_way = &sequence->under_way;
  struct departure *kept;

  /* One that never arrives must not be waited for for ever. */
  if (under_way->count == DEPARTURES)
    {
      struct departure gone = departures_take (under_way, &under_way->all[0]);

      piece_free (&gone.piece);
    }
  kept = departures_add (under_way, departure);
  if (kept->copies == 0)
    kept->copies = 1;
}

void
arrows_forget_datagrams (struct sequence *sequence, const struct lifeline *line)
{
  struct departures *under_way = &sequence->under_way;
  size_t i = 0;

  while (i < under_way->count)
    if (line == NULL || under_way->all[i].line == line)
      {
        struct departure gone = departures_take (under_way, &under_way->all[i]);

        piece_free (&gone.piece);
      }
    else
      i++;
}

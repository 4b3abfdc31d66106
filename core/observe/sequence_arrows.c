/* Which send belongs to which receive.  Where both ends are told of, what is sent waits for its
 * arrival, so that both stand in one row; where something else happens at the sender first, each
 * end gets a row of its own.  So every row stands below those that caused it. */
#include "observe/sequence_parts.h"

static const char *
paint_of (enum arrow arrow, bool to_server)
{
  return arrow == ARROW_LOST ? PAINT_BAD : to_server ? PAINT_TO_SERVER : PAINT_TO_CLIENT;
}

void
arrows_draw (struct sequence *sequence, enum arrow arrow, const struct lifeline *line,
             bool to_server, int64_t time, const char *sender, const char *receiver,
             const struct piece *piece)
{
  const char *client = to_server ? sender : receiver, *server = to_server ? receiver : sender;
  struct row row = { .time = time,
                     .line = line,
                     .client = client[0] != '\0' ? client : NULL,
                     .server = server[0] != '\0' ? server : NULL,
                     .arrow = arrow,
                     .to_server = to_server,
                     .part = piece->part,
                     .label = piece->label,
                     .paint = paint_of (arrow, to_server) };

  canvas_row (&sequence->canvas, &row);
  if (sequence->hex && !piece->part)
    canvas_dump (&sequence->canvas, piece->kept, piece->kept_size, piece->size);
}

struct flow *
arrows_flow (struct lifeline *line, bool to_server)
{
  return &line->flows[to_server ? DIRECTION_IN : DIRECTION_OUT];
}

bool
arrows_are_told (const struct sequence *sequence, const struct lifeline *line, bool to_server)
{
  return to_server ? sequence->served && !line->finished : line->fd != -1;
}

/* -------------------------------------------------------------------- departures -- */

void
arrows_draw_departure (struct sequence *sequence, struct departure *departure, enum arrow arrow,
                       const char *remark)
{
  struct departure gone = departures_take (&sequence->departures, departure);
  struct flow *flow = arrows_flow (gone.line, gone.to_server);

  if (arrow == ARROW_LEAVES && gone.kind == DEPARTURE_BYTES)
    flow->under_way = gone.start + gone.piece.size;
  else if (gone.kind == DEPARTURE_END || gone.kind == DEPARTURE_RESET)
    flow->end_under_way = true;
  arrows_draw (sequence, arrow, gone.line, gone.to_server, gone.time, gone.call, remark,
               &gone.piece);
  if (arrow == ARROW_LEAVES && gone.kind == DEPARTURE_DATAGRAM)
    arrows_set_out (sequence, &gone);
  else
    piece_free (&gone.piece);
}

static bool
is_at (const struct departure *departure, const struct lifeline *line, bool at_server)
{
  return departure->to_server != at_server && (at_server || departure->line == line);
}

void
arrows_catch_up (struct sequence *sequence, const struct lifeline *line, bool at_server)
{
  struct departures *departures = &sequence->departures;
  size_t i = 0;

  while (i < departures->count)
    if (is_at (&departures->all[i], line, at_server))
      arrows_draw_departure (sequence, &departures->all[i], ARROW_LEAVES, "");
    else
      i++;
}

void
arrows_give_up (struct sequence *sequence, const struct lifeline *line, bool to_server)
{
  struct departures *departures = &sequence->departures;
  size_t i = 0;

  while (i < departures->count)
    if (line == NULL
        || (departures->all[i].line == line && departures->all[i].to_server == to_server))
      arrows_draw_departure (sequence, &departures->all[i], ARROW_LEAVES, "");
    else
      i++;
}

void
arrows_lose_connect (struct sequence *sequence, struct lifeline *line)
{
  struct departure *departure
      = departures_find (&sequence->departures, DEPARTURE_CONNECT, line, true, NULL);

  if (departure != NULL)
    arrows_draw_departure (sequence, departure, ARROW_LOST, "");
}

struct departure *
arrows_depart (struct sequence *sequence, const struct departure *departure)
{
  if (sequence->departures.count == DEPARTURES)
    arrows_draw_departure (sequence, &sequence->departures.all[0], ARROW_LEAVES, "");
  return departures_add (&sequence->departures, departure);
}

struct departure *
arrows_before (struct sequence *sequence, struct departure *departure)
{
  struct departures *departures = &sequence->departures;
  bool at_server = !departure->to_server;
  const struct lifeline *line = departure->line;
  size_t i = 0, place = (size_t) (departure - departures->all);

  while (i < place)
    if (is_at (&departures->all[i], line, at_server))
      {
        arrows_draw_departure (sequence, &departures->all[i], ARROW_LEAVES, "");
        place--;
      }
    else
      i++;
  return &departures->all[place];
}

bool
arrows_meet (struct sequence *sequence, struct departure *departure, int64_t now,
             struct departure *met)
{
  departure = arrows_before (sequence, departure);
  if (sequence->late > 0 && now - departure->time >= sequence->late)
    {
      arrows_draw_departure (sequence, departure, ARROW_LEAVES, "");
      return false;
    }
  *met = departures_take (&sequence->departures, departure);
  return true;
}

/* ------------------------------------------------------------- connections -- */

static const char *
word_for (enum departure_kind kind)
{
  return kind == DEPARTURE_CONNECT ? "connect"
         : kind == DEPARTURE_END   ? "end (FIN)"
                                   : "reset (RST)";
}

void
arrows_leave (struct sequence *sequence, struct lifeline *line, const struct event *event,
              enum departure_kind kind, const char *call)
{
  bool to_server = event->side == SIDE_CLIENT;
  struct departure departure = { .kind = kind,
                                 .line = line,
                                 .to_server = to_server,
                                 .time = event->time,
                                 .piece = piece_word (&sequence->canvas, line, word_for (kind)) };

  if (kind != DEPARTURE_CONNECT)
    arrows_flow (line, to_server)->ended = true;
  snprintf (departure.call, sizeof departure.call, "%s", call);
  if (arrows_are_told (sequence, line, to_server) || kind == DEPARTURE_CONNECT)
    {
      arrows_depart (sequence, &departure);
      return;
    }
  arrows_catch_up (sequence, line, !to_server);
  arrows_draw (sequence, ARROW_WHOLE, line, to_server, event->time, call, "", &departure.piece);
  piece_free (&departure.piece);
}

/* What the end of a stream was told by may have been a reset in truth. */
static struct departure *
find_other (struct sequence *sequence, const struct lifeline *line, bool to_server,
            enum departure_kind kind)
{
  struct departure *found = departures_find (&sequence->departures, kind, line, to_server, NULL);

  if (found == NULL && kind == DEPARTURE_RESET)
    found = departures_find (&sequence->departures, DEPARTURE_END, line, to_server, NULL);
  return found;
}

void
arrows_arrive (struct sequence *sequence, struct lifeline *line, const struct event *event,
               enum departure_kind kind, const char *call)
{
  bool to_server = event->side == SIDE_SERVER;
  struct departure *departure = find_other (sequence, line, to_server, kind);
  struct flow *flow = arrows_flow (line, to_server);
  struct departure sent = { .call = "" };
  struct piece piece = piece_word (&sequence->canvas, line, word_for (kind));
  bool arrives = false;

  if (departure != NULL)
    arrives = !arrows_meet (sequence, departure, event->time, &sent);
  else if (kind != DEPARTURE_CONNECT)
    arrives = flow->end_under_way;
  if (kind != DEPARTURE_CONNECT)
    {
      flow->ended = true;
      flow->end_under_way = false;
    }
  arrows_catch_up (sequence, line, to_server);
  arrows_draw (sequence, arrives ? ARROW_ARRIVES : ARROW_WHOLE, line, to_server, event->time,
               sent.call, call, &piece);
  piece_free (&sent.piece);
  piece_free (&piece);
}

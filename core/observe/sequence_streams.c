/* The messages of a sequence diagram that a stream carries, and what each recv returns of them. */
#include "observe/sequence_parts.h"

void
arrows_let_go (struct sequence *sequence)
{
  struct held *held = &sequence->held;

  if (held->what == HELD_SENT)
    arrows_draw (sequence, ARROW_WHOLE, held->line, held->to_server, held->time, "", "",
                 &held->piece);
  else if (held->what == HELD_RECV)
    {
      held->piece.part = true;
      arrows_draw (sequence, held->arrives ? ARROW_ARRIVES : ARROW_WHOLE, held->line,
                   held->to_server, held->time, held->sender, held->receiver, &held->piece);
    }
  held->what = HELD_NOTHING;
  piece_free (&held->piece);
}

static void
hold (struct sequence *sequence, const struct held *held)
{
  arrows_let_go (sequence);
  sequence->held = *held;
}

/* Which of the sends wait for the bytes of a stream before end?  Where it is one, it and the recv
 * make a row, and its piece is the caller's; else they are drawn, and the bytes come from there. */
static struct departure
meet_bytes (struct sequence *sequence, struct lifeline *line, bool to_server, uint64_t end,
            int64_t now, bool *arrives)
{
  struct departures *departures = &sequence->departures;
  struct departure met = { .call = "" };
  size_t count = 0, first = 0;

  for (size_t i = departures->count; i > 0; i--)
    {
      const struct departure *at = &departures->all[i - 1];

      if (at->kind == DEPARTURE_BYTES && at->line == line && at->to_server == to_server
          && at->start < end)
        {
          first = i - 1;
          count++;
        }
    }
  if (count == 1 && !*arrives)
    {
      *arrives = !arrows_meet (sequence, &departures->all[first], now, &met);
      return met;
    }
  for (; count > 0; count--)
    {
      struct departure *at = departures_find (departures, DEPARTURE_BYTES, line, to_server, NULL);

      *arrives = true;
      arrows_draw_departure (sequence, at, ARROW_LEAVES, "");
    }
  return met;
}

static void
receive_bytes (struct sequence *sequence, struct lifeline *line, const struct event *event,
               bool to_server)
{
  struct flow *flow = arrows_flow (line, to_server);
  struct held held = { .what = HELD_RECV,
                       .line = line,
                       .to_server = to_server,
                       .time = event->time,
                       .piece = piece_of (&sequence->canvas, line, event->data, event->size),
                       .arrives = flow->under_way > flow->received };
  struct departure sent;

  flow->messages = false;
  flow->received += event->size;
  sent = meet_bytes (sequence, line, to_server, flow->received, event->time, &held.arrives);
  snprintf (held.sender, sizeof held.sender, "%s", sent.call);
  piece_free (&sent.piece);
  arrows_catch_up (sequence, line, to_server);
  snprintf (held.receiver, sizeof held.receiver, "%s(%d) = %zu", event_call (event), event->fd,
            event->size);
  hold (sequence, &held);
}

void
arrows_recv (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  bool to_server = event->side == SIDE_SERVER;
  char call[CALL_TEXT];

  if (!event->stream)
    arrows_receive_datagram (sequence, line, event);
  else if (event->size > 0)
    receive_bytes (sequence, line, event, to_server);
  else
    {
      arrows_flow (line, to_server)->messages = false;
      snprintf (call, sizeof call, "%s(%d) = 0", event_call (event), event->fd);
      arrows_arrive (sequence, line, event, DEPARTURE_END, call);
    }
}

void
arrows_received (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  struct held *held = &sequence->held;
  bool to_server = event->side == SIDE_SERVER, is_first = held->what == HELD_RECV;
  struct flow *flow = arrows_flow (line, to_server);
  struct piece piece;
  char text[256];

  if (!event->stream)
    return;
  piece = piece_of (&sequence->canvas, line, event->data, event->size);
  if (is_first)
    {
      flow->messages = true;
      flow->messages_arrive = held->arrives;
    }
  if (flow->messages)
    {
      arrows_catch_up (sequence, line, to_server);
      arrows_draw (sequence, flow->messages_arrive ? ARROW_ARRIVES : ARROW_WHOLE, line, to_server,
                   event->time, is_first ? held->sender : "", is_first ? held->receiver : "",
                   &piece);
      held->what = HELD_NOTHING;
      piece_free (&held->piece);
    }
  else
    {
      /* Its bytes came before. */
      snprintf (text, sizeof text, "message %s", piece.label != NULL ? piece.label : "");
      canvas_remark (&sequence->canvas, line, to_server, text, NULL, event->time);
      if (sequence->hex)
        canvas_dump (&sequence->canvas, piece.kept, piece.kept_size, piece.size);
    }
  piece_free (&piece);
}

void
arrows_sent (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  bool to_server = event->side == SIDE_CLIENT;

  if (!event->stream || arrows_are_told (sequence, line, to_server))
    return;
  hold (sequence,
        &(struct held){ .what = HELD_SENT,
                        .line = line,
                        .to_server = to_server,
                        .time = event->time,
                        .piece = piece_of (&sequence->canvas, line, event->data, event->size) });
}

/* Where the other end does not tell, the message's arrow was drawn as it was told, or is drawn
 * now. */
static void
send_untold (struct sequence *sequence, struct lifeline *line, const struct event *event,
             const char *call)
{
  struct held *held = &sequence->held;
  bool to_server = event->side == SIDE_CLIENT;
  struct row row = { .time = event->time, .line = line };

  if (held->what == HELD_SENT)
    {
      arrows_draw (sequence, ARROW_WHOLE, line, to_server, event->time, call, "", &held->piece);
      held->what = HELD_NOTHING;
      piece_free (&held->piece);
      return;
    }
  *(to_server ? &row.client : &row.server) = call;
  canvas_row (&sequence->canvas, &row);
}

static void
send_bytes (struct sequence *sequence, struct lifeline *line, const struct event *event,
            struct departure *departure)
{
  bool to_server = departure->to_server;
  char text[80];

  if (arrows_are_told (sequence, line, to_server))
    arrows_depart (sequence, departure);
  else
    {
      send_untold (sequence, line, event, departure->call);
      piece_free (&departure->piece);
    }
  if (event->size == event->asked)
    return;
  arrows_catch_up (sequence, line, !to_server);
  snprintf (text, sizeof text, "send took %zu of %zu bytes", event->size, event->asked);
  canvas_remark (&sequence->canvas, line, !to_server, text, PAINT_DIM, NO_TIME);
}

void
arrows_send (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  bool to_server = event->side == SIDE_CLIENT;
  struct flow *flow = arrows_flow (line, to_server);
  struct departure departure
      = { .kind = event->stream ? DEPARTURE_BYTES : DEPARTURE_DATAGRAM,
          .line = line,
          .to_server = to_server,
          .time = event->time,
          .start = flow->sent,
          .piece = piece_of (&sequence->canvas, line, event->data, event->size) };

  flow->sent += event->size;
  snprintf (departure.call, sizeof departure.call, "%s(%d) = %zu", event_call (event), event->fd,
            event->size);
  if (event->stream)
    send_bytes (sequence, line, event, &departure);
  else
    arrows_send_datagram (sequence, line, event, &departure);
}

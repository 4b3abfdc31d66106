/* The sockets of a sequence diagram: how they come to be, stand for a connection, and end. */
#include "observe/sequence_parts.h"

#include "host/address.h"

static void
call_text (const struct event *event, char *text)
{
  snprintf (text, CALL_TEXT, "%s(%d)", event_call (event), event->fd);
}

static const char *
role_name (const struct event *event)
{
  return event->role == PL_SERVER   ? "server socket"
         : event->role == PL_CLIENT ? "client socket"
                                    : NULL;
}

void
sockets_created (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  char call[CALL_TEXT];

  snprintf (call, sizeof call, "socket() = %d", event->fd);
  sequence_call (sequence, line, event, call, role_name (event));
}

void
sockets_bound (struct sequence *sequence, const struct event *event)
{
  char call[CALL_TEXT], address[ADDRESS_TEXT];
  bool fits;

  call_text (event, call);
  address_text (&event->local, address);
  fits = strlen (address) + 2 <= canvas_span (&sequence->canvas, NULL);
  sequence_call (sequence, NULL, event, call, fits ? address : NULL);
  if (!fits)
    canvas_address (&sequence->canvas, NULL, true, address);
}

void
sockets_listening (struct sequence *sequence, const struct event *event)
{
  char call[CALL_TEXT];

  sequence->welcoming = event->fd;
  call_text (event, call);
  sequence_call (sequence, NULL, event, call, "welcoming socket");
}

void
sockets_connecting (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  char text[ADDRESS_TEXT];

  if (event->stream)
    {
      call_text (event, text);
      arrows_leave (sequence, line, event, DEPARTURE_CONNECT, text);
    }
  else
    canvas_address (&sequence->canvas, line, false, address_text (&event->local, text));
}

void
sockets_connected (struct sequence *sequence, struct lifeline *line, const struct event *event,
                   const struct pl_address *client, const struct pl_address *server,
                   const char *call)
{
  char left[ADDRESS_TEXT], right[ADDRESS_TEXT];
  struct event at_server = *event;

  line->connected = true;
  at_server.side = SIDE_SERVER;
  arrows_arrive (sequence, line, &at_server, DEPARTURE_CONNECT, call);
  canvas_tuple (&sequence->canvas, line, call[0] != '\0' ? "connection socket" : NULL,
                address_text (client, left), address_text (server, right));
}

void
sockets_accepted (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  char call[CALL_TEXT];

  if (sequence->welcoming != -1)
    snprintf (call, sizeof call, "accept(%d) = %d", sequence->welcoming, event->fd);
  else
    snprintf (call, sizeof call, "accept() = %d", event->fd);
  sockets_connected (sequence, line, event, &event->peer, &event->local, call);
}

/* ------------------------------------------------------------------- the end -- */

/* Nobody will tell of this client any more. */
static void
forget (struct sequence *sequence, struct lifeline *line)
{
  arrows_give_up (sequence, line, true);
  arrows_give_up (sequence, line, false);
  arrows_forget_datagrams (sequence, line);
  lifelines_close (&sequence->lifelines, line);
}

static void
draw_close (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  bool to_server = event->side == SIDE_CLIENT;
  struct departure *reset = NULL;
  char call[CALL_TEXT];

  call_text (event, call);
  if (line != NULL)
    reset = departures_find (&sequence->departures, DEPARTURE_RESET, line, to_server, NULL);
  if (reset != NULL && reset->call[0] == '\0')
    memcpy (reset->call, call, sizeof reset->call);
  else if (line == NULL || !event->stream || arrows_flow (line, to_server)->ended
           || !line->connected)
    sequence_call (sequence, line, event, call, NULL);
  else
    arrows_leave (sequence, line, event, DEPARTURE_END, call);
}

void
sockets_closed (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  bool client = event->side == SIDE_CLIENT;

  if (line != NULL)
    arrows_give_up (sequence, line, !client);
  if (line != NULL && client)
    arrows_lose_connect (sequence, line);
  /* That it was reset is drawn already. */
  if (event->text != NULL && !(line != NULL && line->reset))
    sequence_remark (sequence, line, event, event->text, PAINT_BAD);
  draw_close (sequence, line, event);
  if (event->role == PL_WELCOMING)
    sequence->welcoming = -1;
  if (event->role == PL_SERVER)
    sequence->served = false;
  if (line == NULL)
    return;
  if (client)
    line->fd = -1;
  else
    line->finished = true;
  if (line->fd == -1 && (line->finished || !sequence->served))
    forget (sequence, line);
}

void
sockets_reset (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  char call[CALL_TEXT];

  line->reset = true;
  if (event->text != NULL)
    sequence_remark (sequence, line, event, event->text, PAINT_BAD);
  if (!event->by_peer)
    {
      arrows_leave (sequence, line, event, DEPARTURE_RESET, "");
      return;
    }
  snprintf (call, sizeof call, "recv(%d) = -1", event->fd);
  arrows_arrive (sequence, line, event, DEPARTURE_RESET, call);
  /* Nothing more can be sent either. */
  arrows_flow (line, event->side == SIDE_CLIENT)->ended = true;
}

void
sockets_half_closed (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  char call[CALL_TEXT];

  if (event->by_peer)
    return;
  call_text (event, call);
  arrows_leave (sequence, line, event, DEPARTURE_END, call);
}

void
sockets_forget_closed (struct sequence *sequence)
{
  for (size_t i = 0; i < LIFELINES; i++)
    {
      struct lifeline *line = &sequence->lifelines.all[i];

      if (line->used && line->own && line->fd == -1 && !line->stream
          && departures_find (&sequence->under_way, DEPARTURE_DATAGRAM, line, true, NULL) == NULL)
        forget (sequence, line);
    }
}

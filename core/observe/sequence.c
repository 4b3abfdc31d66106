/* From events to rows: each goes to the file that knows how its kind is drawn. */
#include "observe/sequence_parts.h"

#include "host/address.h"

#include <stdlib.h>

void
sequence_call (struct sequence *sequence, const struct lifeline *line, const struct event *event,
               const char *call, const char *remark)
{
  bool at_server = event->side == SIDE_SERVER;
  struct row row = { .time = event->time, .line = line, .paint = PAINT_BOLD };

  arrows_catch_up (sequence, line, at_server);
  *(at_server ? &row.server : &row.client) = call;
  *(at_server ? &row.by_server : &row.by_client) = remark;
  canvas_row (&sequence->canvas, &row);
}

void
sequence_remark (struct sequence *sequence, const struct lifeline *line, const struct event *event,
                 const char *text, const char *paint)
{
  bool at_server = event->side == SIDE_SERVER;

  arrows_catch_up (sequence, line, at_server);
  canvas_remark (&sequence->canvas, line, at_server, text, paint, event->time);
}

/* What has gone wrong; the name of a peer that has no lifeline stands before it. */
static void
draw_trouble (struct sequence *sequence, const struct lifeline *line, const struct event *event)
{
  char peer[ADDRESS_TEXT];
  char *text = NULL;

  if (line == NULL && event->peer.length > 0
      && asprintf (&text, "%s: %s", address_text (&event->peer, peer), event->text) == -1)
    text = NULL;
  sequence_remark (sequence, line, event, text != NULL ? text : event->text, PAINT_BAD);
  free (text);
}

/* ------------------------------------------------------------------- events -- */

/* Whether such an event brings a client that was not there. */
static bool
brings (const struct event *event)
{
  if (event->side == SIDE_CLIENT)
    return event->fd != -1 && event->type != EVENT_CLOSED;
  return event->peer.length > 0
         && (event->type == EVENT_ACCEPTED || event->type == EVENT_RECV || event->type == EVENT_SEND
             || event->type == EVENT_SENT || event->type == EVENT_PACKET);
}

/* The event's client, which gets a lifeline if it has none. */
static struct lifeline *
line_of (struct sequence *sequence, const struct event *event)
{
  struct lifelines *lifelines = &sequence->lifelines;
  struct lifeline *line = lifelines_find (lifelines, event);
  char address[ADDRESS_TEXT];

  if (line == NULL && brings (event))
    {
      arrows_let_go (sequence);
      sockets_forget_closed (sequence);
      line = lifelines_open (lifelines, event);
      if (line == NULL)
        return NULL;
      /* The lifeline may be that of another client, which was forgotten. */
      arrows_forget_datagrams (sequence, line);
      if (line->column > 0 && lifelines->crowd[line->column] <= 2)
        canvas_names (&sequence->canvas);
      if (event->side == SIDE_SERVER && !event->stream)
        canvas_address (&sequence->canvas, line, false, address_text (&event->peer, address));
    }
  if (line != NULL && line->address.length == 0)
    line->address = event->local;
  return line;
}

/* What is about a client that has a lifeline. */
static void
draw_of_client (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  switch (event->type)
    {
    case EVENT_CONNECTING:
      sockets_connecting (sequence, line, event);
      break;
    case EVENT_CONNECTED:
      if (event->stream && !sequence->served)
        sockets_connected (sequence, line, event, &event->local, &event->peer, "");
      break;
    case EVENT_ACCEPTED:
      sockets_accepted (sequence, line, event);
      break;
    case EVENT_RECV:
      arrows_recv (sequence, line, event);
      break;
    case EVENT_SEND:
      arrows_send (sequence, line, event);
      break;
    case EVENT_PACKET:
      arrows_packet (sequence, line, event);
      break;
    case EVENT_RECEIVED:
      arrows_received (sequence, line, event);
      break;
    case EVENT_SENT:
      arrows_sent (sequence, line, event);
      break;
    case EVENT_HALF_CLOSED:
      sockets_half_closed (sequence, line, event);
      break;
    case EVENT_RESET:
      sockets_reset (sequence, line, event);
      break;
    default:
      break;
    }
}

static void
draw_timer (struct sequence *sequence, const struct lifeline *line, const struct event *event)
{
  char text[64];

  if (strcmp (event->text, "set") == 0)
    snprintf (text, sizeof text, "timer: in %lld ms", (long long) event->ms);
  else
    snprintf (text, sizeof text, "timer: %s", event->text);
  sequence_remark (sequence, line, event, text, PAINT_DIM);
}

/* What also may be about none. */
static void
draw_event (struct sequence *sequence, struct lifeline *line, const struct event *event)
{
  switch (event->type)
    {
    case EVENT_CREATED:
      sockets_created (sequence, line, event);
      break;
    case EVENT_BOUND:
      sockets_bound (sequence, event);
      break;
    case EVENT_LISTENING:
      sockets_listening (sequence, event);
      break;
    case EVENT_NOTE:
      sequence_remark (sequence, line, event, event->text, PAINT_DIM);
      break;
    case EVENT_TIMER:
      draw_timer (sequence, line, event);
      break;
    case EVENT_LIMIT:
    case EVENT_TROUBLE:
      draw_trouble (sequence, line, event);
      break;
    case EVENT_CLOSED:
      sockets_closed (sequence, line, event);
      break;
    default:
      if (line != NULL)
        draw_of_client (sequence, line, event);
      break;
    }
}

/* Whether a text that it must have is missing: a log may hold anything. */
static bool
lacks_text (const struct event *event)
{
  return event->text == NULL
         && (event->type == EVENT_NOTE || event->type == EVENT_TIMER || event->type == EVENT_LIMIT
             || event->type == EVENT_TROUBLE);
}

static void
take_event (struct observer *observer, const struct event *event)
{
  struct sequence *sequence = (struct sequence *) observer;
  struct lifeline *line = line_of (sequence, event);
  const struct held *held = &sequence->held;
  enum event_type awaited = held->what == HELD_RECV ? EVENT_RECEIVED : EVENT_SEND;

  if (held->what != HELD_NOTHING && (held->line != line || event->type != awaited))
    arrows_let_go (sequence);
  if (event->side == SIDE_SERVER && event->type != EVENT_CLOSED)
    sequence->served = true;
  if (!lacks_text (event))
    draw_event (sequence, line, event);
  fflush (sequence->canvas.to);
}

/* A recv's messages were told in the round in which it was made; the send of a message may come in
 * a later one. */
static void
settle (struct observer *observer)
{
  struct sequence *sequence = (struct sequence *) observer;

  if (sequence->held.what == HELD_RECV)
    arrows_let_go (sequence);
  fflush (sequence->canvas.to);
}

static int
end (struct observer *observer, char *error, size_t size)
{
  struct sequence *sequence = (struct sequence *) observer;

  (void) error;
  (void) size;
  arrows_let_go (sequence);
  arrows_give_up (sequence, NULL, false);
  arrows_forget_datagrams (sequence, NULL);
  fflush (sequence->canvas.to);
  free (sequence);
  return 0;
}

struct observer *
sequence_open (FILE *to, const struct scene *scene, const struct sequence_style *style, char *error,
               size_t size)
{
  struct sequence *sequence;
  unsigned sides = style->sides != 0 ? style->sides : 1u << SIDE_SERVER | 1u << SIDE_CLIENT;

  if (style->what == SEQUENCE_CALLS)
    return sequence_of_calls (to, scene, style, error, size);
  sequence = calloc (1, sizeof *sequence);
  if (sequence == NULL)
    {
      snprintf (error, size, "out of memory");
      return NULL;
    }
  sequence->observer = (struct observer){
    .wants = OBSERVE_ALL, .event = take_event, .settle = settle, .end = end
  };
  sequence->hex = style->what == SEQUENCE_HEX;
  sequence->late = style->late;
  sequence->welcoming = -1;
  canvas_open (&sequence->canvas, to, &sequence->lifelines, style->columns, style->colour, sides,
               scene->monotonic);
  return &sequence->observer;
}

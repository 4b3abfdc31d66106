#include "observe/sequence.h"

#include "host/address.h"
#include "lab/show.h"

#include <stdlib.h>

enum
{
  LEFT = 8,     /* columns before the client's lifeline, and behind the server's */
  BETWEEN = 61, /* columns between the two */
  LABEL = 34    /* most columns of an arrow's bytes */
};

#define DIM "\033[2m"
#define GREEN "\033[32m"
#define BLUE "\033[34m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

static void
fill (FILE *to, char with, unsigned count)
{
  while (count-- > 0)
    fputc (with, to);
}

static void
paint (const struct sequence *sequence, const char *colour)
{
  if (sequence->colour)
    fputs (colour, sequence->to);
}

/* A line with something at the client's end and something at the server's. */
static void
two_ends (struct sequence *sequence, const char *left, const char *right)
{
  int width = LEFT + 1 + BETWEEN + 1 + LEFT;
  int space = width - (int) strlen (left);

  paint (sequence, DIM);
  /* Long IPv6 addresses need a line each. */
  if (space <= (int) strlen (right))
    fprintf (sequence->to, "%s\n%*s\n", left, width, right);
  else
    fprintf (sequence->to, "%s%*s\n", left, space, right);
  paint (sequence, PLAIN);
}

/* What an arrow says: the bytes, and how many there are. */
static char *
label (const struct event *event, unsigned *cells)
{
  char *text = NULL;
  size_t size;
  char count[40];
  FILE *to = open_memstream (&text, &size);

  if (to == NULL)
    return NULL;
  snprintf (count, sizeof count, "\" %zu byte%s", event->size, event->size == 1 ? "" : "s");
  fputc ('"', to);
  *cells = 1 + show_bytes (event->data, event->size, LABEL, to) + (unsigned) strlen (count);
  fputs (count, to);
  if (fclose (to) != 0)
    {
      free (text);
      return NULL;
    }
  return text;
}

static void
arrow (struct sequence *sequence, const char *text, unsigned cells, bool to_the_right)
{
  unsigned line = BETWEEN - 3 - cells;
  FILE *to = sequence->to;

  fill (to, ' ', LEFT);
  fputs (to_the_right ? "|" : "|<", to);
  paint (sequence, to_the_right ? GREEN : BLUE);
  fill (to, '-', line / 2);
  fprintf (to, " %s ", text);
  fill (to, '-', line - line / 2);
  paint (sequence, PLAIN);
  fputs (to_the_right ? ">|\n" : "|\n", to);
}

static void
message (struct sequence *sequence, const struct event *event)
{
  unsigned cells = 0;
  char *text = label (event, &cells);

  if (text != NULL)
    arrow (sequence, text, cells, event->type == EVENT_RECEIVED);
  free (text);
}

/* The two sockets of a conversation, each with its own four-tuple: its own
 * address first. */
static void
sockets (struct sequence *sequence, const struct event *event, const char *server_role)
{
  char own[ADDRESS_TEXT], other[ADDRESS_TEXT];
  char left[2 * ADDRESS_TEXT + 8], right[2 * ADDRESS_TEXT + 8];

  address_text (&event->local, own);
  address_text (&event->peer, other);
  snprintf (left, sizeof left, "%s -> %s", other, own);
  snprintf (right, sizeof right, "%s <- %s", own, other);
  two_ends (sequence, "client socket", server_role);
  two_ends (sequence, left, right);
}

static void
opened (struct sequence *sequence, const struct event *event)
{
  char address[ADDRESS_TEXT];

  address_text (&event->local, address);
  if (event->role == PL_CONNECTION)
    {
      arrow (sequence, "connect", 7, true);
      sockets (sequence, event, "accept: connection socket");
    }
  else
    {
      two_ends (sequence, "", event->role == PL_WELCOMING ? "welcoming socket" : "server socket");
      two_ends (sequence, "", address);
    }
}

/* What the server has to say: at its end, where there is room for it. */
static void
remark (struct sequence *sequence, const char *colour, const char *text)
{
  FILE *to = sequence->to;
  unsigned cells = show_width (text);
  bool fits = cells + 4 <= BETWEEN;

  fill (to, ' ', LEFT);
  fputc ('|', to);
  fill (to, ' ', fits ? BETWEEN - 2 - cells : 2);
  paint (sequence, colour);
  show_text (text, to);
  paint (sequence, PLAIN);
  fputs (fits ? "  |\n" : "\n", to);
}

static void
closed (struct sequence *sequence, const struct event *event)
{
  char peer[ADDRESS_TEXT], text[ADDRESS_TEXT + 40];

  if (event->role != PL_CONNECTION)
    return;
  if (event->text != NULL)
    remark (sequence, RED, event->text);
  snprintf (text, sizeof text, "connection socket <- %s closed", address_text (&event->peer, peer));
  two_ends (sequence, "", text);
}

static void
draw (struct observer *observer, const struct event *event)
{
  struct sequence *sequence = (struct sequence *) observer;

  if (event->type == EVENT_RECEIVED && !event->stream
      && !address_equal (&event->peer, &sequence->last_peer))
    {
      sequence->last_peer = event->peer;
      sockets (sequence, event, "server socket");
    }
  switch (event->type)
    {
    case EVENT_OPENED:
      opened (sequence, event);
      break;
    case EVENT_RECEIVED:
    case EVENT_SENT:
      message (sequence, event);
      break;
    case EVENT_NOTE:
      remark (sequence, DIM, event->text);
      break;
    case EVENT_TROUBLE:
      remark (sequence, RED, event->text);
      break;
    case EVENT_CLOSED:
      closed (sequence, event);
      break;
    case EVENT_CONNECTED:
      break;
    }
  fflush (sequence->to);
}

void
sequence_init (struct sequence *sequence, FILE *to, bool colour)
{
  *sequence = (struct sequence){ .observer = { .wants = ~0u, .event = draw },
                                 .to = to,
                                 .colour = colour };
}

/* The socket calls of a run, one a line, as strace would show them of a program that a student
 * wrote: when, who, the call with its arguments, what it returned. */
#include "observe/sequence_parts.h"

#include "host/address.h"
#include "lab/show.h"

#include <stdlib.h>

enum
{
  INDENT = 15,     /* columns before a call: time and who made it */
  DATA_LEAST = 16, /* cells for bytes, however long the rest of the call is */
  CONNECTS = 8     /* that may wait for their outcome at the same time */
};

/* A connect whose outcome is still to come. */
struct waiting
{
  int fd; /* -1: none waits here */
  struct pl_address local, peer;
};

struct calls
{
  struct observer observer;
  FILE *to;
  int64_t began;
  unsigned columns;
  bool colour;
  int welcoming;
  struct event created; /* a socket whose address family the next event tells; fd -1: none */
  struct waiting waiting[CONNECTS];
};

/* ----------------------------------------------------------------------- lines -- */

static const char *
paint (const struct calls *calls, const char *sequence)
{
  return calls->colour ? sequence : "";
}

static void
write_prefix (struct calls *calls, const struct event *event)
{
  bool server = event->side == SIDE_SERVER;

  char seconds[32];

  canvas_time (event->time - calls->began, seconds, sizeof seconds);
  fprintf (calls->to, "%s%s%s %s%s%s  ", paint (calls, PAINT_DIM), seconds,
           paint (calls, PAINT_PLAIN), paint (calls, server ? PAINT_TO_CLIENT : PAINT_TO_SERVER),
           server ? "server" : "client", paint (calls, PAINT_PLAIN));
}

/* As many lines as it takes; text is fit for a terminal. */
static void
write_text (struct calls *calls, const struct event *event, const char *text, const char *colour)
{
  unsigned room = calls->columns - INDENT;

  write_prefix (calls, event);
  while (*text != '\0')
    {
      size_t n = canvas_line_of (text, room);
      bool more = text[n] != '\0';

      fprintf (calls->to, "%s%.*s%s\n", paint (calls, colour), (int) n, text,
               paint (calls, PAINT_PLAIN));
      text += n;
      text += strspn (text, " ");
      room = calls->columns - INDENT - 2;
      if (more)
        fprintf (calls->to, "%*s", INDENT + 2, "");
    }
}

PL_PRINTF (3, 4)
static void
write_call (struct calls *calls, const struct event *event, const char *format, ...)
{
  char *text;
  va_list args;

  va_start (args, format);
  if (vasprintf (&text, format, args) == -1)
    text = NULL;
  va_end (args);
  if (text != NULL)
    write_text (calls, event, text, "");
  free (text);
}

/* The event's text, if it has one. */
static void
write_trouble (struct calls *calls, const struct event *event)
{
  char peer[ADDRESS_TEXT];
  char *text = NULL, *shown = NULL;

  if (event->text == NULL)
    return;
  if (event->peer.length == 0)
    shown = canvas_shown (event->text);
  else if (asprintf (&text, "%s: %s", address_text (&event->peer, peer), event->text) != -1)
    {
      shown = canvas_shown (text);
      free (text);
    }
  if (shown != NULL)
    write_text (calls, event, shown, PAINT_BAD);
  free (shown);
}

/* -------------------------------------------------------------------- sockets -- */

static void
write_socket (struct calls *calls, const struct event *event, const struct pl_address *address)
{
  const char *family = address->length == 0                    ? "..."
                       : address->as.any.sa_family == AF_INET6 ? "AF_INET6"
                                                               : "AF_INET";

  write_call (calls, event, "socket(%s, %s) = %d", family,
              event->stream ? "SOCK_STREAM" : "SOCK_DGRAM", event->fd);
}

/* A socket that was held back, now that event may tell of what family it is. */
static void
write_created (struct calls *calls, const struct event *event)
{
  struct event created = calls->created;

  if (created.fd == -1)
    return;
  calls->created.fd = -1;
  write_socket (calls, &created, &event->local);
}

static void
write_connect (struct calls *calls, const struct event *event, struct waiting *waiting, bool failed)
{
  struct event by_client = *event;
  char local[ADDRESS_TEXT], peer[ADDRESS_TEXT];

  by_client.side = SIDE_CLIENT;
  write_call (calls, &by_client, "connect(%d, %s) = %d  # from %s", waiting->fd,
              address_text (&waiting->peer, peer), failed ? -1 : 0,
              address_text (&waiting->local, local));
  waiting->fd = -1;
}

static void
connecting (struct calls *calls, const struct event *event)
{
  size_t i = 0;

  while (i + 1 < CONNECTS && calls->waiting[i].fd != -1)
    i++;
  calls->waiting[i]
      = (struct waiting){ .fd = event->fd, .local = event->local, .peer = event->peer };
}

/* The connect has returned before: the accept that event may be cannot come first. */
static void
write_connects (struct calls *calls, const struct event *event)
{
  bool server = event->side == SIDE_SERVER;

  for (size_t i = 0; i < CONNECTS; i++)
    {
      struct waiting *waiting = &calls->waiting[i];

      if (waiting->fd != -1
          && (server ? address_equal (&waiting->local, &event->peer) : waiting->fd == event->fd))
        write_connect (calls, event, waiting, event->type == EVENT_CLOSED);
    }
}

/* ----------------------------------------------------------------------- data -- */

/* The bytes as C would write them, in quotes; NULL: no memory. */
static char *
quoted (const struct event *event, unsigned cells)
{
  char *text = NULL;
  size_t length;
  FILE *to = open_memstream (&text, &length);

  if (to == NULL)
    return NULL;
  fputc ('"', to);
  show_bytes (event->data, event->size, cells > DATA_LEAST ? cells : DATA_LEAST, to);
  fputc ('"', to);
  if (fclose (to) == 0)
    return text;
  free (text);
  return NULL;
}

/* send(7, "hello", 5) = 5; sendto and recvfrom name the other end too. */
static void
write_data (struct calls *calls, const struct event *event)
{
  char address[ADDRESS_TEXT], behind[ADDRESS_TEXT + 80];
  const char *call = event_call (event);
  char *data;
  int used = 0;

  behind[0] = '\0';
  if (event->type == EVENT_SEND)
    used += snprintf (behind, sizeof behind, ", %zu", event->asked);
  if (!event->stream)
    used += snprintf (behind + used, sizeof behind - (size_t) used, ", %s",
                      address_text (&event->peer, address));
  used += snprintf (behind + used, sizeof behind - (size_t) used, ") = %zu", event->size);
  used += snprintf (NULL, 0, "%s(%d, \"\"", call, event->fd) + INDENT;
  data = quoted (event, calls->columns > (unsigned) used ? calls->columns - (unsigned) used : 0);
  if (data != NULL)
    write_call (calls, event, "%s(%d, %s%s", call, event->fd, data, behind);
  free (data);
}

static void
write_recv (struct calls *calls, const struct event *event)
{
  if (event->stream && event->size == 0)
    write_call (calls, event, "recv(%d) = 0  # the %s has finished sending", event->fd,
                event->side == SIDE_SERVER ? "client" : "server");
  else
    write_data (calls, event);
}

/* --------------------------------------------------------------------- events -- */

static void
accepted (struct calls *calls, const struct event *event)
{
  char peer[ADDRESS_TEXT];

  address_text (&event->peer, peer);
  if (calls->welcoming != -1)
    write_call (calls, event, "accept(%d, %s) = %d  # connection socket", calls->welcoming, peer,
                event->fd);
  else
    write_call (calls, event, "accept(%s) = %d  # connection socket", peer, event->fd);
}

static void
reset (struct calls *calls, const struct event *event)
{
  if (event->by_peer)
    write_call (calls, event, "recv(%d) = -1  # ECONNRESET", event->fd);
  write_trouble (calls, event);
}

static void
closed (struct calls *calls, const struct event *event)
{
  write_trouble (calls, event);
  write_call (calls, event, "close(%d) = 0", event->fd);
  if (event->role == PL_WELCOMING)
    calls->welcoming = -1;
}

static void
take_event (struct observer *observer, const struct event *event)
{
  struct calls *calls = (struct calls *) observer;
  char local[ADDRESS_TEXT];

  write_created (calls, event);
  switch (event->type)
    {
    case EVENT_CREATED:
      if (event->peer.length > 0)
        write_socket (calls, event, &event->peer);
      else
        calls->created = *event;
      break;
    case EVENT_BOUND:
      write_call (calls, event, "bind(%d, %s) = 0", event->fd, address_text (&event->local, local));
      break;
    case EVENT_LISTENING:
      calls->welcoming = event->fd;
      write_call (calls, event, "listen(%d) = 0  # welcoming socket", event->fd);
      break;
    case EVENT_CONNECTING:
      /* Who sends datagrams to an address need not connect to it. */
      if (event->stream)
        connecting (calls, event);
      break;
    case EVENT_CONNECTED:
      write_connects (calls, event);
      break;
    case EVENT_ACCEPTED:
      write_connects (calls, event);
      accepted (calls, event);
      break;
    case EVENT_RECV:
      write_recv (calls, event);
      break;
    case EVENT_SEND:
      write_data (calls, event);
      break;
    case EVENT_HALF_CLOSED:
      if (!event->by_peer)
        write_call (calls, event, "shutdown(%d, SHUT_WR) = 0", event->fd);
      break;
    case EVENT_RESET:
      reset (calls, event);
      break;
    case EVENT_LIMIT:
    case EVENT_TROUBLE:
      write_trouble (calls, event);
      break;
    case EVENT_CLOSED:
      write_connects (calls, event);
      closed (calls, event);
      break;
    default:
      break;
    }
  fflush (calls->to);
}

static int
end (struct observer *observer, char *error, size_t size)
{
  (void) error;
  (void) size;
  free (observer);
  return 0;
}

struct observer *
sequence_of_calls (FILE *to, const struct scene *scene, const struct sequence_style *style,
                   char *error, size_t size)
{
  struct calls *calls = calloc (1, sizeof *calls);

  if (calls == NULL)
    {
      snprintf (error, size, "out of memory");
      return NULL;
    }
  *calls = (struct calls){ .observer = { .wants = OBSERVE_ALL, .event = take_event, .end = end },
                           .to = to,
                           .began = scene->monotonic,
                           .columns = canvas_columns (style->columns),
                           .colour = style->colour,
                           .welcoming = -1,
                           .created = { .fd = -1 } };
  for (size_t i = 0; i < CONNECTS; i++)
    calls->waiting[i].fd = -1;
  return &calls->observer;
}

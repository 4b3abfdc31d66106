/* web_stream.c - one browser that follows the events.  It has no queue of its own but a place in
 * the history: what is gone from there before it comes for it is skipped, and it is told so. */
#include "observe/web_parts.h"

#include <inttypes.h>
#include <stdlib.h>

enum
{
  CHUNK = 65536 /* bytes that are put together for a browser at a time */
};

struct browser
{
  struct web *web;
  struct browser *next;
  struct MHD_Connection *connection;
  uint64_t number; /* of the next line it gets */
  bool greeted;    /* it has had the scene */
  bool waits;      /* is suspended, until there is something */
  bool pulse_owed;
  bool told_end;
  size_t size, sent; /* of chunk */
  char chunk[CHUNK];
};

static void
add (struct browser *browser, const char *text, size_t size)
{
  memcpy (browser->chunk + browser->size, text, size);
  browser->size += size;
}

PL_PRINTF (2, 3)
static void
add_text (struct browser *browser, const char *format, ...)
{
  va_list args;
  int n;

  va_start (args, format);
  n = vsnprintf (browser->chunk + browser->size, CHUNK - browser->size, format, args);
  va_end (args);
  if (n > 0)
    browser->size += (size_t) n;
}

/* As many events as there is room for, as one message: a line of data for each.  Its id says where
 * the browser is then, and comes back in Last-Event-ID. */
static void
add_events (struct browser *browser)
{
  static const size_t around = sizeof "data: \n" - 1 + sizeof "id: 18446744073709551615\n\n" - 1
                               + sizeof browser->web->run;
  const struct history *history = browser->web->history;
  uint64_t first = browser->number, number = first, gone;
  const char *line;
  size_t size;

  while ((line = history_read (history, &number, &size, &gone)) != NULL)
    {
      if (size + around + 64 > CHUNK - browser->size)
        break;
      if (gone > 0)
        add_text (browser, "data: {\"skipped\":%" PRIu64 "}\n", gone);
      add (browser, "data: ", 6);
      add (browser, line, size);
      add (browser, "\n", 1);
      browser->number = number;
    }
  if (browser->number != first)
    add_text (browser, "id: %s-%" PRIu64 "\n\n", browser->web->run, browser->number);
}

static void
compose (struct browser *browser)
{
  struct web *web = browser->web;
  size_t scene = strlen (web->greeting);

  browser->size = browser->sent = 0;
  if (!browser->greeted && scene < CHUNK / 2)
    {
      add_text (browser, "retry: 1000\nevent: scene\ndata: ");
      add (browser, web->greeting, scene);
      add (browser, "\n\n", 2);
    }
  browser->greeted = true;
  add_events (browser);
  if (browser->size == 0 && web->ended && !browser->told_end)
    {
      add_text (browser, "event: end\ndata: {}\n\n");
      browser->told_end = true;
    }
  if (browser->size == 0 && browser->pulse_owed)
    add_text (browser, ":\n\n");
  browser->pulse_owed = false;
}

/* MHD_ContentReaderCallback. */
static ssize_t
read_stream (void *self, uint64_t position, char *to, size_t room)
{
  struct browser *browser = self;
  size_t n;

  (void) position;
  if (browser->sent == browser->size)
    compose (browser);
  n = browser->size - browser->sent;
  if (n == 0 && browser->web->ended)
    return MHD_CONTENT_READER_END_OF_STREAM;
  if (n == 0)
    {
      browser->waits = true;
      MHD_suspend_connection (browser->connection);
      return 0;
    }
  if (n > room)
    n = room;
  memcpy (to, browser->chunk + browser->sent, n);
  browser->sent += n;
  return (ssize_t) n;
}

static void
free_browser (void *self)
{
  struct browser *browser = self;
  struct browser **link = &browser->web->browsers;

  while (*link != browser)
    link = &(*link)->next;
  *link = browser->next;
  browser->web->browser_count--;
  free (browser);
}

/* Where the browser has been in this very run; 0 otherwise. */
static uint64_t
place_of (const struct web *web, struct MHD_Connection *connection)
{
  const char *id = MHD_lookup_connection_value (connection, MHD_HEADER_KIND, "Last-Event-ID");
  size_t length = strlen (web->run);
  uint64_t number;

  if (id == NULL || strncmp (id, web->run, length) != 0 || id[length] != '-')
    return 0;
  number = strtoull (id + length + 1, NULL, 10);
  return number <= history_count (web->history) ? number : 0;
}

enum MHD_Result
stream_begin (struct web *web, struct MHD_Connection *connection)
{
  struct browser *browser;
  struct MHD_Response *response;
  enum MHD_Result result;

  if (web->browser_count == BROWSERS_MAX)
    {
      stream_pulse (web);
      return page_refuse (connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                          "Too many pages are open: close some, and this one goes on.");
    }
  browser = malloc (sizeof *browser);
  if (browser == NULL)
    return MHD_NO;
  *browser = (struct browser){ .web = web, .connection = connection };
  browser->number = place_of (web, connection);
  response = MHD_create_response_from_callback (MHD_SIZE_UNKNOWN, CHUNK, read_stream, browser,
                                                free_browser);
  if (response == NULL)
    {
      free (browser);
      return MHD_NO;
    }
  browser->next = web->browsers;
  web->browsers = browser;
  web->browser_count++;
  MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
  page_protect (response);
  result = MHD_queue_response (connection, MHD_HTTP_OK, response);
  MHD_destroy_response (response);
  return result;
}

void
stream_wake_all (struct web *web)
{
  for (struct browser *at = web->browsers; at != NULL; at = at->next)
    if (at->waits)
      {
        at->waits = false;
        MHD_resume_connection (at->connection);
      }
}

void
stream_pulse (struct web *web)
{
  for (struct browser *at = web->browsers; at != NULL; at = at->next)
    at->pulse_owed = true;
  stream_wake_all (web);
}

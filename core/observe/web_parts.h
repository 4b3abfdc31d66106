/* web_parts.h - what the files of the live page share. */
#ifndef PL_OBSERVE_WEB_PARTS_H
#define PL_OBSERVE_WEB_PARTS_H

#include "observe/history.h"
#include "observe/web.h"

#include <microhttpd.h>
#include <stdio.h>

enum
{
  BROWSERS_MAX = 64,      /* that follow the events at a time; more are told to come again */
  CONNECTIONS_MAX = 256,  /* open at a time; more wait in the kernel's queue */
  CONNECTION_SECONDS = 60 /* without a byte, after which one is closed */
};

struct browser;

struct web
{
  struct observer observer;
  struct loop *loop;
  struct watch watch; /* libmicrohttpd's epoll */
  struct timer timer; /* when it wants to be called next */
  struct timer pulse; /* finds the browsers that have left */
  struct MHD_Daemon *daemon;
  uint16_t port;

  struct history *history;
  const struct scene *scene;
  char *greeting; /* the scene in JSON */
  char run[24];   /* tells this run from another one at the same port */
  FILE *to;       /* writes into line */
  char *line;
  size_t line_size;

  struct browser *browsers;
  unsigned browser_count;
  bool ended; /* no more events will come */
};

/* --- web_stream.c --- */

/* Answers with the events, from where the browser says that it has been.  MHD_NO: the connection is
 * to be closed. */
enum MHD_Result stream_begin (struct web *web, struct MHD_Connection *connection);
/* Events have come: those that wait for them go on. */
void stream_wake_all (struct web *web);
/* Sends something to each that waits, so that those that have left are found. */
void stream_pulse (struct web *web);

/* --- web_page.c --- */

/* libmicrohttpd's MHD_AccessHandlerCallback; self is the struct web. */
enum MHD_Result page_answer (void *self, struct MHD_Connection *connection, const char *path,
                             const char *method, const char *version, const char *upload,
                             size_t *upload_size, void **request);
/* Adds what every answer says: who may read it, and what it may load. */
void page_protect (struct MHD_Response *response);
/* Answers with one sentence. */
enum MHD_Result page_refuse (struct MHD_Connection *connection, unsigned status, const char *text);

#endif

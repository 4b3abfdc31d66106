#include "host/address.h"
#include "host/endpoint.h"
#include "observe/event_json.h"
#include "observe/web_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum
{
  DATA_MOST = 4096,            /* bytes of one event that the page can show */
  BEGINNING_BYTES = 64 * 1024, /* of the history */
  END_BYTES = 8 * 1024 * 1024,
  PULSE_MS = 15000,
  FAREWELL_MS = 200 /* for the browsers to take the last events */
};

/* Lets libmicrohttpd work, and sets the timer by which it wants to go on. */
static void
go_on (struct web *web)
{
  MHD_UNSIGNED_LONG_LONG ms;

  MHD_run (web->daemon);
  if (MHD_get_timeout (web->daemon, &ms) == MHD_YES)
    loop_timer (web->loop, &web->timer, loop_now (web->loop) + (int64_t) ms * 1000000);
  else
    loop_timer_clear (web->loop, &web->timer);
}

static void
ready (struct watch *watch, unsigned events)
{
  (void) events;
  go_on (container_of (watch, struct web, watch));
}

static void
timer_due (struct timer *timer)
{
  go_on (container_of (timer, struct web, timer));
}

static void
pulse_due (struct timer *timer)
{
  struct web *web = container_of (timer, struct web, pulse);

  loop_timer (web->loop, timer, loop_now (web->loop) + (int64_t) PULSE_MS * 1000000);
  stream_pulse (web);
  go_on (web);
}

static void
web_event (struct observer *observer, const struct event *event)
{
  struct web *web = container_of (observer, struct web, observer);

  rewind (web->to);
  event_json (event, web->scene, DATA_MOST, web->to);
  if (fflush (web->to) == 0)
    history_add (web->history, web->line, web->line_size);
}

static void
web_settle (struct observer *observer)
{
  struct web *web = container_of (observer, struct web, observer);

  if (web->browsers == NULL)
    return;
  stream_wake_all (web);
  go_on (web);
}

/* The browsers learn that this is all; one that does not listen is not waited for. */
static void
say_farewell (struct web *web)
{
  int64_t until = loop_clock (web->loop) + (int64_t) FAREWELL_MS * 1000000;
  int64_t left = FAREWELL_MS;
  struct pollfd epoll = { .fd = web->watch.fd, .events = POLLIN };

  web->ended = true;
  stream_wake_all (web);
  MHD_run (web->daemon);
  while (web->browsers != NULL && left > 0)
    {
      MHD_UNSIGNED_LONG_LONG ms;

      if (MHD_get_timeout (web->daemon, &ms) == MHD_NO || (int64_t) ms > left)
        ms = (MHD_UNSIGNED_LONG_LONG) left;
      poll (&epoll, 1, (int) ms);
      MHD_run (web->daemon);
      left = (until - loop_clock (web->loop)) / 1000000;
    }
}

static void
web_free (struct web *web)
{
  if (web->daemon != NULL)
    {
      loop_forget (web->loop, &web->watch);
      loop_timer_clear (web->loop, &web->timer);
      loop_timer_clear (web->loop, &web->pulse);
      MHD_stop_daemon (web->daemon);
    }
  if (web->to != NULL)
    fclose (web->to);
  history_free (web->history);
  free (web->line);
  free (web->greeting);
  free (web);
}

static int
web_end (struct observer *observer, char *error, size_t size)
{
  struct web *web = container_of (observer, struct web, observer);

  (void) error;
  (void) size;
  say_farewell (web);
  stream_wake_all (web);
  web_free (web);
  return 0;
}

/* Listening on loopback.  -1 with the reason in error. */
static int
listen_at (uint16_t port, char *error, size_t size)
{
  struct sockaddr_in at = { .sin_family = AF_INET,
                            .sin_port = htons (port),
                            .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;

  if (fd != -1 && setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
      && bind (fd, (const struct sockaddr *) &at, sizeof at) == 0 && listen (fd, SOMAXCONN) == 0)
    return fd;
  snprintf (error, size, "port %u: %s%s", port, strerror (errno),
            port != 0 && (errno == EADDRINUSE || errno == EACCES) ? "; --web alone takes a free one"
                                                                  : "");
  if (fd != -1)
    close (fd);
  return -1;
}

/* What it would say of bad requests is of no use to anybody here. */
PL_PRINTF (2, 0)
static void
keep_quiet (void *self, const char *format, va_list args)
{
  (void) self;
  (void) format;
  (void) args;
}

/* Owns fd from now on.  0, or -1 with errno. */
static int
start_daemon (struct web *web, int fd)
{
  const union MHD_DaemonInfo *info;

  web->daemon = MHD_start_daemon (
      MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, page_answer, web,
      MHD_OPTION_EXTERNAL_LOGGER, keep_quiet, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
      MHD_OPTION_CONNECTION_LIMIT, (unsigned) CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
      (unsigned) CONNECTION_SECONDS, MHD_OPTION_END);
  if (web->daemon == NULL)
    {
      close (fd);
      errno = ENOMEM;
      return -1;
    }
  info = MHD_get_daemon_info (web->daemon, MHD_DAEMON_INFO_EPOLL_FD);
  web->watch = (struct watch){ .fd = info->epoll_fd, .ready = ready };
  web->timer.fire = timer_due;
  web->pulse.fire = pulse_due;
  if (loop_watch (web->loop, &web->watch, PL_READABLE) == -1)
    return -1;
  return loop_timer (web->loop, &web->pulse, loop_now (web->loop) + (int64_t) PULSE_MS * 1000000);
}

/* Memory for all that it keeps.  0, or -1. */
static int
prepare (struct web *web)
{
  size_t size;
  FILE *greeting = open_memstream (&web->greeting, &size);

  if (greeting == NULL)
    return -1;
  scene_json (web->scene, greeting);
  /* fclose may fail to shrink it, and then leaves none. */
  if (fclose (greeting) != 0 || web->greeting == NULL)
    {
      errno = ENOMEM;
      return -1;
    }
  web->to = open_memstream (&web->line, &web->line_size);
  web->history = history_new (BEGINNING_BYTES, END_BYTES);
  return web->to == NULL || web->history == NULL ? -1 : 0;
}

struct observer *
web_open (struct loop *loop, uint16_t port, const struct scene *scene, char *error, size_t size)
{
  struct web *web = calloc (1, sizeof *web);
  struct pl_address at;
  int fd;

  if (web == NULL)
    {
      snprintf (error, size, "%s", strerror (ENOMEM));
      return NULL;
    }
  web->loop = loop;
  web->scene = scene;
  web->observer = (struct observer){
    .wants = OBSERVE_ALL, .event = web_event, .settle = web_settle, .end = web_end
  };
  snprintf (web->run, sizeof web->run, "%" PRIx64, (uint64_t) scene->wall);
  fd = listen_at (port, error, size);
  if (fd == -1)
    {
      web_free (web);
      return NULL;
    }
  at = address_of_socket (fd);
  web->port = address_port (&at);
  if (start_daemon (web, fd) == 0 && prepare (web) == 0)
    return &web->observer;
  snprintf (error, size, "%s", strerror (errno));
  web_free (web);
  return NULL;
}

uint16_t
web_port (const struct observer *web)
{
  return container_of (web, struct web, observer)->port;
}

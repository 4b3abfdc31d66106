#include "command/watch.h"

#include "observe/json_log.h"
#include "observe/pcapng.h"
#include "observe/report.h"
#include "observe/sequence.h"
#include "observe/web.h"

#include <sys/ioctl.h>
#include <time.h>

enum
{
  LATE_NS = 1000000 /* on the way by the link's delay or rate */
};

static int64_t
clock_read (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
set_scene (struct watching *watching, const struct lab *lab)
{
  size_t used = 0;

  for (size_t i = 0; i < lab->transform_count && used < sizeof watching->transform; i++)
    used += (size_t) snprintf (watching->transform + used, sizeof watching->transform - used,
                               "%s%s", i > 0 ? ", " : "", lab->transforms[i].name);
  framing_name (lab->framing, watching->framing, sizeof watching->framing);
  watching->scene = (struct scene){
    .lab = lab->name,
    .title = lab->title,
    .transport = lab->transport.name,
    .framing = watching->framing,
    .transform = watching->transform,
    .wall = clock_read (CLOCK_REALTIME),
    .monotonic = clock_read (CLOCK_MONOTONIC),
  };
}

static void
behind_curtain (struct observer *observer, const struct event *event)
{
  struct watching *watching = container_of (observer, struct watching, curtain);

  if (watching->keyboard != NULL)
    keyboard_hide (watching->keyboard);
  watching->trace->event (watching->trace, event);
  if (watching->keyboard != NULL)
    keyboard_show (watching->keyboard);
}

static void
settle_behind_curtain (struct observer *observer)
{
  struct watching *watching = container_of (observer, struct watching, curtain);

  if (watching->trace->settle == NULL)
    return;
  if (watching->keyboard != NULL)
    keyboard_hide (watching->keyboard);
  watching->trace->settle (watching->trace);
  if (watching->keyboard != NULL)
    keyboard_show (watching->keyboard);
}

static int
end_trace (struct observer *observer, char *error, size_t size)
{
  struct observer *trace = container_of (observer, struct watching, curtain)->trace;

  return trace->end (trace, error, size);
}

/* Columns of the terminal that a stream is; 80 where it is none. */
static unsigned
columns (FILE *to)
{
  struct winsize window;

  return ioctl (fileno (to), TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col : 80;
}

/* Of whom there will be events; 0: it is not known. */
static unsigned
sides (const struct invocation *in)
{
  if (in->command->run == command_client)
    return 1u << SIDE_CLIENT;
  if (in->command->run == command_serve || in->child != NULL)
    return 1u << SIDE_SERVER;
  return 0;
}

struct sequence_style
trace_style (const struct invocation *in, FILE *to)
{
  return (struct sequence_style){ .columns = columns (to),
                                  .sides = sides (in),
                                  .colour = coloured (in, to),
                                  .what = strcmp (in->trace, "calls") == 0 ? SEQUENCE_CALLS
                                          : strcmp (in->trace, "hex") == 0 ? SEQUENCE_HEX
                                                                           : SEQUENCE_MESSAGES };
}

static struct observer *
begin_trace (struct watching *watching, const struct invocation *in, const struct lab *lab,
             char *error, size_t size)
{
  struct sequence_style style = trace_style (in, stderr);

  /* Elsewhere only a busy machine makes anything late. */
  if (lab->link.delay_ms > 0 || lab->link.rate_kbps > 0)
    style.late = LATE_NS;
  watching->trace = sequence_open (stderr, &watching->scene, &style, error, size);
  if (watching->trace == NULL)
    return NULL;
  watching->curtain = (struct observer){ .wants = watching->trace->wants,
                                         .event = behind_curtain,
                                         .settle = settle_behind_curtain,
                                         .end = end_trace };
  return &watching->curtain;
}

/* Takes the observer in; where there is none says why. */
static enum status
join (struct watching *watching, struct observer *observer, const char *where, const char *error)
{
  if (observer == NULL)
    {
      complain (where, "%s", error);
      return STATUS_FAILED;
    }
  audience_add (&watching->audience, observer);
  return STATUS_DONE;
}

/* How many observers write to standard output. */
static unsigned
count_at_standard_output (const struct invocation *in)
{
  const char *const paths[] = { in->log, in->pcap, in->report };
  unsigned count = 0;

  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
    count += paths[i] != NULL && strcmp (paths[i], "-") == 0;
  return count;
}

/* What else would be printed there must not come to stand between what an observer writes. */
static enum status
leave_standard_output (void)
{
  if (fflush (stdout) == 0 && dup2 (STDERR_FILENO, STDOUT_FILENO) != -1)
    return STATUS_DONE;
  complain ("standard output", "%s", strerror (errno));
  return STATUS_OUR_FAULT;
}

enum status
watching_begin (struct watching *watching, const struct invocation *in, struct opened *opened,
                struct keyboard *keyboard)
{
  const struct scene *scene = &watching->scene;
  enum status status = STATUS_DONE;
  char error[REASON_SIZE];

  *watching = (struct watching){ .keyboard = keyboard };
  if (count_at_standard_output (in) > 1)
    {
      complain (in->command->name, "only one of --log, --pcap and --report can be \"-\"");
      return STATUS_USAGE;
    }
  set_scene (watching, opened->lab);
  if (in->trace != NULL)
    status = join (watching, begin_trace (watching, in, opened->lab, error, sizeof error),
                   "--trace", error);
  if (status == STATUS_DONE && in->log != NULL)
    status = join (watching, json_log_open (in->log, scene, error, sizeof error), in->log, error);
  if (status == STATUS_DONE && in->pcap != NULL)
    status = join (watching, pcapng_open (in->pcap, scene, error, sizeof error), in->pcap, error);
  if (status == STATUS_DONE && in->report != NULL)
    status = join (watching, report_open (in->report, scene, error, sizeof error), in->report,
                   error);
  if (status == STATUS_DONE && count_at_standard_output (in) > 0)
    status = leave_standard_output ();
  if (status == STATUS_DONE && in->web != -1)
    {
      struct observer *web
          = web_open (opened->loop, (uint16_t) in->web, scene, error, sizeof error);

      status = join (watching, web, "--web", error);
      if (web != NULL)
        complain (NULL, "watch it at http://127.0.0.1:%u/", web_port (web));
    }
  return status;
}

int
watching_end (struct watching *watching)
{
  struct observer *at = watching->audience.first;
  char error[REASON_SIZE];
  int status = 0;

  while (at != NULL)
    {
      struct observer *next = at->next;

      if (at->end != NULL && at->end (at, error, sizeof error) == -1)
        {
          complain (NULL, "%s", error);
          status = -1;
        }
      at = next;
    }
  watching->audience.first = NULL;
  return status;
}

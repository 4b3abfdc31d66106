/* render.c - shows a log again, in another form. */
#include "command/watch.h"
#include "observe/json_read.h"
#include "observe/pcapng.h"
#include "observe/report.h"
#include "observe/sequence.h"
#include "observe/svg.h"

#include <errno.h>
#include <fcntl.h>

struct rendering
{
  const char *path; /* of the log, as messages name it */
  int fd;           /* -1: not open */
  struct json_reader *reader;
  struct observer *observer;
  FILE *text; /* what --as text is written to; NULL: another form */
  int failed; /* errno of what was written there; 0: none */
};

/* Says where in the log something is, and what. */
static void
say (const struct rendering *rendering, const struct json_remark *remark)
{
  char where[200];
  int n = snprintf (where, sizeof where, "%s", rendering->path);

  /* A long path leaves its beginning out, not the line. */
  if (n > 150)
    n = snprintf (where, sizeof where, "...%s", rendering->path + n - 147);
  if (remark->line != 0)
    n += snprintf (where + n, sizeof where - (size_t) n, ":%ju", remark->line);
  if (remark->column != 0)
    snprintf (where + n, sizeof where - (size_t) n, ":%u", remark->column);
  complain (where, "%s", remark->text);
  if (remark->remedy != NULL)
    advise ("%s", remark->remedy);
}

static enum status
open_log (struct rendering *rendering, const char *path)
{
  bool is_input = strcmp (path, "-") == 0;
  struct json_remark remark;

  rendering->path = is_input ? "standard input" : path;
  rendering->fd = is_input ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                           : open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (rendering->fd == -1)
    {
      complain (rendering->path, "%s", strerror (errno));
      if (errno == ENOENT)
        advise ("Is the name right?");
      return STATUS_USAGE;
    }
  rendering->reader = json_read_open (rendering->fd, &remark);
  if (rendering->reader != NULL)
    return STATUS_DONE;
  say (rendering, &remark);
  return STATUS_USAGE;
}

static struct observer *
open_text (struct rendering *rendering, const struct invocation *in, char *error, size_t size)
{
  struct sequence_style style;

  rendering->text = in->output == NULL ? stdout : fopen (in->output, "we");
  if (rendering->text == NULL)
    {
      snprintf (error, size, "%s", strerror (errno));
      return NULL;
    }
  style = trace_style (in, rendering->text);
  return sequence_open (rendering->text, json_read_scene (rendering->reader), &style, error, size);
}

static enum status
open_form (struct rendering *rendering, const struct invocation *in)
{
  const struct scene *scene = json_read_scene (rendering->reader);
  const char *output = in->output == NULL ? "-" : in->output;
  char error[REASON_SIZE];

  if (strcmp (in->as, "text") == 0)
    rendering->observer = open_text (rendering, in, error, sizeof error);
  else if (strcmp (in->as, "html") == 0)
    rendering->observer = report_open (output, scene, error, sizeof error);
  else if (strcmp (in->as, "svg") == 0)
    rendering->observer = svg_open (output, scene, error, sizeof error);
  else
    rendering->observer = pcapng_open (output, scene, error, sizeof error);
  if (rendering->observer != NULL)
    return STATUS_DONE;
  complain (in->output == NULL ? "standard output" : in->output, "%s", error);
  return STATUS_FAILED;
}

/* Once the observer has written. */
static void
look_after_text (struct rendering *rendering)
{
  if (rendering->failed == 0 && rendering->text != NULL && ferror (rendering->text))
    rendering->failed = errno;
}

/* Plays the log to the observer, which sees it as it saw the run, round by round. */
static enum status
play (struct rendering *rendering)
{
  struct audience audience = { .first = NULL };
  struct json_remark remark;
  enum json_read what;
  struct event event = { .round = 0 };

  audience_add (&audience, rendering->observer);
  do
    {
      if (json_read_waits (rendering->reader))
        audience_settle (&audience);
      what = json_read_next (rendering->reader, &event, &remark);
      if (what == JSON_READ_EVENT && event.round != audience.round)
        audience_settle (&audience);
      audience.round = event.round;
      if (what == JSON_READ_EVENT)
        audience_tell (&audience, &event);
      else if (what != JSON_READ_END)
        say (rendering, &remark);
      look_after_text (rendering);
    }
  while (what == JSON_READ_EVENT || what == JSON_READ_REMARK);
  return what == JSON_READ_ERROR ? STATUS_USAGE : STATUS_DONE;
}

/* Ends what was begun.  0, or -1 after it has complained. */
static int
end (struct rendering *rendering, const struct invocation *in)
{
  struct observer *observer = rendering->observer;
  FILE *text = rendering->text;
  char error[REASON_SIZE];
  int status = 0;

  if (observer != NULL && observer->end != NULL
      && observer->end (observer, error, sizeof error) == -1)
    {
      complain (NULL, "%s", error);
      status = -1;
    }
  look_after_text (rendering);
  /* main looks after standard output. */
  if (text != NULL && text != stdout && fclose (text) != 0 && rendering->failed == 0)
    rendering->failed = errno;
  if (text != stdout && rendering->failed != 0)
    {
      complain (in->output, "%s", strerror (rendering->failed));
      status = -1;
    }
  if (rendering->reader != NULL)
    json_read_close (rendering->reader);
  if (rendering->fd != -1)
    close (rendering->fd);
  return status;
}

int
command_render (struct invocation *in)
{
  struct rendering rendering = { .fd = -1 };
  enum status status;

  if (in->as == NULL)
    in->as = "text";
  if (in->output != NULL && strcmp (in->output, "-") == 0)
    in->output = NULL;
  if (in->trace != NULL && strcmp (in->as, "text") != 0)
    {
      complain (in->command->name, "--trace: only with --as text");
      return STATUS_USAGE;
    }
  if (in->trace == NULL)
    in->trace = "messages";
  status = open_log (&rendering, in->argv[0]);
  if (status == STATUS_DONE)
    status = open_form (&rendering, in);
  if (status == STATUS_DONE)
    status = play (&rendering);
  if (end (&rendering, in) == -1 && status == STATUS_DONE)
    status = STATUS_FAILED;
  return status;
}

#include "observe/report.h"

#include "observe/event_json.h"
#include "observe/history.h"
#include "observe/page.h"
#include "observe/sink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum
{
  DATA_MOST = 4096,            /* bytes of one event that the page can show */
  PART_BYTES = 4 * 1024 * 1024 /* of the beginning, and of the end */
};

struct html_report
{
  struct observer observer;
  const struct scene *scene;
  struct history *history;
  FILE *to; /* writes into line */
  char *line;
  size_t line_size;
  bool short_of_memory; /* an event is missing */
  struct sink *sink;
};

static void
report_event (struct observer *observer, const struct event *event)
{
  struct html_report *report = (struct html_report *) observer;

  rewind (report->to);
  event_json (event, report->scene, DATA_MOST, report->to);
  if (fflush (report->to) == 0)
    history_add (report->history, report->line, report->line_size);
  else
    report->short_of_memory = true;
}

/* Writes a line of JSON so that nothing in it can end the element that it stands in: '<', which it
 * has in texts only, is escaped (RFC 8259, section 7). */
static void
write_line (const char *line, size_t size, FILE *to)
{
  const char *end = line + size, *next;

  for (; (next = memchr (line, '<', (size_t) (end - line))) != NULL; line = next + 1)
    {
      fwrite (line, 1, (size_t) (next - line), to);
      fputs ("\\u003c", to);
    }
  fwrite (line, 1, (size_t) (end - line), to);
  fputc ('\n', to);
}

/* One JSON object a line: the scene, then the events. */
static void
write_events (const struct html_report *report, FILE *to)
{
  uint64_t number = 0, gone;
  const char *line;
  size_t size;

  fputs ("<script type=\"application/json\" id=\"events\">\n", to);
  rewind (report->to);
  scene_json (report->scene, report->to);
  if (fflush (report->to) == 0)
    write_line (report->line, report->line_size, to);
  while ((line = history_read (report->history, &number, &size, &gone)) != NULL)
    {
      if (gone > 0)
        fprintf (to, "{\"skipped\":%" PRIu64 "}\n", gone);
      write_line (line, size, to);
    }
  if (gone > 0)
    fprintf (to, "{\"skipped\":%" PRIu64 "}\n", gone);
  fputs ("</script>\n", to);
}

/* The page may load nothing, and run no script but its own. */
static void
write_style (FILE *to)
{
  const struct page_file *css = &page_files[PAGE_CSS], *js = &page_files[PAGE_JS];

  fprintf (to,
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
           "'%s'; style-src '%s'; base-uri 'none'; form-action 'none'; "
           "require-trusted-types-for 'script'; trusted-types 'none'\">\n<style>",
           js->hash, css->hash);
  fwrite (css->bytes, 1, css->size, to);
  fputs ("</style>", to);
}

static void
write_script (FILE *to)
{
  const struct page_file *js = &page_files[PAGE_JS];

  fputs ("<script>", to);
  fwrite (js->bytes, 1, js->size, to);
  fputs ("</script>", to);
}

/* Writes the page up to one of its loads; returns where it goes on behind that. */
static const char *
write_until (const char *from, const char *load, FILE *to)
{
  const char *end = (const char *) page_files[PAGE_HTML].bytes + page_files[PAGE_HTML].size;
  const char *at = memmem (from, (size_t) (end - from), load, strlen (load));

  fwrite (from, 1, (size_t) (at - from), to);
  return at + strlen (load);
}

/* The page, with what it would load in its place. */
static void
write_page (const struct html_report *report, FILE *to)
{
  const struct page_file *html = &page_files[PAGE_HTML];
  const char *at = html->bytes, *end = at + html->size;

  at = write_until (at, PAGE_LOADS_CSS, to);
  write_style (to);
  at = write_until (at, PAGE_LOADS_ICON, to);
  at = write_until (at, PAGE_LOADS_JS, to);
  write_events (report, to);
  write_script (to);
  fwrite (at, 1, (size_t) (end - at), to);
}

static void
free_report (struct html_report *report)
{
  if (report->to != NULL)
    fclose (report->to);
  history_free (report->history);
  free (report->line);
  free (report);
}

static int
report_end (struct observer *observer, char *error, size_t size)
{
  struct html_report *report = (struct html_report *) observer;
  int status;

  write_page (report, sink_begin (report->sink));
  sink_put (report->sink);
  status = sink_close (report->sink, error, size);
  if (status == 0 && report->short_of_memory)
    {
      snprintf (error, size, "%s: an event is missing in the report", strerror (ENOMEM));
      status = -1;
    }
  free_report (report);
  return status;
}

struct observer *
report_open (const char *path, const struct scene *scene, char *error, size_t size)
{
  struct html_report *report = calloc (1, sizeof *report);

  if (report == NULL)
    {
      snprintf (error, size, "%s", strerror (ENOMEM));
      return NULL;
    }
  *report = (struct html_report){
    .observer = { .wants = OBSERVE_ALL, .event = report_event, .end = report_end },
    .scene = scene,
    .history = history_new (PART_BYTES, PART_BYTES),
  };
  report->to = open_memstream (&report->line, &report->line_size);
  if (report->to == NULL || report->history == NULL)
    snprintf (error, size, "%s", strerror (ENOMEM));
  else
    report->sink = sink_open (path, error, size);
  if (report->sink != NULL)
    return &report->observer;
  free_report (report);
  return NULL;
}

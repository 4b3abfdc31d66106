/* read.c - from a file to a lab. */
#include "lab/reader.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* ------------------------------------------------------------------- text -- */

/* The lab's name when it has none: that of its file, as far as a name may have
 * its letters. */
static void
name_after_file (struct reader *r)
{
  const char *slash = strrchr (r->report->path, '/');
  const char *base = slash == NULL ? r->report->path : slash + 1;
  const char *dot = strrchr (base, '.');
  size_t n = dot == NULL || dot == base ? strlen (base) : (size_t) (dot - base);
  char *name = n == 0 ? strdup ("lab") : strndup (base, n);

  if (name == NULL)
    {
      report_out_of_memory (r->report);
      return;
    }
  for (char *p = name; *p != '\0'; p++)
    if (!isalnum ((unsigned char) *p) && strchr ("._-", *p) == NULL)
      *p = '-';
  r->lab->name = name;
}

static void
read_lab (struct reader *r)
{
  if (r->scan.nodes[0].kind != SCAN_OBJECT)
    {
      report_add (r->report, r->scan.nodes[0].at,
                  "Begin with { \"transport\": \"udp\", and end with }",
                  "a lab is one object in { }");
      return;
    }
  value_copy (r->report, r->report->path, &r->lab->path);
  members_preset (r, lab_rules);
  members_read (r, 0, lab_rules);
  if (r->lab->name == NULL)
    name_after_file (r);
  cross_check (r);
}

struct lab *
lab_parse (const char *text, size_t size, const struct lab_plugins *plugins, struct report *report)
{
  struct reader r = { .report = report, .plugins = plugins };
  struct lab *lab = NULL;

  report_text (report, text, size);
  r.lab = calloc (1, sizeof *r.lab);
  if (r.lab == NULL)
    report_out_of_memory (report);
  if (!report->out_of_memory && reader_open (&r))
    read_lab (&r);
  reader_close (&r);

  if (report_clean (report))
    lab = r.lab;
  else
    lab_free (r.lab);
  return lab;
}

void
lab_free (struct lab *lab)
{
  if (lab == NULL)
    return;
  plugin_free (&lab->transport);
  for (size_t i = 0; i < lab->transform_count; i++)
    plugin_free (&lab->transforms[i]);
  free (lab->path);
  free (lab->name);
  free (lab->title);
  free (lab->about);
  free (lab->host);
  free (lab->client.prompt);
  free (lab);
}

/* ------------------------------------------------------------------- file -- */

static void
report_errno (struct report *report, int error)
{
  const char *remedy = NULL;
  char with_suffix[512];
  char sentence[sizeof with_suffix + 16];

  if (error == ENOENT)
    {
      remedy = "Is the name right?";
      if (snprintf (with_suffix, sizeof with_suffix, "%s.json", report->path)
              < (int) sizeof with_suffix
          && access (with_suffix, R_OK) == 0)
        {
          snprintf (sentence, sizeof sentence, "Did you mean %s?", with_suffix);
          remedy = sentence;
        }
    }
  else if (error == EACCES)
    remedy = "Ask its owner, or look at its permissions with ls -l";
  else if (error == EISDIR)
    remedy = "Name the .json file inside of it";
  report_add (report, SIZE_MAX, remedy, "%s", strerror (error));
}

/* Fills the buffer as far as the file goes.  -1 with errno. */
static ssize_t
read_all (int fd, char *buffer, size_t room)
{
  size_t have = 0;
  ssize_t n;

  while (have < room)
    {
      n = read (fd, buffer + have, room - have);
      if (n == -1 && errno == EINTR)
        continue;
      if (n == -1)
        return -1;
      if (n == 0)
        break;
      have += (size_t) n;
    }
  return (ssize_t) have;
}

struct lab *
lab_read (const struct lab_plugins *plugins, struct report *report)
{
  /* One byte more than is allowed, so that the excess is seen. */
  const size_t room = SCAN_SIZE_MAX + 1;
  struct lab *lab = NULL;
  char *buffer = NULL;
  ssize_t size = -1;
  int fd;

  if (report->out_of_memory)
    return NULL;
  fd = open (report->path, O_RDONLY | O_CLOEXEC);
  if (fd == -1)
    {
      report_errno (report, errno);
      return NULL;
    }

  buffer = malloc (room);
  if (buffer == NULL)
    {
      report_out_of_memory (report);
      goto out;
    }
  size = read_all (fd, buffer, room);
  if (size == -1)
    report_errno (report, errno);
  else
    lab = lab_parse (buffer, (size_t) size, plugins, report);

out:
  free (buffer);
  close (fd);
  return lab;
}

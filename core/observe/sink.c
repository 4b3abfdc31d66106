#include "observe/sink.h"

#include "host/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum
{
  KEPT_MAX = 4 << 20, /* bytes that wait for a slow reader; one record may exceed it */
  EARLY = 1 << 16,    /* so many leave before the round ends */
  PATIENCE_MS = 2000  /* for what is left at the end */
};

struct sink
{
  int fd;
  bool is_file;       /* takes everything without waiting for a reader */
  int failed;         /* errno; 0: it has not */
  struct buffer kept; /* whole records, but for the first, of which a part may have gone */
  FILE *record;       /* writes to bytes */
  char *bytes;
  size_t size;
  uint64_t left_out, told; /* records; how many of them sink_left_out has told */
  char name[];             /* of the file, in messages */
};

static int
open_path (const char *path)
{
  /* Non-blocking, for a named pipe without a reader; a file takes no notice. */
  if (strcmp (path, "-") != 0)
    return open (path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
  return fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

static void
sink_free (struct sink *sink)
{
  if (sink->record != NULL)
    fclose (sink->record);
  free (sink->bytes);
  buffer_free (&sink->kept);
  if (sink->fd != -1)
    close (sink->fd);
  free (sink);
}

struct sink *
sink_open (const char *path, char *error, size_t size)
{
  const char *name = strcmp (path, "-") == 0 ? "standard output" : path;
  struct sink *sink = calloc (1, sizeof *sink + strlen (name) + 1);
  struct stat status;

  if (sink == NULL)
    {
      snprintf (error, size, "out of memory");
      return NULL;
    }
  strcpy (sink->name, name);
  sink->fd = open_path (path);
  if (sink->fd == -1 || fstat (sink->fd, &status) == -1)
    {
      snprintf (error, size, "%s",
                errno == ENXIO ? "nobody reads this pipe; start its reader first"
                               : strerror (errno));
      sink_free (sink);
      return NULL;
    }
  sink->is_file = S_ISREG (status.st_mode);
  sink->record = open_memstream (&sink->bytes, &sink->size);
  if (sink->record == NULL)
    {
      snprintf (error, size, "out of memory");
      sink_free (sink);
      return NULL;
    }
  return sink;
}

static bool
has_room (const struct sink *sink)
{
  return sink->failed == 0 && buffer_size (&sink->kept) < KEPT_MAX;
}

FILE *
sink_begin (struct sink *sink)
{
  if (!has_room (sink))
    {
      sink->left_out++;
      return NULL;
    }
  rewind (sink->record);
  return sink->record;
}

void
sink_put (struct sink *sink)
{
  if (fflush (sink->record) != 0 || ferror (sink->record)
      || buffer_append (&sink->kept, sink->bytes, sink->size) == -1)
    sink->failed = ENOMEM;
  else if (buffer_size (&sink->kept) >= EARLY)
    sink_flush (sink);
}

uint64_t
sink_left_out (struct sink *sink)
{
  uint64_t count = sink->left_out - sink->told;

  if (!has_room (sink))
    return 0;
  sink->told = sink->left_out;
  return count;
}

/* Whether the next write will not block.  Standard output is shared with others, so it cannot be
 * made non-blocking; but a pipe that is ready takes PIPE_BUF bytes at once. */
static bool
is_ready (const struct sink *sink, int wait_ms)
{
  struct pollfd to = { .fd = sink->fd, .events = POLLOUT };

  return sink->is_file || poll (&to, 1, wait_ms) > 0;
}

static void
flush (struct sink *sink, int wait_ms)
{
  size_t left;

  while (sink->failed == 0 && (left = buffer_size (&sink->kept)) > 0 && is_ready (sink, wait_ms))
    {
      ssize_t sent = write (sink->fd, buffer_bytes (&sink->kept),
                            sink->is_file || left < PIPE_BUF ? left : PIPE_BUF);

      if (sent == -1 && errno == EAGAIN)
        return;
      if (sent == -1 && errno != EINTR)
        sink->failed = errno;
      else if (sent > 0)
        buffer_take (&sink->kept, (size_t) sent);
    }
}

void
sink_flush (struct sink *sink)
{
  flush (sink, 0);
}

static int64_t
milliseconds_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
sink_close (struct sink *sink, char *error, size_t size)
{
  int64_t end = milliseconds_now () + PATIENCE_MS, now;
  int status = -1;

  while (sink->failed == 0 && buffer_size (&sink->kept) > 0 && (now = milliseconds_now ()) < end)
    flush (sink, (int) (end - now));
  if (sink->failed == 0 && close (sink->fd) == -1)
    sink->failed = errno;
  sink->fd = -1;
  if (sink->failed != 0)
    snprintf (error, size, "%s: %s; what came after that is missing", sink->name,
              strerror (sink->failed));
  else if (buffer_size (&sink->kept) > 0)
    snprintf (error, size, "%s: nobody reads it any more; what came after that is missing",
              sink->name);
  else if (sink->left_out > 0)
    snprintf (error, size, "%s: its reader was too slow; %ju records are missing", sink->name,
              (uintmax_t) sink->left_out);
  else
    status = 0;
  sink_free (sink);
  return status;
}

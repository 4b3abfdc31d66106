/* log.c - whatever is read from a log can be shown in every form; and an event that is written
 * again is read again as it was. */
#include "host/address.h"
#include "observe/event_json.h"
#include "observe/json_read.h"
#include "observe/pcapng.h"
#include "observe/sequence.h"
#include "observe/svg.h"

#include "fuzz.h"

#include <sys/mman.h>

enum
{
  FORMS = 5
};

static int
file_of (const void *bytes, size_t size)
{
  int fd = memfd_create ("log", MFD_CLOEXEC);

  FUZZ_EXPECT (fd != -1);
  FUZZ_EXPECT (pwrite (fd, bytes, size, 0) == (ssize_t) size);
  return fd;
}

static bool
same_text (const char *one, const char *other)
{
  return (one == NULL) == (other == NULL) && (one == NULL || strcmp (one, other) == 0);
}

static void
compare (const struct event *one, const struct event *other)
{
  FUZZ_EXPECT (one->type == other->type && one->side == other->side);
  FUZZ_EXPECT (one->stream == other->stream && one->time == other->time);
  FUZZ_EXPECT (one->session == other->session && one->fd == other->fd && one->role == other->role);
  FUZZ_EXPECT (address_equal (&one->local, &other->local));
  FUZZ_EXPECT (address_equal (&one->peer, &other->peer));
  FUZZ_EXPECT (same_text (one->text, other->text) && one->round == other->round);
}

/* Of an event that has bytes. */
static void
compare_data (const struct event *one, const struct event *other)
{
  FUZZ_EXPECT (one->size == other->size);
  FUZZ_EXPECT (one->size == 0 || memcmp (one->data, other->data, one->size) == 0);
}

static void
write_again (const struct scene *scene, const struct event *event)
{
  char *text;
  size_t size;
  FILE *to = open_memstream (&text, &size);
  struct json_remark remark;
  struct json_reader *reader;
  struct event back;
  int fd;

  FUZZ_EXPECT (to != NULL);
  scene_json (scene, to);
  fputc ('\n', to);
  event_json (event, scene, SIZE_MAX, to);
  fputc ('\n', to);
  FUZZ_EXPECT (fclose (to) == 0);
  fd = file_of (text, size);
  reader = json_read_open (fd, &remark);
  FUZZ_EXPECT (reader != NULL);
  FUZZ_EXPECT (json_read_next (reader, &back, &remark) == JSON_READ_EVENT);
  compare (event, &back);
  if (event->type == EVENT_RECV || event->type == EVENT_SEND || event->type == EVENT_PACKET
      || event->type == EVENT_RECEIVED || event->type == EVENT_SENT)
    compare_data (event, &back);
  json_read_close (reader);
  close (fd);
  free (text);
}

static struct observer *
begin_form (unsigned form, FILE *nowhere, const struct scene *scene)
{
  struct sequence_style style = { .what = (enum sequence_what) form, .columns = 80 };
  char error[256];

  if (form < 3)
    return sequence_open (nowhere, scene, &style, error, sizeof error);
  return form == 3 ? pcapng_open ("/dev/null", scene, error, sizeof error)
                   : svg_open ("/dev/null", scene, error, sizeof error);
}

/* Reads the log once, for that form; FORMS: to write its events again. */
static void
play (int fd, unsigned form, FILE *nowhere)
{
  struct json_remark remark;
  struct json_reader *reader;
  struct observer *observer = NULL;
  struct event event;
  enum json_read what;
  char error[256];

  FUZZ_EXPECT (lseek (fd, 0, SEEK_SET) == 0);
  reader = json_read_open (fd, &remark);
  if (reader == NULL)
    return;
  if (form < FORMS)
    observer = begin_form (form, nowhere, json_read_scene (reader));
  while ((what = json_read_next (reader, &event, &remark)) == JSON_READ_EVENT
         || what == JSON_READ_REMARK)
    if (what == JSON_READ_EVENT && form == FORMS)
      write_again (json_read_scene (reader), &event);
    else if (what == JSON_READ_EVENT && observer != NULL && (observer->wants >> event.type & 1))
      observer->event (observer, &event);
  if (observer != NULL && observer->settle != NULL)
    observer->settle (observer);
  if (observer != NULL && observer->end != NULL)
    FUZZ_EXPECT (observer->end (observer, error, sizeof error) == 0);
  json_read_close (reader);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static FILE *nowhere;
  int fd = file_of (data, size);

  if (nowhere == NULL)
    nowhere = fopen ("/dev/null", "w");
  FUZZ_EXPECT (nowhere != NULL);
  for (unsigned form = 0; form <= FORMS; form++)
    play (fd, form, nowhere);
  close (fd);
  return 0;
}

/* fake_host.c - a host for one transform with one lab and one session. */
#include "fake_host.h"
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SPOILT 0xa5

/* ------------------------------------------------------------- memory -- */

static void *
fake_allocate (size_t n)
{
  void *p = malloc (n);

  if (p == NULL)
    abort ();
  return p;
}

static void
fake_release (uint8_t *p, size_t n)
{
  if (p == NULL)
    return;
  memset (p, SPOILT, n);
  free (p);
}

/* -------------------------------------------------------------- services -- */

static struct fake_host *
fake_of (const struct pl_lab *lab)
{
  return (struct fake_host *) lab;
}

static int64_t
fake_now (const struct pl_lab *lab)
{
  (void) lab;
  return 1;
}

static uint64_t
fake_random (const struct pl_lab *lab)
{
  (void) lab;
  return 4;
}

PL_PRINTF (2, 0)
static void
fake_reason (struct pl_lab *lab, const char *format, va_list args)
{
  struct fake_host *f = fake_of (lab);

  vsnprintf (f->reason, sizeof f->reason, format, args);
}

static void
fake_forget_reserved (struct fake_host *f)
{
  fake_release (f->reserved, f->reserved_size + PL_PADDING);
  f->reserved = NULL;
  f->reserved_size = 0;
  f->out.next = f->out.end = f->idle;
}

/* The room ends where the answer does, so that each further reserve and each commit comes here. */
static uint8_t *
fake_reserve (struct pl_session *s, size_t n)
{
  struct fake_host *f = fake_of (s->lab);

  fake_forget_reserved (f);
  f->reserved = fake_allocate (n + PL_PADDING);
  f->reserved_size = n;
  f->out.next = f->out.end = f->reserved;
  return f->reserved;
}

static int
fake_commit (struct pl_session *s, size_t n)
{
  struct fake_host *f = fake_of (s->lab);
  struct fake_answer *a = &f->answers[f->answer_count];

  if (n > f->reserved_size)
    return pl_fail (s->lab, "commit of %zu bytes where %zu are reserved", n, f->reserved_size);
  if (f->answer_count == FAKE_ANSWERS)
    return pl_fail (s->lab, "more than %d answers", FAKE_ANSWERS);
  a->data = fake_allocate (n + 1);
  a->size = n;
  memcpy (a->data, f->out.next, n);
  f->answer_count++;
  fake_forget_reserved (f);
  return 0;
}

static int
fake_send (struct pl_session *s, const void *data, size_t n)
{
  return pl_send (s, data, n);
}

PL_PRINTF (2, 0)
static int
fake_sendf (struct pl_session *s, const char *format, va_list args)
{
  char text[1024];
  int n = vsnprintf (text, sizeof text, format, args);

  if (n < 0 || (size_t) n >= sizeof text)
    return pl_fail (s->lab, "a text of %d bytes is too long for the fake host", n);
  return pl_send (s, text, (size_t) n);
}

PL_PRINTF (2, 0)
static void
fake_note (struct pl_session *s, const char *format, va_list args)
{
  struct fake_host *f = fake_of (s->lab);

  vsnprintf (f->note, sizeof f->note, format, args);
}

static int
fake_set_timer (struct pl_session *s, int64_t ms)
{
  fake_of (s->lab)->timer = ms;
  return 0;
}

static void
fake_close_session (struct pl_session *s)
{
  fake_of (s->lab)->closed = true;
}

static struct pl_session *
fake_next_session (struct pl_lab *lab, struct pl_session *after)
{
  return after == NULL ? &fake_of (lab)->session : NULL;
}

static const char *
fake_peer (struct pl_session *s)
{
  (void) s;
  return "127.0.0.1:51324";
}

static const struct pl_host fake_services = {
  .struct_size = sizeof (struct pl_host),
  .abi = PL_ABI,
  .now = fake_now,
  .random = fake_random,
  .reason = fake_reason,
  .reserve = fake_reserve,
  .commit = fake_commit,
  .send = fake_send,
  .sendf = fake_sendf,
  .note = fake_note,
  .timer = fake_set_timer,
  .close = fake_close_session,
  .next_session = fake_next_session,
  .peer = fake_peer,
};

/* ------------------------------------------------------------ parameters -- */

static const char *
fake_value (const struct pl_param *p, const char *const *values)
{
  size_t length = strlen (p->name);

  for (; values != NULL && *values != NULL; values++)
    if (strncmp (*values, p->name, length) == 0 && (*values)[length] == '=')
      return *values + length + 1;
  return p->preset;
}

static int
fake_set_param (struct fake_host *f, unsigned i, const struct pl_param *p, const char *value)
{
  uint8_t *member = (uint8_t *) f->lab.state + p->offset;
  char *end = (char *) "";
  int64_t number = 0;
  bool flag = false;

  if (value == NULL)
    return pl_fail (&f->lab, "%s: a value is required", p->name);
  switch (p->type)
    {
    case PL_INTEGER:
      number = strtoimax (value, &end, 10);
      if (*value == '\0' || *end != '\0' || number < p->min || number > p->max)
        return pl_fail (&f->lab, "%s: no such value: %s", p->name, value);
      memcpy (member, &number, sizeof number);
      return 0;
    case PL_BOOLEAN:
      flag = strcmp (value, "true") == 0;
      if (!flag && strcmp (value, "false") != 0)
        return pl_fail (&f->lab, "%s: no such value: %s", p->name, value);
      memcpy (member, &flag, sizeof flag);
      return 0;
    case PL_STRING:
      f->strings[i] = memcpy (fake_allocate (strlen (value) + 1), value, strlen (value) + 1);
      memcpy (member, &f->strings[i], sizeof f->strings[i]);
      return 0;
    default:
      return pl_fail (&f->lab, "%s: no such type: %" PRIu32, p->name, p->type);
    }
}

static int
fake_set_params (struct fake_host *f, const char *const *values)
{
  const struct pl_param *p = f->transform.params;

  for (unsigned i = 0; p != NULL && p->name != NULL; i++, p++)
    {
      if (i == FAKE_PARAMS)
        return pl_fail (&f->lab, "more than %d parameters", FAKE_PARAMS);
      if (fake_set_param (f, i, p, fake_value (p, values)) != 0)
        return -1;
    }
  return 0;
}

/* ----------------------------------------------------------------- calls -- */

static int
fake_load (struct fake_host *f, const char *path)
{
  const struct pl_plugin *(*entry) (uint32_t host_abi);
  void *handle = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  void *symbol;
  size_t known;

  if (handle == NULL)
    return pl_fail (&f->lab, "%s", dlerror ());
  symbol = dlsym (handle, "protolab_plugin");
  if (symbol == NULL)
    return pl_fail (&f->lab, "%s", dlerror ());
  memcpy (&entry, &symbol, sizeof entry);
  f->plugin = entry (PL_ABI);
  if (f->plugin == NULL || f->plugin->kind != PL_KIND_TRANSFORM)
    return pl_fail (&f->lab, "%s: not a transform", path);
  known = f->plugin->transform->struct_size;
  memcpy (&f->transform, f->plugin->transform,
          known < sizeof f->transform ? known : sizeof f->transform);
  return 0;
}

int
fake_setup (struct fake_host *f, const char *path, const char *const *values)
{
  *f = (struct fake_host){ .services = fake_services, .padding = SPOILT, .out.terminator = -1 };
  f->lab.host = &f->services;
  f->session.lab = &f->lab;
  f->session.out = &f->out;
  f->idle = fake_allocate (PL_PADDING);
  f->out.next = f->out.end = f->idle;

  if (fake_load (f, path) != 0)
    return -1;
  if (f->transform.lab_size > 0 && (f->lab.state = calloc (1, f->transform.lab_size)) == NULL)
    abort ();
  if (fake_set_params (f, values) != 0)
    return -1;
  if (f->transform.setup != NULL && f->transform.setup (&f->lab) != 0)
    return -1;
  f->is_set_up = true;
  return 0;
}

static void
fake_forget_answers (struct fake_host *f)
{
  for (unsigned i = 0; i < f->answer_count; i++)
    free (f->answers[i].data);
  f->answer_count = 0;
  f->reason[0] = f->note[0] = '\0';
}

int
fake_open (struct fake_host *f)
{
  fake_forget_answers (f);
  f->closed = false;
  f->timer = 0;
  if (f->transform.session_size > 0
      && (f->session.state = calloc (1, f->transform.session_size)) == NULL)
    abort ();
  return f->transform.open != NULL ? f->transform.open (&f->session) : 0;
}

int
fake_message (struct fake_host *f, const void *data, size_t n)
{
  uint8_t *lent = fake_allocate (n + PL_PADDING);
  int status;

  fake_forget_answers (f);
  if (n > 0)
    memcpy (lent, data, n);
  memset (lent + n, f->padding, PL_PADDING);
  status = f->transform.message (&f->session, lent, n);
  fake_release (lent, n + PL_PADDING);
  fake_forget_reserved (f);
  return status;
}

int
fake_timer (struct fake_host *f)
{
  fake_forget_answers (f);
  f->timer = 0;
  return f->transform.timer (&f->session);
}

void
fake_close (struct fake_host *f)
{
  if (f->transform.close != NULL)
    f->transform.close (&f->session);
  free (f->session.state);
  f->session.state = NULL;
}

void
fake_teardown (struct fake_host *f)
{
  if (f->is_set_up && f->transform.teardown != NULL)
    f->transform.teardown (&f->lab);
  fake_forget_answers (f);
  fake_forget_reserved (f);
  for (unsigned i = 0; i < FAKE_PARAMS; i++)
    free (f->strings[i]);
  free (f->lab.state);
  free (f->idle);
}

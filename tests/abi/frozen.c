/* frozen.c - a transform as an author had it in the days of protolab-1.h, which is never changed
 * again.  It is built against that header, and every later host of ABI 1 must run it. */
#include "protolab-1.h"

struct frozen_lab
{
  int64_t patience_ms;
  const char *greeting, *style;
  bool loud;
  int joined; /* no parameter: its own */
};

struct frozen_session
{
  int number, messages;
};

static const struct pl_param frozen_params[] = {
  PL_INTEGER_PARAM (struct frozen_lab, patience_ms, "1", 1, 86400000, "how long it waits"),
  PL_STRING_PARAM (struct frozen_lab, greeting, NULL, 1, 64, "what it says first"),
  PL_CHOICE_PARAM (struct frozen_lab, style, "short", "short|long", "how it answers"),
  PL_BOOLEAN_PARAM (struct frozen_lab, loud, "false", "whether others hear it"),
  PL_PARAMS_END,
};

static int
frozen_setup (struct pl_lab *lab)
{
  struct frozen_lab *f = lab->state;

  if (strcmp (f->greeting, "none") == 0)
    return pl_fail (lab, "greeting: \"%s\" is no greeting", f->greeting);
  return 0;
}

static void
frozen_tell_others (struct pl_session *s, const char *what)
{
  const struct frozen_lab *f = s->lab->state;
  const struct frozen_session *mine = s->state;
  struct pl_session *other = NULL;

  while (f->loud && (other = pl_next_session (s->lab, other)) != NULL)
    if (other != s)
      pl_sendf (other, "%d %s", mine->number, what);
}

static int
frozen_open (struct pl_session *s)
{
  struct frozen_lab *f = s->lab->state;
  struct frozen_session *mine = s->state;

  mine->number = ++f->joined;
  pl_note (s, "number %d", mine->number);
  frozen_tell_others (s, "has come");
  return pl_sendf (s, "%s, number %d from %s", f->greeting, mine->number, pl_peer (s));
}

/* The clock goes forward, and the dice fall the same for the same seed. */
static int
frozen_look_around (struct pl_session *s)
{
  int64_t before = pl_now (s->lab);
  uint64_t dice = pl_random (s->lab);

  return pl_sendf (s, "%s %016llx", pl_now (s->lab) >= before ? "forward" : "backward",
                   (unsigned long long) dice);
}

/* "3: " and the message, written in place. */
static int
frozen_answer (struct pl_session *s, const uint8_t *in, size_t n)
{
  const struct frozen_lab *f = s->lab->state;
  const struct frozen_session *mine = s->state;
  size_t head = strcmp (f->style, "long") == 0 ? 3 : 0;
  uint8_t *out = pl_reserve (s, head + n);

  if (out == NULL)
    return -1;
  if (head > 0)
    memcpy (out, (const char[]){ (char) ('0' + mine->messages % 10), ':', ' ' }, head);
  if (n > 0)
    memcpy (out + head, in, n);
  return pl_commit (s, head + n);
}

static bool
is_word (const uint8_t *in, size_t n, const char *word)
{
  return n == strlen (word) && memcmp (in, word, n) == 0;
}

static int
frozen_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  const struct frozen_lab *f = s->lab->state;
  struct frozen_session *mine = s->state;

  mine->messages++;
  if (is_word (in, n, "wait"))
    return pl_timer (s, f->patience_ms);
  if (is_word (in, n, "look"))
    return frozen_look_around (s);
  if (is_word (in, n, "fail"))
    return pl_fail (s->lab, "after %d messages", mine->messages);
  if (!is_word (in, n, "bye"))
    return frozen_answer (s, in, n);
  if (pl_send (s, "bye", 3) == -1)
    return -1;
  pl_close (s);
  return 0;
}

static int
frozen_timer (struct pl_session *s)
{
  return pl_sendf (s, "patience is over");
}

static void
frozen_close (struct pl_session *s)
{
  frozen_tell_others (s, "has gone");
}

static void
frozen_teardown (struct pl_lab *lab)
{
  struct frozen_lab *f = lab->state;

  f->joined = -1;
}

PL_TRANSFORM (frozen, "What an author of the first days wrote", .flags = PL_SHARED_STATE,
              .lab_size = sizeof (struct frozen_lab),
              .session_size = sizeof (struct frozen_session), .params = frozen_params,
              .setup = frozen_setup, .open = frozen_open, .message = frozen_message,
              .timer = frozen_timer, .close = frozen_close, .teardown = frozen_teardown)

/* path_transforms.c - transforms that do all that a transform may do. */
#include "path.h"

/* What must balance at the end. */
static struct
{
  unsigned setups, teardowns, opens, closes;
  uint8_t greeting;
} seen;

/* Where a session stands. */
struct part
{
  enum
  {
    PART_NONE,
    PART_OPEN,
    PART_OVER
  } now;
  unsigned ticks, drains;
};

static int
set_up (struct pl_lab *lab)
{
  FUZZ_EXPECT (lab->state != NULL);
  seen.setups++;
  return 0;
}

static void
tear_down (struct pl_lab *lab)
{
  (void) lab;
  seen.teardowns++;
}

static int
opened (struct pl_session *s)
{
  struct part *part = s->state;

  FUZZ_EXPECT (part->now == PART_NONE && part->ticks == 0);
  part->now = PART_OPEN;
  seen.opens++;
  return 0;
}

static void
closed (struct pl_session *s)
{
  struct part *part = s->state;

  FUZZ_EXPECT (part->now == PART_OPEN);
  part->now = PART_OVER;
  seen.closes++;
}

static int
echo (struct pl_session *s, const uint8_t *in, size_t n)
{
  return pl_send (s, in, n);
}

static int
reverse (struct pl_session *s, const uint8_t *in, size_t n)
{
  uint8_t *out = pl_reserve (s, n);

  if (out == NULL)
    return -1;
  for (size_t i = 0; i < n; i++)
    out[i] = in[n - 1 - i];
  return pl_commit (s, n);
}

static int
tally (struct pl_session *s, const uint8_t *in, size_t n)
{
  struct part *part = s->state;

  FUZZ_EXPECT (part->now == PART_OPEN);
  return pl_send (s, in, n);
}

/* A first byte that says how many there are; 255 is none. */
static ssize_t
frame (struct pl_session *s, const uint8_t *in, size_t n)
{
  FUZZ_EXPECT (n > 0);
  if (in[0] == 255)
    return pl_fail (s->lab, "not the protocol");
  return n < in[0] % 16u + 1 ? 0 : in[0] % 16 + 1;
}

/* ------------------------------------------------------------------- actor -- */

static int
broadcast (struct pl_session *s, const uint8_t *in, size_t n)
{
  for (struct pl_session *at = pl_next_session (s->lab, NULL); at != NULL;
       at = pl_next_session (s->lab, at))
    if (pl_send (at, in, n) == -1 && at == s)
      return -1;
  return 0;
}

static int
long_answer (struct pl_session *s, size_t n)
{
  uint8_t *out = pl_reserve (s, n);

  if (out == NULL)
    return -1;
  /* All that may be written. */
  memset (out, 'L', n + PL_PADDING);
  return pl_commit (s, n - n / 4);
}

static int
act (struct pl_session *s, uint8_t what, const uint8_t *in, size_t n)
{
  uint8_t more = n > 1 ? in[1] : 0;

  switch (what % 16)
    {
    case 0:
      return broadcast (s, in, n);
    case 1:
      return pl_timer (s, more % 4 * 10);
    case 2:
      pl_close (s);
      return more % 2 ? pl_send (s, in, n) : 0;
    case 3:
      return pl_fail (s->lab, "as asked");
    case 4:
      return -1;
    case 5:
      return long_answer (s, (size_t) more * 1024);
    case 6:
      for (unsigned i = 0; i < more; i++)
        if (pl_sendf (s, "%u of %s", i, pl_peer (s)) == -1)
          return -1;
      return 0;
    case 7:
      pl_note (s, "%d bytes", (int) n);
      return 0;
    case 8:
      return pl_send (s, "", 0);
    case 9:
      return pl_random (s->lab) + (uint64_t) pl_now (s->lab) == 0 ? -1 : 0;
    case 10:
      return pl_timer (s, -1) == -1 && pl_commit (s, SIZE_MAX) == -1 ? pl_send (s, in, n) : -1;
    default:
      return pl_send (s, in, n);
    }
}

static int
actor_open (struct pl_session *s)
{
  opened (s);
  if (seen.greeting == 0)
    return 0;
  if (act (s, seen.greeting, (const uint8_t *) "hi", 2) == 0)
    return 0;
  seen.opens--;
  return -1;
}

static int
actor_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  FUZZ_EXPECT (((struct part *) s->state)->now == PART_OPEN);
  return act (s, n > 0 ? in[0] : 0, in, n);
}

static int
actor_timer (struct pl_session *s)
{
  struct part *part = s->state;

  FUZZ_EXPECT (part->now == PART_OPEN);
  if (part->ticks++ > 3)
    return 0;
  if (pl_timer (s, 5) == -1)
    return -1;
  return act (s, (uint8_t) (seen.greeting / 16), (const uint8_t *) "tick", 4);
}

static int
actor_drained (struct pl_session *s)
{
  struct part *part = s->state;

  FUZZ_EXPECT (part->now == PART_OPEN);
  return part->drains++ < 3 ? pl_send (s, "more", 4) : 0;
}

/* ------------------------------------------------------------------ chains -- */

#define HEAD .struct_size = sizeof (struct pl_transform)
#define COUNTED \
  .setup = set_up, .teardown = tear_down, .close = closed, .lab_size = 1, \
  .session_size = sizeof (struct part)
static const struct pl_transform hooks[] = {
  { HEAD, .message = echo },
  { HEAD, .message = reverse },
  { HEAD, COUNTED, .open = opened, .message = tally },
  { HEAD, COUNTED, .open = actor_open, .message = actor_message, .timer = actor_timer,
    .drained = actor_drained },
  { HEAD, .message = echo, .frame = frame },
};

#define PLUGIN(name, index) \
  { \
    PL_MAGIC, PL_ABI, sizeof (struct pl_plugin), PL_KIND_TRANSFORM, name, "1", "", &hooks[index], \
        NULL \
  }
static const struct pl_plugin plugins[]
    = { PLUGIN ("echo", 0), PLUGIN ("reverse", 1), PLUGIN ("tally", 2), PLUGIN ("actor", 3),
        PLUGIN ("framed", 4) };

/* Chains by their plugins' first letters; only the last may begin with one that frames. */
static const struct
{
  const char *letters;
  enum sense sense;
} chains[CHAINS] = { { "e", SENSE_SAME },      { "r", SENSE_REVERSED }, { "rtr", SENSE_SAME },
                     { "a", SENSE_NONE },      { "ear", SENSE_NONE },   { "t", SENSE_SAME },
                     { "tr", SENSE_REVERSED }, { "f", SENSE_SAME },     { "fa", SENSE_NONE } };

enum sense
transforms_choose (struct lab *lab, unsigned chain)
{
  const char *letters = chains[chain].letters;

  lab->transform_count = strlen (letters);
  for (size_t i = 0; i < lab->transform_count; i++)
    for (size_t j = 0; j < sizeof plugins / sizeof plugins[0]; j++)
      if (plugins[j].name[0] == letters[i])
        lab->transforms[i].plugin = &plugins[j];
  return chains[chain].sense;
}

void
transforms_begin (uint8_t greeting)
{
  memset (&seen, 0, sizeof seen);
  seen.greeting = greeting;
}

void
transforms_check (void)
{
  FUZZ_EXPECT (seen.setups == seen.teardowns);
  FUZZ_EXPECT (seen.opens == seen.closes);
}

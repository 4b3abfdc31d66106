/* pinger.c - sends each ping back, and counts those that were lost, late or twice on their way. */
#include <protolab.h>
#include <ctype.h>
#include <strings.h>

#define WORD "Ping "

enum
{
  DIGITS_MAX = 9,
  REMEMBERED = 256 /* numbers: what is further behind counts as late, never as twice */
};

struct pinger_lab
{
  bool uppercase;
  int64_t silent_ms;
};

struct pinger_session
{
  uint32_t came, different, late, twice;
  uint32_t first, last;        /* the numbers that should have come */
  uint32_t newest[REMEMBERED]; /* at N % REMEMBERED: one more than the newest such N that came */
  bool told;                   /* since the last message came */
};

static const struct pl_param pinger_params[] = {
  PL_BOOLEAN_PARAM (struct pinger_lab, uppercase, "false",
                    "answer in upper case, as the book's server does"),
  PL_INTEGER_PARAM (struct pinger_lab, silent_ms, "10000", 100, 3600000,
                    "milliseconds without a message after which a peer is said to be silent"),
  PL_PARAMS_END,
};

static int
pinger_open (struct pl_session *s)
{
  struct pinger_session *p = s->state;

  p->first = 1; /* the book's client counts from 1; 0 makes it 0 */
  p->told = true;
  return 0;
}

/* Whether it is "Ping N TIME". */
static bool
pinger_number (const uint8_t *in, size_t n, uint32_t *number)
{
  size_t begin = strlen (WORD), end = begin;

  *number = 0;
  while (end < n && isdigit (in[end]))
    *number = 10 * *number + (uint32_t) (in[end++] - '0');
  return end > begin && end <= begin + DIGITS_MAX && (end == n || in[end] == ' ')
         && strncasecmp ((const char *) in, WORD, begin) == 0;
}

static void
pinger_count (struct pinger_session *p, uint32_t number)
{
  uint32_t *newest = &p->newest[number % REMEMBERED];

  p->came++;
  if (*newest == number + 1)
    {
      p->twice++;
      return;
    }
  p->different++;
  if (number < p->last)
    p->late++;
  if (number < p->first)
    p->first = number;
  if (number > p->last)
    p->last = number;
  if (*newest < number + 1)
    *newest = number + 1;
}

static void
pinger_tell (struct pl_session *s, const char *when)
{
  struct pinger_session *p = s->state;
  uint32_t wanted = p->last - p->first + 1;
  uint32_t missing = wanted > p->different ? wanted - p->different : 0;

  if (!p->told)
    pl_note (s, "%s: %u came, %u missing, %u out of order, %u twice", when, p->came, missing,
             p->late, p->twice);
  p->told = true;
}

static int
pinger_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  const struct pinger_lab *lab = s->lab->state;
  struct pinger_session *p = s->state;
  uint8_t *out = pl_reserve (s, n);
  uint32_t number;

  if (out == NULL)
    return -1;
  if (pinger_number (in, n, &number))
    pinger_count (p, number);
  else
    pl_note (s, "this is not \"Ping N TIME\"");
  p->told = false;
  for (size_t i = 0; i < n; i++)
    out[i] = lab->uppercase ? (uint8_t) toupper (in[i]) : in[i];
  return pl_commit (s, n) == 0 ? pl_timer (s, lab->silent_ms) : -1;
}

static int
pinger_timer (struct pl_session *s)
{
  pinger_tell (s, "silence");
  return 0;
}

static void
pinger_close (struct pl_session *s)
{
  pinger_tell (s, "the end");
}

PL_TRANSFORM (pinger, "Sends each ping back, and counts those that were lost, late or twice",
              .lab_size = sizeof (struct pinger_lab),
              .session_size = sizeof (struct pinger_session), .params = pinger_params,
              .open = pinger_open, .message = pinger_message, .timer = pinger_timer,
              .close = pinger_close)

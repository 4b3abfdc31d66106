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
  uint32_t came, late, twice;
  uint32_t highest;            /* number */
  bool zero;                   /* number 0 has come; else the first one is 1 */
  uint32_t newest[REMEMBERED]; /* at N % REMEMBERED: one more than the highest such N that came */
  bool news;                   /* something has come since the counts were told */
};

static const struct pl_param pinger_params[] = {
  PL_BOOLEAN_PARAM (struct pinger_lab, uppercase, "false",
                    "answer in upper case, as the book's server does"),
  PL_INTEGER_PARAM (struct pinger_lab, silent_ms, "10000", 100, 3600000,
                    "milliseconds without a message after which a peer is said to be silent"),
  PL_PARAMS_END,
};

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
    p->twice++;
  else if (number < p->highest)
    p->late++;
  else
    p->highest = number;
  p->zero |= number == 0;
  if (*newest < number + 1)
    *newest = number + 1;
}

static void
pinger_tell (struct pl_session *s, const char *when)
{
  struct pinger_session *p = s->state;
  uint32_t wanted = p->highest + p->zero, different = p->came - p->twice;
  uint32_t missing = wanted > different ? wanted - different : 0;

  if (p->news)
    pl_note (s, "%s: %u came, %u missing, %u out of order, %u twice", when, p->came, missing,
             p->late, p->twice);
  p->news = false;
}

static int
pinger_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  const struct pinger_lab *lab = s->lab->state;
  struct pinger_session *p = s->state;
  uint32_t number;
  uint8_t *out;

  p->news = true;
  if (pinger_number (in, n, &number))
    pinger_count (p, number);
  else
    pl_note (s, "this is not \"Ping N TIME\"");
  if (pl_timer (s, lab->silent_ms) == -1 || (out = pl_reserve (s, n)) == NULL)
    return -1;
  for (size_t i = 0; i < n; i++)
    out[i] = lab->uppercase && in[i] >= 'a' && in[i] <= 'z' ? in[i] - 'a' + 'A' : in[i];
  return pl_commit (s, n);
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
              .message = pinger_message, .timer = pinger_timer, .close = pinger_close)

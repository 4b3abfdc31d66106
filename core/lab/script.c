#include "lab/script.h"

#include "lab/reader.h"

#include <inttypes.h>
#include <stdlib.h>

#define WHAT "drop|duplicate|corrupt|truncate|reorder|delay"
#define NUMBER "[1-9][0-9]{0,5}"
#define PACKETS_AND_DIRECTION " (" NUMBER "(-" NUMBER ")?|every " NUMBER ") (in|out)"

const char script_pattern[] = "^((drop|duplicate|corrupt|reorder)" PACKETS_AND_DIRECTION
                              "|truncate" PACKETS_AND_DIRECTION "( (0|[1-9][0-9]{0,4}))?"
                              "|delay" PACKETS_AND_DIRECTION " " NUMBER "ms)$";

enum
{
  WORD_MAX = 2 * READER_CLIP,
  AMOUNT_DIGITS = 5 /* of bytes */
};

/* Where the reading stands: at a word, which ends at a blank or with the line. */
struct reading
{
  const char *line, *at;
  struct script_problem *problem;
};

static size_t
word_size (const struct reading *reading)
{
  return strcspn (reading->at, " ");
}

static bool
word_is (const struct reading *reading, const char *word)
{
  size_t n = word_size (reading);

  return n == strlen (word) && memcmp (reading->at, word, n) == 0;
}

/* The word, cut if it is long. */
static const char *
copy_word (const struct reading *reading, char word[WORD_MAX])
{
  snprintf (word, WORD_MAX, "%.*s", (int) word_size (reading), reading->at);
  return word;
}

/* To the next word; at the end of the line there is an empty one. */
static void
next_word (struct reading *reading)
{
  reading->at += word_size (reading);
  reading->at += *reading->at == ' ';
}

/* Something else is wanted than the word that is there. */
static int
refuse (struct reading *reading, const char *wanted, const char *remedy)
{
  struct script_problem *problem = reading->problem;
  size_t n = word_size (reading);
  char word[WORD_MAX], clip[READER_CLIP];

  problem->at = (size_t) (reading->at - reading->line);
  if (n > 0)
    snprintf (problem->message, sizeof problem->message, "%s is wanted, not \"%s\"", wanted,
              reader_clip (clip, copy_word (reading, word)));
  else
    snprintf (problem->message, sizeof problem->message, "%s is wanted%s", wanted,
              *reading->at == ' ' ? ", and one blank before it" : ", and nothing is there");
  snprintf (problem->remedy, sizeof problem->remedy, "%s", remedy);
  return -1;
}

static int
read_what (struct reading *reading, struct lab_event *event)
{
  char word[WORD_MAX], remedy[sizeof reading->problem->remedy];
  int index = words_index (WHAT, copy_word (reading, word));
  const char **words;
  const char *meant;

  if (index != -1)
    {
      event->what = (enum lab_misfortune) index;
      next_word (reading);
      return 0;
    }
  words = words_split (WHAT);
  meant = words == NULL ? NULL : suggest (word, words);
  if (meant != NULL)
    snprintf (remedy, sizeof remedy, "Did you mean \"%s\"?", meant);
  else
    snprintf (remedy, sizeof remedy, "Write \"drop 3 in\" or \"delay 2 out 300ms\"");
  free (words);
  return refuse (reading, "drop, duplicate, corrupt, truncate, reorder or delay", remedy);
}

/* A number from 1 up without more digits than that; goes past it.  0: there is none. */
static uint32_t
take_number (const char **p)
{
  size_t n = strspn (*p, "0123456789");
  uint32_t number = 0;

  if (n == 0 || n > strlen ("999999") || **p == '0')
    return 0;
  for (; n > 0; n--, (*p)++)
    number = number * 10 + (uint32_t) (**p - '0');
  return number;
}

static int
read_packets (struct reading *reading, struct lab_event *event)
{
  const char *remedy = "Write \"3\" for the third of a flow, \"3-5\" or \"every 3\"";
  const char *p;

  event->every = 0;
  if (word_is (reading, "every"))
    {
      next_word (reading);
      p = reading->at;
      event->every = take_number (&p);
      if (event->every == 0 || p != reading->at + word_size (reading))
        return refuse (reading, "a number from 1 to 999999", remedy);
      next_word (reading);
      return 0;
    }
  p = reading->at;
  event->first = event->last = take_number (&p);
  if (event->first > 0 && *p == '-')
    {
      p++;
      event->last = take_number (&p);
    }
  if (event->first == 0 || event->last == 0 || p != reading->at + word_size (reading))
    return refuse (reading, "a packet's number from 1 to 999999", remedy);
  if (event->first > event->last)
    return refuse (reading, "a range of packets", "Write the lower number first");
  next_word (reading);
  return 0;
}

static int
read_direction (struct reading *reading, struct lab_event *event)
{
  if (!word_is (reading, "in") && !word_is (reading, "out"))
    return refuse (reading, "\"in\" or \"out\"",
                   "\"in\" is towards the server, \"out\" towards the client");
  event->direction = word_is (reading, "in") ? LAB_IN : LAB_OUT;
  next_word (reading);
  return 0;
}

static int
read_delay (struct reading *reading, struct lab_event *event)
{
  const char *p = reading->at, *end = reading->at + word_size (reading);
  char remedy[64] = "";

  event->amount = take_number (&p);
  if (event->amount > 0 && p == end)
    snprintf (remedy, sizeof remedy, "Write \"%" PRId64 "ms\"", event->amount);
  if (event->amount == 0 || strncmp (p, "ms", 2) != 0 || p + 2 != end)
    return refuse (reading, "a time from 1ms to 999999ms", remedy);
  next_word (reading);
  return 0;
}

static int
read_bytes (struct reading *reading, struct lab_event *event)
{
  size_t n = strspn (reading->at, "0123456789");

  if (n == 0 || n != word_size (reading) || n > AMOUNT_DIGITS || (n > 1 && *reading->at == '0'))
    return refuse (reading, "a number of bytes from 0 to 99999", "");
  event->amount = strtol (reading->at, NULL, 10);
  next_word (reading);
  return 0;
}

/* Whether another word begins behind the last one. */
static bool
goes_on (const struct reading *reading)
{
  return *reading->at != '\0' || (reading->at > reading->line && reading->at[-1] == ' ');
}

int
script_read (const char *line, struct lab_event *event, struct script_problem *problem)
{
  struct reading reading = { line, line, problem };

  *event = (struct lab_event){ .amount = -1 };
  if (read_what (&reading, event) == -1 || read_packets (&reading, event) == -1
      || read_direction (&reading, event) == -1)
    return -1;
  if (event->what == LAB_DELAY && read_delay (&reading, event) == -1)
    return -1;
  if (event->what == LAB_TRUNCATE && goes_on (&reading) && read_bytes (&reading, event) == -1)
    return -1;
  if (!goes_on (&reading))
    return 0;
  return refuse (&reading, "the end of the line", "Nothing stands behind it, not even a blank");
}

const char *
script_line (const struct lab_event *event, char *buffer, size_t size)
{
  int n = (int) strcspn (WHAT, "|");
  const char *what = WHAT;
  char packets[32], amount[32] = "";

  for (unsigned i = 0; i < event->what; i++)
    {
      what += n + 1;
      n = (int) strcspn (what, "|");
    }
  if (event->every > 0)
    snprintf (packets, sizeof packets, "every %" PRIu32, event->every);
  else if (event->first < event->last)
    snprintf (packets, sizeof packets, "%" PRIu32 "-%" PRIu32, event->first, event->last);
  else
    snprintf (packets, sizeof packets, "%" PRIu32, event->first);
  if (event->what == LAB_DELAY)
    snprintf (amount, sizeof amount, " %" PRId64 "ms", event->amount);
  else if (event->what == LAB_TRUNCATE && event->amount >= 0)
    snprintf (amount, sizeof amount, " %" PRId64, event->amount);
  snprintf (buffer, size, "%.*s %s %s%s", n, what, packets,
            event->direction == LAB_IN ? "in" : "out", amount);
  return buffer;
}

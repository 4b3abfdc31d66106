#include "observe/fate.h"

#include "protolab.h"

#include <inttypes.h>
#include <stdio.h>

#define MILLISECOND 1000000

/* A text that grows by parts. */
struct parts
{
  char *text;
  size_t size;
};

PL_PRINTF (2, 3)
static void
add (struct parts *parts, const char *format, ...)
{
  size_t room = FATE_TEXT - parts->size;
  const char *comma = parts->size > 0 ? ", " : "";
  va_list args;
  int n;

  n = snprintf (parts->text + parts->size, room, "%s", comma);
  va_start (args, format);
  n += vsnprintf (parts->text + parts->size + n, room - (size_t) n, format, args);
  va_end (args);
  parts->size += (size_t) n < room ? (size_t) n : room - 1;
}

/* "20 ms", "19.25 ms" */
static void
add_delay (struct parts *parts, int64_t delay)
{
  char digits[8];
  int n = snprintf (digits, sizeof digits, "%06" PRId64, delay % MILLISECOND);

  while (n > 0 && digits[n - 1] == '0')
    n--;
  add (parts, "delayed %" PRId64 "%s%.*s ms", delay / MILLISECOND, n > 0 ? "." : "", n, digits);
}

const char *
fate_text (const struct fate *fate, char *text)
{
  struct parts parts = { text, 0 };

  text[0] = '\0';
  if (fate->what & FATE_CROWDED)
    add (&parts, "dropped: too many wait in the link");
  else if (fate->what & FATE_DROP)
    add (&parts, "dropped");
  if (fate->what & FATE_DUPLICATE)
    add (&parts, "duplicated");
  if ((fate->what & FATE_TRUNCATE) && fate->kept != FATE_ANY)
    add (&parts, "cut to %zu byte%s", fate->kept, fate->kept == 1 ? "" : "s");
  else if (fate->what & FATE_TRUNCATE)
    add (&parts, "cut");
  if ((fate->what & FATE_CORRUPT) && fate->bit != FATE_ANY)
    add (&parts, "corrupted bit %zu", fate->bit);
  else if (fate->what & FATE_CORRUPT)
    add (&parts, "corrupted");
  if (fate->what & FATE_DELAY)
    add_delay (&parts, fate->delay);
  if (fate->what & FATE_REORDER)
    add (&parts, "overtaken by the next");
  if (fate->what == 0)
    add (&parts, "passed");
  if (fate->scripted && fate->what != 0)
    snprintf (text + parts.size, FATE_TEXT - parts.size, " (script)");
  return text;
}

size_t
fate_change (const struct fate *fate, uint8_t *data, size_t n)
{
  if ((fate->what & FATE_TRUNCATE) && fate->kept < n)
    n = fate->kept;
  if ((fate->what & FATE_CORRUPT) && fate->bit / 8 < n)
    data[fate->bit / 8] ^= (uint8_t) (1u << fate->bit % 8);
  return n;
}

#include "command/command.h"
#include "lab/show.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

PL_PRINTF (1, 0)
static void
say (const char *format, va_list args)
{
  char *text = NULL;

  if (vasprintf (&text, format, args) == -1)
    return;
  show_text (text, stderr);
  free (text);
}

void
complain (const char *where, const char *format, ...)
{
  va_list args;

  fputs ("protolab: ", stderr);
  if (where != NULL)
    {
      show_text (where, stderr);
      fputs (": ", stderr);
    }
  va_start (args, format);
  say (format, args);
  va_end (args);
  fputc ('\n', stderr);
}

void
advise (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  say (format, args);
  va_end (args);
  fputc ('\n', stderr);
}

bool
coloured (const struct invocation *in, FILE *to)
{
  const char *no_color = getenv ("NO_COLOR");
  const char *term = getenv ("TERM");

  if (in->colour != COLOUR_AUTO)
    return in->colour == COLOUR_ALWAYS;
  if (no_color != NULL && *no_color != '\0')
    return false;
  return isatty (fileno (to)) && term != NULL && strcmp (term, "dumb") != 0;
}

void
print_message (const uint8_t *data, size_t n)
{
  if (isatty (STDOUT_FILENO))
    show_bytes (data, n, UINT_MAX, stdout);
  else
    fwrite (data, 1, n, stdout);
  putchar ('\n');
  fflush (stdout);
}

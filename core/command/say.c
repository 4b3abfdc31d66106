#include "command/command.h"
#include "lab/show.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* A whole line at once: several workers may talk at the same time. */
PL_PRINTF (2, 0)
static void
say (const char *where, const char *format, va_list args)
{
  char *text = NULL, *line = NULL;
  size_t size;
  FILE *to = open_memstream (&line, &size);

  if (to == NULL)
    return;
  if (where != NULL)
    {
      show_text (where, to);
      fputs (": ", to);
    }
  if (vasprintf (&text, format, args) != -1)
    show_text (text, to);
  fputc ('\n', to);
  /* Where memory ran out, fclose may succeed without a line. */
  if (fclose (to) == 0 && line != NULL)
    fputs (line, stderr);
  free (text);
  free (line);
}

void
complain (const char *where, const char *format, ...)
{
  char prefix[256] = "protolab";
  va_list args;

  if (where != NULL)
    snprintf (prefix, sizeof prefix, "protolab: %s", where);
  va_start (args, format);
  say (prefix, format, args);
  va_end (args);
}

void
advise (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  say (NULL, format, args);
  va_end (args);
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

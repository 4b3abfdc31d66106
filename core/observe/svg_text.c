#include "observe/svg_text.h"

#include "lab/show.h"
#include "lab/utf8.h"

#include <stdlib.h>
#include <string.h>

enum
{
  LABEL_CELLS = 32,
  REPLACEMENT = 0xfffd
};

/* XML 1.0, section 2.2, "Char". */
static int
is_allowed (uint32_t code)
{
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code <= 0xd7ff)
         || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
}

static const char *
entity (uint32_t code)
{
  switch (code)
    {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '&':
      return "&amp;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return NULL;
    }
}

void
svg_text (const char *text, FILE *to)
{
  const char *end = text + strlen (text);

  while (text < end)
    {
      uint32_t code;
      size_t n = utf8_decode (text, (size_t) (end - text), &code);
      char bytes[4];

      text += n > 0 ? n : 1;
      if (n == 0 || !is_allowed (code))
        code = REPLACEMENT;
      if (entity (code) != NULL)
        fputs (entity (code), to);
      else
        fwrite (bytes, 1, utf8_encode (code, bytes), to);
    }
}

char *
svg_label (const uint8_t *data, size_t n)
{
  char *text = NULL;
  size_t size;
  FILE *to = open_memstream (&text, &size);

  if (to == NULL)
    return NULL;
  fputc ('"', to);
  show_bytes (data, n, LABEL_CELLS, to);
  fprintf (to, "\" %zu byte%s", n, n == 1 ? "" : "s");
  if (fclose (to) == 0)
    return text;
  free (text);
  return NULL;
}

char *
svg_shown (const char *text)
{
  char *copy = NULL;
  size_t size;
  FILE *to = open_memstream (&copy, &size);

  if (to == NULL)
    return NULL;
  show_bytes ((const uint8_t *) text, strlen (text), SVG_CELLS, to);
  if (fclose (to) == 0)
    return copy;
  free (copy);
  return NULL;
}

/* framing.c - how a stream is cut into messages: the words for it. */
#include "lab/describe.h"
#include "lab/reader.h"

#include <stdlib.h>

static const struct
{
  const char *word, *meaning;
} framings[] = {
  [FRAMING_DATAGRAM] = { "datagram", "each datagram is one message" },
  [FRAMING_RECV] = { "recv", "what one call of recv returns is one message, as in the textbook" },
  [FRAMING_LINE] = { "line", "each line is one message; a line feed ends it" },
  [FRAMING_EOF] = { "eof", "all that comes until the peer stops sending is one message" },
  [FRAMING_LENGTH16]
  = { "length16", "each message has its length before it, in two bytes, the higher one first" },
  [FRAMING_LENGTH32]
  = { "length32", "each message has its length before it, in four bytes, the highest one first" },
  [FRAMING_FIXED] = { "fixed", "each message has the same number of bytes" },
  [FRAMING_PLUGIN] = { "plugin", "the transform itself finds where each message ends" },
};

const char *
framing_name (struct framing framing, char *buffer, size_t size)
{
  if (framing.kind == FRAMING_FIXED)
    snprintf (buffer, size, "fixed:%zu", framing.size);
  else
    snprintf (buffer, size, "%s", framings[framing.kind].word);
  return buffer;
}

const char *
framing_meaning (struct framing framing)
{
  return framings[framing.kind].meaning;
}

/* The N of "fixed:N": 0 where it is not a number from 1 up as people write it. */
static size_t
fixed_size (const char *digits)
{
  size_t n = strspn (digits, "0123456789");

  if (n == 0 || digits[n] != '\0' || *digits == '0')
    return 0;
  return strtoul (digits, NULL, 10);
}

static void
fixed_read (struct reader *r, size_t node, const char *digits)
{
  r->lab->framing = (struct framing){ FRAMING_FIXED, fixed_size (digits) };
  r->framing_known = r->lab->framing.size > 0;
  if (!r->framing_known)
    value_refuse (r, node, "\"fixed:4\" or another number of bytes");
}

void
framing_read (struct reader *r, const struct rule *rule, size_t node)
{
  const char *text = reader_text (r, node);

  if (strncmp (text, "fixed:", 6) == 0 || strcmp (text, "fixed") == 0)
    {
      fixed_read (r, node, text + 5 + (text[5] == ':'));
      return;
    }
  for (size_t i = 0; i < sizeof framings / sizeof framings[0]; i++)
    if (strcmp (text, framings[i].word) == 0)
      {
        r->lab->framing = (struct framing){ (enum framing_kind) i, 0 };
        r->framing_known = true;
        return;
      }
  value_unknown (r, node, rule->words);
}

/* rot13.c - turns each letter into the one thirteen places on. */
#include <protolab.h>

static uint8_t
rot13_letter (uint8_t c)
{
  if ((c >= 'a' && c <= 'm') || (c >= 'A' && c <= 'M'))
    return c + 13;
  if ((c >= 'n' && c <= 'z') || (c >= 'N' && c <= 'Z'))
    return c - 13;
  return c;
}

static int
rot13_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  uint8_t *out = pl_reserve (s, n);

  if (out == NULL)
    return -1;
  for (size_t i = 0; i < n; i++)
    out[i] = rot13_letter (in[i]);
  return pl_commit (s, n);
}

PL_TRANSFORM (rot13, "Turns each letter into the one thirteen places on", .message = rot13_message)

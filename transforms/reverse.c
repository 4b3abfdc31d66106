/* reverse.c - turns the order of the characters round. */
#include <protolab.h>

/* How many bytes the character at p has; 1 for a byte that is not UTF-8.  The limits are those of
 * Unicode, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF. */
static size_t
reverse_length (const uint8_t *p, size_t n)
{
  size_t length = *p < 0xc2 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 1;
  uint8_t low = *p == 0xe0 ? 0xa0 : *p == 0xf0 ? 0x90 : 0x80;
  uint8_t high = *p == 0xed ? 0x9f : *p == 0xf4 ? 0x8f : 0xbf;

  if (length > n || (length > 1 && (p[1] < low || p[1] > high)))
    return 1;
  for (size_t i = 2; i < length; i++)
    if ((p[i] & 0xc0) != 0x80)
      return 1;
  return length;
}

static int
reverse_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  uint8_t *out = pl_reserve (s, n);

  if (out == NULL)
    return -1;
  for (size_t i = 0, length; i < n; i += length)
    {
      length = reverse_length (in + i, n - i);
      memcpy (out + n - i - length, in + i, length);
    }
  return pl_commit (s, n);
}

PL_TRANSFORM (reverse, "Turns the order of the characters round", .message = reverse_message)

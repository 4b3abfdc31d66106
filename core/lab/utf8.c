/* utf8.c - characters and their bytes, RFC 3629. */
#include "lab/utf8.h"

size_t
utf8_decode (const char *text, size_t size, uint32_t *code)
{
  /* The smallest number that needs so many bytes: a smaller one is overlong. */
  static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  const unsigned char *byte = (const unsigned char *) text;
  size_t n;

  if (byte[0] < 0x80)
    {
      *code = byte[0];
      return 1;
    }
  if (byte[0] < 0xc2 || byte[0] > 0xf4)
    return 0;
  n = byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
  if (n > size)
    return 0;

  *code = byte[0] & (0x7fu >> n);
  for (size_t i = 1; i < n; i++)
    {
      if ((byte[i] & 0xc0) != 0x80)
        return 0;
      *code = *code << 6 | (byte[i] & 0x3f);
    }
  if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
    return 0;
  return n;
}

size_t
utf8_encode (uint32_t code, char *to)
{
  static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
  size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

  for (size_t i = n - 1; i > 0; i--)
    {
      to[i] = (char) (0x80 | (code & 0x3f));
      code >>= 6;
    }
  to[0] = (char) (lead[n] | code);
  return n;
}

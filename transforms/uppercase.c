/* uppercase.c - converts the characters of a message to uppercase. */
#include <protolab.h>
#include <stdlib.h>
#include <unicase.h>
#include <unistr.h>

#define BLOCK PL_PADDING

struct uppercase_lab
{
  bool ascii;
};

static const struct pl_param uppercase_params[] = {
  PL_BOOLEAN_PARAM (struct uppercase_lab, ascii, "false", "convert the letters a to z only"),
  PL_PARAMS_END,
};

/* Returns all bytes ORed together, so that one pass also tells whether there is more than ASCII.
 * The inner loop has a fixed length because gcc -O2 vectorises no other, and unrolls none that
 * does not ask for it. */
static uint8_t
uppercase_ascii (uint8_t *restrict out, const uint8_t *restrict in, size_t n)
{
  uint8_t seen = 0;

  for (size_t i = 0; i < n; i += BLOCK)
#pragma GCC unroll 4
    for (size_t j = 0; j < BLOCK; j++)
      {
        uint8_t c = in[i + j];
        seen |= c;
        out[i + j] = c - (c >= 'a' && c <= 'z' ? 'a' - 'A' : 0);
      }
  return seen;
}

/* The last block reached into the padding: what was seen may not belong to the message. */
static bool
uppercase_is_ascii (const uint8_t *in, size_t n)
{
  while (n > 0 && in[n - 1] < 0x80)
    n--;
  return n == 0;
}

/* Characters, not bytes: out holds what uppercase_ascii made of them. */
static int
uppercase_unicode (struct pl_session *s, uint8_t *out, const uint8_t *in, size_t n)
{
  const struct uppercase_lab *lab = s->lab->state;
  uint8_t *upper;
  int status;

  if (lab->ascii || uppercase_is_ascii (in, n) || u8_check (in, n) != NULL)
    return pl_commit (s, n);
  upper = u8_toupper (in, n, NULL, NULL, out, &n);
  if (upper == NULL)
    return pl_fail (s->lab, "no memory for an answer in uppercase");
  if (upper == out)
    return pl_commit (s, n);

  /* Few characters grow ("\u0390" becomes three): reserving for the worst case could break the
   * lab's limit where the true answer does not. */
  status = pl_send (s, upper, n);
  free (upper);
  return status;
}

static int
uppercase_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  uint8_t *out = pl_reserve (s, n);

  if (out == NULL)
    return -1;
  if (uppercase_ascii (out, in, n) < 0x80)
    return pl_commit (s, n);
  return uppercase_unicode (s, out, in, n);
}

PL_TRANSFORM (uppercase, "Converts the characters of a message to uppercase",
              .lab_size = sizeof (struct uppercase_lab), .params = uppercase_params,
              .message = uppercase_message)

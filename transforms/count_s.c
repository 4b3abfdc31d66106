/* count_s.c - answers how many times the letter s stands in the message. */
#include <protolab.h>
#include <ctype.h>

struct count_s_lab
{
  const char *letter;
  bool ignore_case;
  size_t length;
  uint8_t ignored; /* the bit in which a letter of ASCII and its capital differ, or 0 */
};

static const struct pl_param count_s_params[] = {
  PL_STRING_PARAM (struct count_s_lab, letter, "s", 1, 4, "the letter that is counted"),
  PL_BOOLEAN_PARAM (struct count_s_lab, ignore_case, "false", "count s and S alike"),
  PL_PARAMS_END,
};

static int
count_s_setup (struct pl_lab *lab)
{
  struct count_s_lab *c = lab->state;

  c->length = strlen (c->letter);
  for (size_t i = 1; i < c->length; i++)
    if ((c->letter[i] & 0xc0) != 0x80)
      return pl_fail (lab, "letter: \"%s\" is more than one character", c->letter);
  if (c->ignore_case && c->length == 1 && isalpha ((uint8_t) c->letter[0]))
    c->ignored = 'a' ^ 'A';
  return 0;
}

static int
count_s_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  const struct count_s_lab *c = s->lab->state;
  uint8_t first = (uint8_t) c->letter[0] | c->ignored;
  size_t count = 0;

  for (size_t i = 0; i + c->length <= n; i++)
    if ((in[i] | c->ignored) == first && memcmp (in + i + 1, c->letter + 1, c->length - 1) == 0)
      count++;
  return pl_sendf (s, "%zu", count);
}

PL_TRANSFORM (count_s, "Answers how many times a letter stands in the message",
              .lab_size = sizeof (struct count_s_lab), .params = count_s_params,
              .setup = count_s_setup, .message = count_s_message)

/* shout_back.c - sends each message back in capital letters, with a mark behind it. */
#include <protolab.h>

struct shout_back_lab
{
  const char *mark;
  int64_t times;
};

static const struct pl_param shout_back_params[] = {
  PL_STRING_PARAM (struct shout_back_lab, mark, "!", 1, 16, "what stands behind each answer"),
  PL_INTEGER_PARAM (struct shout_back_lab, times, "1", 0, 10, "how often it stands there"),
  PL_PARAMS_END,
};

static int
shout_back_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  const struct shout_back_lab *lab = s->lab->state;
  size_t length = strlen (lab->mark);
  size_t size = n + (size_t) lab->times * length;
  uint8_t *out = pl_reserve (s, size);

  if (out == NULL)
    return -1;
  for (size_t i = 0; i < n; i++)
    out[i] = in[i] >= 'a' && in[i] <= 'z' ? in[i] - 'a' + 'A' : in[i];
  for (size_t i = n; i < size; i += length)
    memcpy (out + i, lab->mark, length);
  return pl_commit (s, size);
}

PL_TRANSFORM (shout_back, "Sends each message back in capital letters, with a mark behind it",
              .lab_size = sizeof (struct shout_back_lab), .params = shout_back_params,
              .message = shout_back_message)

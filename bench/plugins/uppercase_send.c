/* uppercase_send.c - uppercase.c, but for one thing: each answer is made elsewhere and goes through
 * pl_send.  What that costs is what the two differ by. */
#include <protolab.h>

enum
{
  ANSWER_MAX = 65536
};

static uint8_t answer[ANSWER_MAX + PL_PADDING];

static uint8_t *
room_for_answer (struct pl_session *s, size_t n)
{
  if (n <= ANSWER_MAX)
    return answer;
  pl_fail (s->lab, "an answer is longer than %d bytes", ANSWER_MAX);
  return NULL;
}

#define pl_reserve room_for_answer
#define pl_commit(s, n) pl_send (s, answer, n)
#undef PL_TRANSFORM
#define PL_TRANSFORM(name, summary, ...) \
  static const struct pl_transform transform \
      = { .struct_size = (uint32_t) sizeof (struct pl_transform), __VA_ARGS__ }; \
  PL_PLUGIN_ (PL_KIND_TRANSFORM, uppercase_send, summary ", through pl_send", &transform, NULL)

#include "../../transforms/uppercase.c"

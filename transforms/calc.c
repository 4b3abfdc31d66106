/* calc.c - adds up the integers that a peer sends. */
#include <protolab.h>

struct calc_session
{
  uint32_t sum; /* unsigned: only there does C let a sum wrap */
};

static int
calc_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  struct calc_session *c = s->state;
  uint32_t number;

  if (n != sizeof number)
    return pl_fail (s->lab, "a message of %zu bytes is no 32-bit integer", n);
  memcpy (&number, in, sizeof number); /* it may stand at any address */
  c->sum += ntohl (number);
  pl_note (s, "%+d makes %d", (int32_t) ntohl (number), (int32_t) c->sum);
  number = htonl (c->sum);
  return pl_send (s, &number, sizeof number);
}

PL_TRANSFORM (calc, "Adds up 32-bit integers, most significant byte first",
              .session_size = sizeof (struct calc_session), .message = calc_message)

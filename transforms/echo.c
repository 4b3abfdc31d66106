/* echo.c - sends each message back as it came. */
#include <protolab.h>

static int
echo_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  return pl_send (s, in, n);
}

PL_TRANSFORM (echo, "Sends each message back as it came", .message = echo_message)

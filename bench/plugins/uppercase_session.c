/* uppercase_session.c - uppercase.c, but for one thing: it has a state for each session, and so
 * the host looks for the session of each datagram.  What that costs is what the two differ by. */
#include <protolab.h>

#undef PL_TRANSFORM
#define PL_TRANSFORM(name, summary, ...) \
  static const struct pl_transform transform \
      = { .struct_size = (uint32_t) sizeof (struct pl_transform), \
          .session_size = 64, \
          __VA_ARGS__ }; \
  PL_PLUGIN_ (PL_KIND_TRANSFORM, uppercase_session, summary ", with sessions", &transform, NULL)

#include "../../transforms/uppercase.c"

/* fake_host.h - a host for one transform with one lab and one session.
 *
 * All that it lends has exactly the promised size and is spoilt once the call has returned, so
 * that AddressSanitizer sees a transform that reads, writes or keeps more than it may. */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <protolab.h>

enum
{
  FAKE_PARAMS = 16,
  FAKE_ANSWERS = 16
};

struct fake_answer
{
  uint8_t *data;
  size_t size;
};

struct fake_host
{
  struct pl_lab lab; /* the first member: the services get from it to the rest */
  struct pl_host services;
  struct pl_session session;
  struct pl_out out;
  const struct pl_plugin *plugin;
  struct pl_transform transform; /* as much of it as the plugin and this host both know */
  bool is_set_up;
  char *strings[FAKE_PARAMS];
  uint8_t padding; /* what stands behind a lent message; a test may change it */

  uint8_t *idle; /* what out points to while nothing is reserved */
  uint8_t *reserved;
  size_t reserved_size;

  struct fake_answer answers[FAKE_ANSWERS]; /* of the last open, message or timer */
  unsigned answer_count;
  char reason[256]; /* why the last call failed */
  char note[256];   /* the last one */
  int64_t timer;    /* ms, as the transform set it */
  bool closed;      /* by the transform */
};

/* All ints: 0, or -1 with the reason in f->reason. */

/* Loads PATH and gives it a fresh lab; values: "name=value"..., NULL.  fake_teardown must follow,
 * even after -1. */
int fake_setup (struct fake_host *f, const char *path, const char *const *values);
int fake_open (struct fake_host *f);
int fake_message (struct fake_host *f, const void *data, size_t n);
int fake_timer (struct fake_host *f);
void fake_close (struct fake_host *f);
/* Frees all but the plugin, which stays loaded: a sanitizer needs its symbols until the end. */
void fake_teardown (struct fake_host *f);

#endif /* FAKE_HOST_H */

/* capture.h - a capture read back, and everything checked that no capture may have wrong. */
#ifndef PL_TESTS_CAPTURE_H
#define PL_TESTS_CAPTURE_H

#include "observe/pcapng.h"

enum
{
  SEEN_MAX = 4096
};

/* One of its packets. */
struct seen
{
  const uint8_t *ip;
  size_t size;
  int64_t time;
  uint32_t flags;      /* of the block: 1 inbound, 2 outbound */
  char comments[1024]; /* each ends in ';' */
  bool four, tcp;
  const uint8_t *transport, *data;
  size_t data_size;
};

extern struct seen seen[SEEN_MAX];
extern size_t seen_count;
extern char section_comment[1024], statistics_comment[65536];

/* Captures what tell does into the variables above: lengths, padding and order of all blocks are
 * right, and so are the lengths and checksums of all packets, or the test fails. */
void capture_of (void (*tell) (const char *path));

/* An observer that writes a capture. */
struct observer *capture_opened (const char *path, const struct scene *scene);

/* Numbers of n bytes. */
uint32_t capture_little (const uint8_t *at, int n);
uint32_t capture_big (const uint8_t *at, int n);

#endif

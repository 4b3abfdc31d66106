/* fate.h - what the link does to one packet: protolab-lab(5), "link". */
#ifndef PL_OBSERVE_FATE_H
#define PL_OBSERVE_FATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Several may meet one packet; one that is dropped meets no other. */
enum
{
  FATE_DROP = 1,
  FATE_DUPLICATE = 2, /* it arrives twice */
  FATE_CORRUPT = 4,   /* one bit is turned over */
  FATE_TRUNCATE = 8,  /* its end is cut off */
  FATE_DELAY = 16,
  FATE_REORDER = 32,  /* it arrives after the next one of its flow that arrives */
  FATE_CROWDED = 64   /* dropped, because too many wait in the link already */
};

/* Towards the server, whichever side plays the link; or towards the client. */
enum direction
{
  DIRECTION_IN,
  DIRECTION_OUT
};

/* Of a packet whose size is not known yet: that depends on it. */
#define FATE_ANY SIZE_MAX

struct fate
{
  unsigned what; /* FATE_...; 0: it passes as it is */
  bool scripted; /* the lab's script said so, not the dice */
  enum direction direction;
  uint64_t flow;  /* the peers in the order of their coming, from 1 */
  uint64_t index; /* of the packet in its flow and direction, from 1; 0: it met no link */
  int64_t delay;  /* nanoseconds, by delay_ms, jitter_ms and the script; rate_kbps comes on top */
  size_t bit;     /* FATE_CORRUPT: which, from the first byte's lowest; FATE_ANY: an empty packet */
  size_t kept;    /* FATE_TRUNCATE: bytes at the most */
};

enum
{
  FATE_TEXT = 128
};

/* "dropped", "corrupted bit 13, delayed 20 ms", "passed"; returns text, FATE_TEXT long. */
const char *fate_text (const struct fate *fate, char *text);

/* Changes the n bytes of a packet that is not dropped as the fate says; returns how many are
 * left. */
size_t fate_change (const struct fate *fate, uint8_t *data, size_t n);

#endif

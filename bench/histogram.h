/* histogram.h - counts times by their size, to within 1/128 of it, whatever their size.
 *
 * A value below 256 has a bucket of its own; above, each power of two is cut
 * into 128 buckets of one width.  Adding costs a few instructions and no memory.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

enum
{
  HISTOGRAM_BITS = 7,
  HISTOGRAM_BUCKETS = (64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS
};

struct histogram /* all zero: empty */
{
  uint64_t total;
  uint64_t max;
  uint64_t counts[HISTOGRAM_BUCKETS];
};

static inline unsigned
histogram_bucket (uint64_t value)
{
  unsigned bits = 64 - (unsigned) __builtin_clzll (value | 1);
  unsigned shift = bits > HISTOGRAM_BITS + 1 ? bits - HISTOGRAM_BITS - 1 : 0;

  return (shift << HISTOGRAM_BITS) + (unsigned) (value >> shift);
}

static inline void
histogram_add (struct histogram *h, uint64_t value)
{
  h->total++;
  h->counts[histogram_bucket (value)]++;
  if (value > h->max)
    h->max = value;
}

/* A value that the given part of all values, 0 to 1, does not exceed: 0.99 asks
 * for the 99th percentile.  It is rounded up, never beyond the maximum; 0 where
 * nothing was added. */
uint64_t histogram_quantile (const struct histogram *h, double part);

#endif

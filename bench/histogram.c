#include "histogram.h"

/* The largest value that falls into the bucket. */
static uint64_t
bucket_end (unsigned bucket)
{
  unsigned shift = bucket >> HISTOGRAM_BITS;

  if (shift < 2)
    return bucket;
  shift--;
  return ((((uint64_t) bucket - ((uint64_t) shift << HISTOGRAM_BITS)) + 1) << shift) - 1;
}

uint64_t
histogram_quantile (const struct histogram *h, double part)
{
  double wanted = part * (double) h->total;
  uint64_t seen = 0;

  for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
    {
      seen += h->counts[i];
      if (seen > 0 && (double) seen >= wanted)
        return bucket_end (i) < h->max ? bucket_end (i) : h->max;
    }
  return h->max;
}

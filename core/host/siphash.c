#include "host/siphash.h"

static uint64_t
rotate (uint64_t x, unsigned by)
{
  return x << by | x >> (64 - by);
}

static void
rounds (uint64_t v[4], unsigned count)
{
  while (count-- > 0)
    {
      v[0] += v[1];
      v[2] += v[3];
      v[1] = rotate (v[1], 13) ^ v[0];
      v[3] = rotate (v[3], 16) ^ v[2];
      v[0] = rotate (v[0], 32);
      v[2] += v[1];
      v[0] += v[3];
      v[1] = rotate (v[1], 17) ^ v[2];
      v[3] = rotate (v[3], 21) ^ v[0];
      v[2] = rotate (v[2], 32);
    }
}

static void
absorb (uint64_t v[4], uint64_t word)
{
  v[3] ^= word;
  rounds (v, 2);
  v[0] ^= word;
}

uint64_t
siphash (const uint64_t key[2], const uint64_t *words, size_t count)
{
  uint64_t v[4] = { key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                    key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u };

  for (size_t i = 0; i < count; i++)
    absorb (v, words[i]);
  absorb (v, (uint64_t) (count * sizeof *words) << 56);
  v[2] ^= 0xff;
  rounds (v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* siphash.h - SipHash-2-4: a keyed hash of which nobody without the key can choose the outcome.
 * J.-P. Aumasson, D. J. Bernstein: SipHash, a fast short-input PRF, INDOCRYPT 2012. */
#ifndef PL_HOST_SIPHASH_H
#define PL_HOST_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* Of words of eight bytes, as they stand in memory with the lowest byte first. */
uint64_t siphash (const uint64_t key[2], const uint64_t *words, size_t count);

#endif

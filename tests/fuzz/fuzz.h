/* fuzz.h - what the fuzz targets share.  Each has an LLVMFuzzerTestOneInput: libFuzzer feeds it
 * what it makes up, replay.c what is in the corpus. */
#ifndef PL_TESTS_FUZZ_H
#define PL_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Returns 0. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Ends the program where something is not as it must be: a finding. */
#define FUZZ_EXPECT(condition) \
  do \
    if (!(condition)) \
      { \
        fprintf (stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
        abort (); \
      } \
  while (0)

/* An input that is taken from its start. */
struct fuzz_input
{
  const uint8_t *at;
  size_t left;
};

/* The next byte; 0 at the end. */
static inline uint8_t
fuzz_byte (struct fuzz_input *input)
{
  if (input->left == 0)
    return 0;
  input->left--;
  return *input->at++;
}

#endif

/* load_text.c - requests that differ from one another, and what the answers must be. */
#include "load.h"

#include <endian.h>
#include <stdlib.h>

enum
{
  LETTERS = 26,
  NUMBER = 8, /* letters of a number, sixteen values each, the lowest first */
  ALPHABET = 64 << 10,
  SHOWN = 24 + 1, /* bytes of a text that differs */
  RING_LEAST = 256 << 10
};

/* The alphabet over and over, in both cases. */
static char lower[ALPHABET + LETTERS], upper[ALPHABET + LETTERS];

static void
alphabet_make (void)
{
  if (lower[0] != '\0')
    return;
  for (size_t i = 0; i < sizeof lower; i++)
    {
      lower[i] = (char) ('a' + i % LETTERS);
      upper[i] = (char) ('A' + i % LETTERS);
    }
}

/* The number as eight letters from first on, one for each four bits. */
static uint64_t
letters (uint32_t number, char first)
{
  uint64_t x = number;

  x = (x | x << 16) & UINT64_C (0x0000ffff0000ffff);
  x = (x | x << 8) & UINT64_C (0x00ff00ff00ff00ff);
  x = (x | x << 4) & UINT64_C (0x0f0f0f0f0f0f0f0f);
  return htole64 (x + (uint64_t) first * UINT64_C (0x0101010101010101));
}

uint32_t
text_number (const char *answer)
{
  uint64_t x;

  memcpy (&x, answer, sizeof x);
  x = le64toh (x) - 'A' * UINT64_C (0x0101010101010101);
  x &= UINT64_C (0x0f0f0f0f0f0f0f0f);
  x = (x | x >> 4) & UINT64_C (0x00ff00ff00ff00ff);
  x = (x | x >> 8) & UINT64_C (0x0000ffff0000ffff);
  return (uint32_t) (x | x >> 16);
}

static void
fill (char *to, size_t size, uint64_t number, const char *alphabet, size_t begin)
{
  memcpy (to, &number, NUMBER);
  for (size_t done = NUMBER; done < size;)
    {
      size_t n = size - done < ALPHABET ? size - done : ALPHABET;

      memcpy (to + done, alphabet + begin, n);
      done += n;
      begin = (begin + n) % LETTERS;
    }
}

void
text_write (char *to, size_t size, uint32_t number)
{
  alphabet_make ();
  fill (to, size, letters (number, 'a'), lower, number % LETTERS);
}

bool
text_is_answer (const char *answer, size_t size, uint32_t number)
{
  uint64_t want = letters (number, 'A');

  return memcmp (answer, &want, NUMBER) == 0
         && memcmp (answer + NUMBER, upper + number % LETTERS, size - NUMBER) == 0;
}

void
text_show (char *to, size_t room, const char *bytes, size_t n)
{
  size_t i;

  for (i = 0; i < n && i < room - 1; i++)
    to[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '.';
  to[i] = '\0';
}

void
text_difference (char *words, size_t room, const char *got, const char *want, size_t n)
{
  char is[SHOWN], should[SHOWN];
  size_t at = 0;

  while (at < n && got[at] == want[at])
    at++;
  text_show (is, sizeof is, got + at, n - at);
  text_show (should, sizeof should, want + at, n - at);
  snprintf (words, room, "at byte %zu stands \"%s\" instead of \"%s\"", at, is, should);
}

static bool
is_prime (size_t n)
{
  for (size_t i = 2; i * i <= n; i++)
    if (n % i == 0)
      return false;
  return n > 1;
}

int
ring_make (struct run *run, struct ring *ring)
{
  size_t lines = RING_LEAST / run->plan->size;

  if (lines < 5)
    lines = 5;
  while (!is_prime (lines))
    lines++;
  ring->line = run->plan->size;
  ring->bytes = lines * ring->line;
  ring->ask = malloc (ring->bytes + RING_SLACK);
  ring->want = malloc (ring->bytes + RING_SLACK);
  if (ring->ask == NULL || ring->want == NULL)
    return run_fail (run, "no memory for %zu requests of %zu bytes", lines, ring->line);
  alphabet_make ();
  for (size_t i = 0; i < lines; i++)
    {
      size_t n = ring->line - (run->plan->newline ? 1 : 0);
      char *ask = ring->ask + i * ring->line;
      char *want = ring->want + i * ring->line;

      fill (ask, n, letters ((uint32_t) i, 'a'), lower, i % LETTERS);
      fill (want, n, letters ((uint32_t) i, 'A'), upper, i % LETTERS);
      if (run->plan->newline)
        ask[n] = want[n] = '\n';
    }
  for (size_t i = ring->bytes; i < ring->bytes + RING_SLACK; i++)
    {
      ring->ask[i] = ring->ask[i - ring->bytes];
      ring->want[i] = ring->want[i - ring->bytes];
    }
  return 0;
}

void
ring_free (struct ring *ring)
{
  free (ring->ask);
  free (ring->want);
}

size_t
ring_start (const struct ring *ring, unsigned number)
{
  size_t lines = ring->bytes / ring->line;

  return (size_t) number * UINT32_C (2654435761) % lines * ring->line;
}

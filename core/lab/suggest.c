/* suggest.c - which known word was meant by an unknown one. */
#include "lab/lab.h"

#include <ctype.h>

enum
{
  WORD_MAX = 40 /* longer words are not typing mistakes */
};

/* Case, and which dash, is never what a writer meant to differ in. */
static char
fold (char c)
{
  return c == '-' ? '_' : (char) tolower ((unsigned char) c);
}

/* How many letters must be put in, taken out, changed, or exchanged with their
 * neighbour to get from a to b (optimal string alignment). */
static size_t
distance (const char *a, const char *b)
{
  size_t na = strlen (a), nb = strlen (b);
  size_t row[3][WORD_MAX + 1];
  size_t *before = row[0], *above = row[1], *now = row[2];

  for (size_t j = 0; j <= nb; j++)
    above[j] = j;
  for (size_t i = 1; i <= na; i++)
    {
      size_t *spare = before;

      now[0] = i;
      for (size_t j = 1; j <= nb; j++)
        {
          char x = fold (a[i - 1]), y = fold (b[j - 1]);
          size_t least = above[j - 1] + (x != y);

          if (above[j] + 1 < least)
            least = above[j] + 1;
          if (now[j - 1] + 1 < least)
            least = now[j - 1] + 1;
          if (i > 1 && j > 1 && x == fold (b[j - 2]) && fold (a[i - 2]) == y
              && before[j - 2] + 1 < least)
            least = before[j - 2] + 1;
          now[j] = least;
        }
      before = above;
      above = now;
      now = spare;
    }
  return above[nb];
}

/* "idle" for "idle_ms": the unit was forgotten. */
static bool
lacks_unit (const char *word, const char *known)
{
  size_t n = strlen (word);

  return n >= 3 && strncmp (word, known, n) == 0 && known[n] == '_';
}

const char *
suggest (const char *word, const char *const *list)
{
  const char *best = NULL;
  size_t best_distance = SIZE_MAX;
  size_t n = strlen (word);

  if (n == 0 || n > WORD_MAX)
    return NULL;
  for (; *list != NULL; list++)
    {
      size_t known = strlen (*list);
      size_t d;

      if (known > WORD_MAX)
        continue;
      d = lacks_unit (word, *list) ? 1 : distance (word, *list);
      /* A third of the letters may be wrong; more would be guessing. */
      if (d <= (n > known ? n : known) / 3 && d < best_distance)
        {
          best = *list;
          best_distance = d;
        }
    }
  return best;
}

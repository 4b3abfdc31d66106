/* words.c - lists of words like "one|two|three". */
#include "lab/reader.h"

#include <stdlib.h>

const char **
words_split (const char *words)
{
  size_t size = strlen (words) + 1;
  size_t count = 1;
  const char **list;
  char *copy;

  for (const char *p = words; (p = strchr (p, '|')) != NULL; p++)
    count++;
  /* The words' own bytes stand behind the pointers. */
  list = malloc ((count + 1) * sizeof *list + size);
  if (list == NULL)
    return NULL;
  copy = memcpy (&list[count + 1], words, size);
  for (size_t i = 0; i < count; i++)
    list[i] = strsep (&copy, "|");
  list[count] = NULL;
  return list;
}

int
words_index (const char *words, const char *word)
{
  size_t n = strlen (word);
  int index = 0;

  for (const char *p = words;; p++, index++)
    {
      size_t known = strcspn (p, "|");

      if (known == n && memcmp (p, word, n) == 0)
        return index;
      p += known;
      if (*p == '\0')
        return -1;
    }
}

char *
words_choice (const char *const *words, const char *last)
{
  char *sentence = NULL;
  size_t size;
  FILE *to = open_memstream (&sentence, &size);

  if (to == NULL)
    return NULL;
  for (; *words != NULL; words++)
    fprintf (to, "\"%s\"%s", *words, words[1] == NULL ? "" : words[2] == NULL ? last : ", ");
  if (fclose (to) != 0)
    {
      free (sentence);
      return NULL;
    }
  return sentence;
}

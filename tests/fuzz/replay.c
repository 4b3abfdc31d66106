/* replay.c - gives every file of some folders to a fuzz target, without libFuzzer, and prints TAP.
 *
 * Which target this is, and so which corpus, is the program's name: NAME_replay.  FUZZ_ALSO names
 * more folders, below $srcdir or $builddir. */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

#ifndef FUZZ_ALSO
#define FUZZ_ALSO ""
#endif

static char *
file_bytes (const char *path, size_t *size)
{
  FILE *from = fopen (path, "rb");
  FILE *to;
  char *bytes = NULL, part[4096];
  size_t n;

  if (from == NULL)
    return NULL;
  to = open_memstream (&bytes, size);
  FUZZ_EXPECT (to != NULL);
  while ((n = fread (part, 1, sizeof part, from)) > 0)
    FUZZ_EXPECT (fwrite (part, 1, n, to) == n);
  fclose (from);
  FUZZ_EXPECT (fclose (to) == 0);
  return bytes;
}

/* How many files there were. */
static unsigned
replay_folder (const char *folder)
{
  struct dirent **entries;
  int count = scandir (folder, &entries, NULL, alphasort);
  unsigned done = 0;

  for (int i = 0; i < count; i++)
    {
      char path[4096];
      size_t size;
      char *bytes = NULL;

      snprintf (path, sizeof path, "%s/%s", folder, entries[i]->d_name);
      if (entries[i]->d_type != DT_DIR)
        bytes = file_bytes (path, &size);
      if (bytes != NULL)
        {
          /* Where it ends in it, the last line says with what. */
          printf ("# %s\n", path);
          fflush (stdout);
          LLVMFuzzerTestOneInput ((const uint8_t *) bytes, size);
          done++;
        }
      free (bytes);
      free (entries[i]);
    }
  if (count != -1)
    free (entries);
  return done;
}

static const char *
root_of (const char *variable)
{
  const char *root = getenv (variable);

  return root == NULL ? "." : root;
}

int
main (int argc, char **argv)
{
  static const char suffix[] = "_replay";
  const char *slash = strrchr (argv[0], '/');
  const char *name = slash == NULL ? argv[0] : slash + 1;
  char path[4096], also[] = FUZZ_ALSO;
  unsigned own, others = 0;
  size_t n = strlen (name);

  (void) argc;
  if (n > strlen (suffix) && strcmp (name + n - strlen (suffix), suffix) == 0)
    n -= strlen (suffix);
  printf ("1..2\n");
  snprintf (path, sizeof path, "%s/tests/fuzz/corpus/%.*s", root_of ("srcdir"), (int) n, name);
  own = replay_folder (path);
  printf ("%s 1 - %u files of the corpus of %.*s\n", own > 0 ? "ok" : "not ok", own, (int) n, name);
  for (char *folder = strtok (also, " "); folder != NULL; folder = strtok (NULL, " "))
    {
      snprintf (path, sizeof path, "%s/%s", root_of ("srcdir"), folder);
      others += replay_folder (path);
      snprintf (path, sizeof path, "%s/%s", root_of ("builddir"), folder);
      others += replay_folder (path);
    }
  LLVMFuzzerTestOneInput ((const uint8_t *) "", 0);
  printf ("ok 2 - %u other files, and nothing at all\n", others);
  return own > 0 ? 0 : 1;
}

/* replay.c - gives every file of some folders to a fuzz target, without libFuzzer, and prints TAP.
 *
 * Which target this is, and so which corpus, is the program's name: NAME_replay. */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

/* Folders of other tests, below $srcdir or $builddir, that hold inputs too. */
static const struct
{
  const char *name;
  const char *folders[4];
} also[] = {
  { "scan", { "labs", "tests/fixtures/labs/good", "tests/fixtures/labs/bad" } },
  { "rules", { "labs", "tests/fixtures/labs/good", "tests/fixtures/labs/bad" } },
  { "elf", { "tests/fixtures/plugins", "plugins", "transforms" } },
};

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

/* Files of the folders that another test has. */
static unsigned
replay_others (const char *name)
{
  static const char *const roots[] = { "srcdir", "builddir" };
  unsigned done = 0;
  char path[4096];

  for (size_t i = 0; i < sizeof also / sizeof also[0]; i++)
    for (size_t j = 0; strcmp (also[i].name, name) == 0 && also[i].folders[j] != NULL; j++)
      for (size_t k = 0; k < 2; k++)
        {
          snprintf (path, sizeof path, "%s/%s", root_of (roots[k]), also[i].folders[j]);
          done += replay_folder (path);
        }
  return done;
}

int
main (int argc, char **argv)
{
  const char *slash = strrchr (argv[0], '/');
  char name[64], path[4096];
  unsigned own, others;

  (void) argc;
  snprintf (name, sizeof name, "%s", slash == NULL ? argv[0] : slash + 1);
  name[strcspn (name, "_")] = '\0';
  printf ("1..2\n");
  snprintf (path, sizeof path, "%s/tests/fuzz/corpus/%s", root_of ("srcdir"), name);
  own = replay_folder (path);
  printf ("%s 1 - %u files of the corpus of %s\n", own > 0 ? "ok" : "not ok", own, name);
  others = replay_others (name);
  LLVMFuzzerTestOneInput ((const uint8_t *) "", 0);
  printf ("ok 2 - %u other files, and nothing at all\n", others);
  return own > 0 ? 0 : 1;
}

/* bad_labs_test.c - each bad descriptor of the fixtures gets exactly its report.
 *
 *   bad_labs_test          compares
 *   bad_labs_test --write  writes the reports down, to be read before they are kept
 */
#include "fake_plugins.h"
#include "unit.h"

#include <dirent.h>

static char folder[4096];

static char *
slurp (const char *path, size_t *size)
{
  FILE *from = fopen (path, "r");
  char *text = calloc (1, 2 << 20);

  assert_non_null (text);
  *size = from == NULL ? 0 : fread (text, 1, (2 << 20) - 1, from);
  if (from != NULL)
    fclose (from);
  return text;
}

/* The report on a descriptor, as it is shown. */
static char *
report_on (const char *name)
{
  char path[sizeof folder + 300];
  struct report report;
  char *shown = NULL;
  size_t size;
  char *text;
  FILE *to;

  snprintf (path, sizeof path, "%s/%s", folder, name);
  text = slurp (path, &size);
  report_init (&report, name);
  assert_null (lab_parse (text, size, &fake_plugins, &report));
  to = open_memstream (&shown, &size);
  report_write (&report, to);
  fclose (to);
  report_free (&report);
  free (text);
  return shown;
}

static void
golden_path (const char *name, char *path, size_t size)
{
  snprintf (path, size, "%s/%.*s.err", folder, (int) (strlen (name) - strlen (".json")), name);
}

static int
is_descriptor (const struct dirent *entry)
{
  size_t n = strlen (entry->d_name);

  return n > 5 && strcmp (entry->d_name + n - 5, ".json") == 0;
}

static void
compare_all (void **state)
{
  struct dirent **list;
  char path[sizeof folder + 300];
  int wrong = 0;
  int count = scandir (folder, &list, is_descriptor, alphasort);

  (void) state;
  assert_true (count >= 60);
  for (int i = 0; i < count; i++)
    {
      size_t size;
      char *shown = report_on (list[i]->d_name);
      char *golden;

      golden_path (list[i]->d_name, path, sizeof path);
      golden = slurp (path, &size);
      if (strcmp (golden, shown) != 0)
        {
          print_error ("%s: wanted\n%sgot\n%s", list[i]->d_name, golden, shown);
          wrong++;
        }
      free (golden);
      free (shown);
      free (list[i]);
    }
  free (list);
  assert_int_equal (wrong, 0);
}

static int
write_all (void)
{
  struct dirent **list;
  char path[sizeof folder + 300];
  int count = scandir (folder, &list, is_descriptor, alphasort);

  for (int i = 0; i < count; i++)
    {
      char *shown = report_on (list[i]->d_name);
      FILE *to;

      golden_path (list[i]->d_name, path, sizeof path);
      to = fopen (path, "w");
      if (to == NULL || fputs (shown, to) == EOF || fclose (to) != 0)
        {
          perror (path);
          return 1;
        }
      free (shown);
      free (list[i]);
    }
  free (list);
  return 0;
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (compare_all) };
  const char *srcdir = getenv ("srcdir");

  snprintf (folder, sizeof folder, "%s/tests/fixtures/labs/bad", srcdir == NULL ? "." : srcdir);
  if (argc == 2 && strcmp (argv[1], "--write") == 0)
    return write_all ();
  cmocka_set_message_output (CM_OUTPUT_TAP);
  return cmocka_run_group_tests (tests, NULL, NULL);
}

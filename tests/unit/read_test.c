/* read_test.c - from a file to a lab. */
#include "fake_plugins.h"
#include "unit.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define GOOD "{ \"transport\": \"udp\", \"transform\": \"echo\", \"port\": 12000 }"

static struct report report;

static void
names_after_files (void **state)
{
  static const char *const names[][2] = {
    { "labs/a.b.json", "a.b" },        { "plain", "plain" },
    { "/x/my lab.json", "my-lab" },    { "x/.json", ".json" },
    { "x/gr\303\274n.json", "gr--n" }, { "x/", "lab" },
  };

  (void) state;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
      struct lab *lab;

      report_init (&report, names[i][0]);
      lab = lab_parse (GOOD, strlen (GOOD), &fake_plugins, &report);
      assert_non_null (lab);
      assert_string_equal (lab->name, names[i][1]);
      lab_free (lab);
      report_free (&report);
    }
}

static void
write_file (const char *path, const char *text)
{
  FILE *to = fopen (path, "w");

  assert_non_null (to);
  assert_true (fputs (text, to) >= 0);
  assert_int_equal (fclose (to), 0);
}

static void
bad_file (const char *path, const char *message, const char *remedy)
{
  report_init (&report, path);
  assert_null (lab_read (&fake_plugins, &report));
  assert_int_equal (report.count, 1);
  assert_int_equal (report.list[0].line, 0);
  assert_string_equal (report.list[0].message, message);
  assert_string_equal (report.list[0].remedy, remedy);
  report_free (&report);
}

static void
files (void **state)
{
  char folder[] = "/tmp/rules_test.XXXXXX";
  char path[64], stem[64], sentence[96];
  struct lab *lab;

  (void) state;
  assert_non_null (mkdtemp (folder));
  snprintf (stem, sizeof stem, "%s/a", folder);
  snprintf (path, sizeof path, "%s/a.json", folder);
  bad_file (path, "No such file or directory", "Is the name right?");
  bad_file (folder, "Is a directory", "Name the .json file inside of it");

  write_file (path, GOOD);
  snprintf (sentence, sizeof sentence, "Did you mean %s?", path);
  bad_file (stem, "No such file or directory", sentence);
  report_init (&report, path);
  lab = lab_read (&fake_plugins, &report);
  assert_non_null (lab);
  assert_string_equal (lab->path, path);
  lab_free (lab);
  report_free (&report);

  /* root may read everything */
  assert_int_equal (chmod (path, 0), 0);
  if (access (path, R_OK) == -1)
    bad_file (path, "Permission denied", "Ask its owner, or look at its permissions with ls -l");
  assert_int_equal (unlink (path), 0);
  assert_int_equal (rmdir (folder), 0);
}

/* The good descriptors of the fixtures, from their files. */
static void
good_labs (void **state)
{
  const char *srcdir = getenv ("srcdir");
  char folder[4096], path[4400];
  struct dirent *entry;
  int count = 0;
  DIR *labs;

  (void) state;
  snprintf (folder, sizeof folder, "%s/tests/fixtures/labs/good", srcdir == NULL ? "." : srcdir);
  labs = opendir (folder);
  assert_non_null (labs);
  while ((entry = readdir (labs)) != NULL)
    {
      struct lab *lab;

      if (strstr (entry->d_name, ".json") == NULL)
        continue;
      snprintf (path, sizeof path, "%s/%s", folder, entry->d_name);
      report_init (&report, path);
      lab = lab_read (&fake_plugins, &report);
      if (lab == NULL)
        {
          report_write (&report, stderr);
          fail_msg ("%s", path);
        }
      lab_free (lab);
      report_free (&report);
      count++;
    }
  closedir (labs);
  assert_true (count >= 6);
}

UNIT_MAIN (cmocka_unit_test (names_after_files), cmocka_unit_test (files),
           cmocka_unit_test (good_labs))

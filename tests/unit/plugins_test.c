/* plugins_test.c - plugins are found, loaded, listed and closed. */
#include "host/load.h"
#include "plugin_files.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/stat.h>

/* ------------------------------------------------------------------- sound -- */

static void
sound_ones (void **state)
{
  static const char *const names[]
      = { "big",          "closer",       "crash",  "failing",     "greeter",
          "listen_fails", "longer_table", "noter",  "older_table", "setup_fails",
          "setup_silent", "shout",        "silent", "twice",       "wrong_kind" };
  struct plugins *plugins = plugins_in ("");

  (void) state;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
      const struct pl_plugin *plugin
          = plugins_open (plugins, fixture (names[i]), message, remedy, sizeof message);

      assert_string_equal (message, "");
      assert_non_null (plugin);
      assert_string_equal (plugin->name, names[i]);
      assert_int_equal (plugin->struct_size, sizeof *plugin);
      assert_string_equal (plugins_path (plugins, plugin), fixture (names[i]));
      assert_ptr_equal (plugins_open (plugins, fixture (names[i]), message, remedy, sizeof message),
                        plugin);
    }
  plugins_free (plugins);
}

static void
tables_of_other_lengths (void **state)
{
  struct plugins *plugins = plugins_in ("");
  const struct pl_plugin *older
      = plugins_open (plugins, fixture ("older_table"), message, remedy, sizeof message);
  const struct pl_plugin *longer
      = plugins_open (plugins, fixture ("longer_table"), message, remedy, sizeof message);

  (void) state;
  assert_non_null (older);
  assert_non_null (older->transform->message);
  assert_null (older->transform->close);
  assert_int_equal (older->transform->struct_size, sizeof (struct pl_transform));
  assert_non_null (longer);
  assert_non_null (longer->transform->message);
  assert_int_equal (longer->transform->struct_size, sizeof (struct pl_transform));
  plugins_free (plugins);
}

/* ------------------------------------------------------------------ search -- */

/* A folder of folders:
 *   a/transforms/silent.so      sound
 *   a/transforms/wrong_kind.so  a transport
 *   a/transports/shout.so       a transform
 *   b/                          all of the fixtures, of whatever kind */
static void
link_into (const char *folder, const char *name)
{
  char path[SIZE], *target = realpath (fixture (name), NULL);

  snprintf (path, sizeof path, "%s/%s/%s.so", scratch, folder, name);
  assert_non_null (target);
  assert_int_equal (symlink (target, path), 0);
  free (target);
}

static struct plugins *
search_tree (void)
{
  char list[SIZE], *target = realpath (fixtures (), NULL);

  mkdir (scratch_path ("a"), 0700);
  mkdir (scratch_path ("a/transforms"), 0700);
  mkdir (scratch_path ("a/transports"), 0700);
  link_into ("a/transforms", "silent");
  link_into ("a/transforms", "wrong_kind");
  link_into ("a/transports", "shout");
  assert_int_equal (symlink (target, scratch_path ("b")), 0);
  free (target);
  snprintf (list, sizeof list, "%s/none::%s/a:%s/b", scratch, scratch, scratch);
  return plugins_in (list);
}

static void
remove_search_tree (struct plugins *plugins)
{
  static const char *const files[] = { "a/transforms/silent.so",
                                       "a/transforms/wrong_kind.so",
                                       "a/transports/shout.so",
                                       "a/transforms",
                                       "a/transports",
                                       "a",
                                       "b" };

  plugins_free (plugins);
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    assert_int_equal (remove (scratch_path (files[i])), 0);
}

static void
finds (void **state)
{
  struct plugins *plugins = search_tree ();
  const struct pl_plugin *plugin
      = plugins_find (plugins, PL_KIND_TRANSFORM, "silent", message, remedy, SIZE);

  (void) state;
  assert_non_null (plugin);
  assert_string_equal (plugins_path (plugins, plugin), scratch_path ("a/transforms/silent.so"));
  plugin = plugins_find (plugins, PL_KIND_TRANSFORM, "shout", message, remedy, SIZE);
  assert_non_null (plugin);
  assert_string_equal (plugins_path (plugins, plugin), scratch_path ("b/shout.so"));
  plugin = plugins_find (plugins, PL_KIND_TRANSPORT, "wrong_kind", message, remedy, SIZE);
  assert_non_null (plugin);
  assert_string_equal (plugins_path (plugins, plugin), scratch_path ("b/wrong_kind.so"));
  remove_search_tree (plugins);
}

static void
does_not_find (void **state)
{
  struct plugins *plugins = search_tree ();
  char sentence[SIZE];

  (void) state;
  assert_null (plugins_find (plugins, PL_KIND_TRANSFORM, "wrong_kind", message, remedy, SIZE));
  snprintf (sentence, sizeof sentence, "%s: is a transport, and lies among the transforms",
            scratch_path ("a/transforms/wrong_kind.so"));
  assert_string_equal (message, sentence);
  assert_string_equal (remedy, "Move it to the transports");

  assert_null (plugins_find (plugins, PL_KIND_TRANSPORT, "silent", message, remedy, SIZE));
  assert_string_equal (message, "\"silent\" is a transform, not a transport");
  assert_string_equal (remedy, "Name it under \"transform\"");

  assert_null (plugins_find (plugins, PL_KIND_TRANSFORM, "shuot", message, remedy, SIZE));
  assert_string_equal (message, "no transform \"shuot\"");
  snprintf (sentence, sizeof sentence,
            "Did you mean \"shout\"? Looked in %s/none (not there), %s/a, %s/a/transforms, %s/b",
            scratch, scratch, scratch, scratch);
  assert_int_equal (strncmp (remedy, sentence, strlen (sentence)), 0);
  assert_non_null (strstr (remedy, PL_LIBDIR "/protolab/transforms"));
  assert_null (strstr (remedy, "transports"));

  assert_null (plugins_find (plugins, PL_KIND_TRANSPORT, "../b/silent", message, remedy, SIZE));
  assert_string_equal (message, "no transport \"../b/silent\"");
  assert_int_equal (strncmp (remedy, "Looked in ", 10), 0);
  assert_null (plugins_find (plugins, PL_KIND_TRANSFORM, "bad_magic", message, remedy, SIZE));
  assert_non_null (strstr (message, "/b/bad_magic.so: its magic number is"));
  remove_search_tree (plugins);
}

/* A report's buffers are short, and a path may be long. */
static void
short_buffers (void **state)
{
  struct plugins *plugins = plugins_in (fixtures ());
  char two[2][16] = { "", "" };

  (void) state;
  assert_null (plugins_find (plugins, PL_KIND_TRANSFORM, "shuot", two[0], two[1], 16));
  assert_string_equal (two[0], "no transform \"s");
  assert_string_equal (two[1], "Did you mean \"s");
  plugins_free (plugins);
}

static void
lists (void **state)
{
  struct plugins *plugins = search_tree ();
  size_t count;
  struct plugin_entry *list = plugins_list (plugins, &count);
  size_t silent = 0, broken_count = 0;

  (void) state;
  assert_non_null (list);
  for (size_t i = 0; i < count; i++)
    {
      assert_true ((list[i].plugin == NULL) == (list[i].problem != NULL));
      broken_count += list[i].plugin == NULL;
      if (i > 0)
        assert_true (
            list[i - 1].kind < list[i].kind
            || (list[i - 1].kind == list[i].kind && strcmp (list[i - 1].name, list[i].name) <= 0));
      if (strcmp (list[i].name, "silent") == 0)
        assert_int_equal (list[i].shadowed, silent++ == 1);
    }
  assert_int_equal (silent, 2);
  /* The broken fixtures, and the two in folders of the other kind. */
  assert_in_range (broken_count, 19, 20);
  plugins_list_free (list, count);
  remove_search_tree (plugins);
}

/* ----------------------------------------------------------------- closing -- */

static bool
is_in_memory (const char *path)
{
  void *handle = dlopen (path, RTLD_NOW | RTLD_NOLOAD);

  if (handle != NULL)
    dlclose (handle);
  return handle != NULL;
}

static void
load_and_close (int times)
{
  for (int i = 0; i < times; i++)
    {
      struct plugins *plugins = plugins_in (fixtures ());

      assert_non_null (plugins_find (plugins, PL_KIND_TRANSFORM, "shout", message, remedy, SIZE));
      assert_null (plugins_find (plugins, PL_KIND_TRANSFORM, "bad_magic", message, remedy, SIZE));
      plugins_free (plugins);
    }
}

/* What the process has mapped: how many mappings, and how many of them are of plugins. */
static size_t
mappings (size_t *of_plugins)
{
  FILE *maps = fopen ("/proc/self/maps", "r");
  char line[PATH_MAX + 128];
  size_t count = 0;

  *of_plugins = 0;
  assert_non_null (maps);
  for (; fgets (line, sizeof line, maps) != NULL; count++)
    *of_plugins += strstr (line, "/shout.so") != NULL || strstr (line, "/bad_magic.so") != NULL;
  fclose (maps);
  return count;
}

/* No memory and no mapping is left behind.  The first loads are not counted: the loader keeps
 * what it needs for its own work.  A sanitizer's build keeps all plugins, each once. */
static void
a_thousand_times (void **state)
{
  size_t mapped, of_plugins, after, of_plugins_after;
  struct mallinfo2 before;

  (void) state;
  load_and_close (10);
  mapped = mappings (&of_plugins);
  before = mallinfo2 ();
  load_and_close (1000);
  assert_in_range (mallinfo2 ().uordblks, 0, before.uordblks + 1000);
  assert_in_range (mallinfo2 ().hblks, 0, before.hblks);
  after = mappings (&of_plugins_after);
  assert_int_equal (of_plugins_after, of_plugins);
#ifndef __SANITIZE_ADDRESS__
  assert_int_equal (of_plugins, 0);
  assert_in_range (after, 0, mapped + 2); /* the heap may have got a part more */
#else
  (void) after;
  (void) mapped;
#endif
  assert_false (is_in_memory (fixture ("bad_magic")));
}

static void
keeps_when_told (void **state)
{
  struct plugins *plugins = plugins_in (fixtures ());

  (void) state;
  assert_non_null (plugins_find (plugins, PL_KIND_TRANSFORM, "twice", message, remedy, SIZE));
  assert_int_equal (setenv ("PROTOLAB_KEEP_PLUGINS", "1", 1), 0);
  plugins_free (plugins);
  assert_int_equal (unsetenv ("PROTOLAB_KEEP_PLUGINS"), 0);
  assert_true (is_in_memory (fixture ("twice")));
}

/* Really closed: the other half of the switch.  A sanitizer's build keeps all. */
static void
closes (void **state)
{
  struct loaded *loaded
      = load_file (fixture ("closer"), &(struct refusal){ message, remedy, SIZE });

  (void) state;
  assert_non_null (loaded);
  assert_true (is_in_memory (fixture ("closer")));
  load_free (loaded, true);
#ifndef __SANITIZE_ADDRESS__
  assert_false (is_in_memory (fixture ("closer")));
#endif
}

PLUGIN_FILES_MAIN (cmocka_unit_test (closes), cmocka_unit_test (sound_ones),
                   cmocka_unit_test (tables_of_other_lengths), cmocka_unit_test (finds),
                   cmocka_unit_test (does_not_find), cmocka_unit_test (short_buffers),
                   cmocka_unit_test (lists), cmocka_unit_test (a_thousand_times),
                   cmocka_unit_test (keeps_when_told))

/* plugin_files.h - what the tests of the loader share: the fixtures' files, and a folder of their
 * own. */
#ifndef PL_TESTS_PLUGIN_FILES_H
#define PL_TESTS_PLUGIN_FILES_H

#include "host/plugins.h"
#include "unit.h"

#include <limits.h>
#include <unistd.h>

enum
{
  SIZE = 2 * PATH_MAX
};

static char message[SIZE], remedy[SIZE];

static inline const char *
from_environment (const char *name, const char *preset)
{
  const char *value = getenv (name);

  return value == NULL ? preset : value;
}

static inline const char *
fixtures (void)
{
  return from_environment ("PROTOLAB_FIXTURE_PLUGINS", "tests/fixtures/plugins");
}

static inline const char *
fixture (const char *name)
{
  static char path[PATH_MAX];

  snprintf (path, sizeof path, "%s/%s.so", fixtures (), name);
  return path;
}

static inline struct plugins *
plugins_in (const char *folders)
{
  struct plugins *plugins;

  assert_int_equal (setenv ("PROTOLAB_PLUGIN_PATH", folders, 1), 0);
  plugins = plugins_new ();
  assert_non_null (plugins);
  return plugins;
}

/* A folder of its own, and a path in it. */
static char scratch[] = "/tmp/plugins_test.XXXXXX";

static inline const char *
scratch_path (const char *name)
{
  static char path[PATH_MAX];

  snprintf (path, sizeof path, "%s/%s", scratch, name);
  return path;
}

/* As UNIT_MAIN, with the folder made before and removed after. */
#define PLUGIN_FILES_MAIN(...) \
  int main (void) \
  { \
    const struct CMUnitTest tests[] = { __VA_ARGS__ }; \
    int failed; \
\
    cmocka_set_message_output (CM_OUTPUT_TAP); \
    unsetenv ("PROTOLAB_KEEP_PLUGINS"); \
    if (mkdtemp (scratch) == NULL) \
      return 1; \
    failed = cmocka_run_group_tests (tests, NULL, NULL); \
    rmdir (scratch); \
    return failed; \
  }

#endif

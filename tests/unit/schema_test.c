/* schema_test.c - the schema where there are no plugins, and where memory runs out. */
#include "lab/schema.h"
#include "fake_plugins.h"
#include "unit.h"

#include <cjson/cJSON.h>

/* The fake plugins, as the writer of schemas gets them. */
static const struct pl_plugin *plugins[3];

static void
find_plugins (void)
{
  static const char *const names[] = { "udp", "http", "repeat" };
  char message[256], remedy[256];

  for (size_t i = 0; i < 3; i++)
    {
      plugins[i]
          = fake_plugins.find (fake_plugins.self, i == 0 ? PL_KIND_TRANSPORT : PL_KIND_TRANSFORM,
                               names[i], message, remedy, sizeof message);
      assert_non_null (plugins[i]);
    }
}

/* A list of no shapes would be no schema: nothing can be named. */
static void
no_plugins (void **state)
{
  char *text = schema_text (NULL, 0);
  cJSON *schema = cJSON_Parse (text);
  const cJSON *definitions = cJSON_GetObjectItem (schema, "definitions");

  (void) state;
  assert_true (cJSON_IsFalse (cJSON_GetObjectItem (definitions, "transport")));
  assert_true (cJSON_IsFalse (cJSON_GetObjectItem (definitions, "transform")));
  cJSON_Delete (schema);
  free (text);
}

/* ------------------------------------------------------------------ memory -- */

static size_t left, held; /* allocations that will succeed; that are not freed yet */

static void *
scarce (size_t size)
{
  void *memory = left == 0 ? NULL : malloc (size);

  if (memory != NULL)
    {
      left--;
      held++;
    }
  return memory;
}

static void
given_back (void *memory)
{
  held -= memory != NULL;
  free (memory);
}

static void
out_of_memory (void **state)
{
  cJSON_Hooks hooks = { scarce, given_back };
  char *text = NULL;
  size_t tries = 0;

  (void) state;
  find_plugins ();
  cJSON_InitHooks (&hooks);
  for (; text == NULL && tries < 100000; tries++)
    {
      left = tries;
      text = schema_text (plugins, 3);
      assert_int_equal (held, text == NULL ? 0 : 1);
    }
  cJSON_InitHooks (NULL);
  assert_true (tries > 500);
  assert_non_null (strstr (text, "\"http\""));
  free (text);
}

UNIT_MAIN (cmocka_unit_test (no_plugins), cmocka_unit_test (out_of_memory))

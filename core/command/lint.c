#include "command/command.h"
#include "host/plugins.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static void
add_diagnostic (cJSON *list, const struct report *report, const struct diagnostic *at)
{
  cJSON *object = cJSON_CreateObject ();

  cJSON_AddStringToObject (object, "file", report->path);
  if (at->line != 0)
    {
      cJSON_AddNumberToObject (object, "line", at->line);
      cJSON_AddNumberToObject (object, "column", at->column);
    }
  cJSON_AddStringToObject (object, "message", at->message);
  if (at->remedy != NULL)
    cJSON_AddStringToObject (object, "remedy", at->remedy);
  cJSON_AddItemToArray (list, object);
}

/* Whether the file is a good lab; what is wrong goes to the list, or, without one, to stderr. */
static bool
lint (const char *path, struct plugins *plugins, cJSON *list)
{
  struct lab_plugins finder = { .find = plugins_find, .self = plugins };
  struct report report;
  struct lab *lab;

  report_init (&report, path);
  lab = lab_read (&finder, &report);
  if (list == NULL)
    report_write (&report, stderr);
  for (size_t i = 0; list != NULL && i < report.count; i++)
    add_diagnostic (list, &report, &report.list[i]);
  if (report.out_of_memory)
    complain (path, "out of memory");
  report_free (&report);
  lab_free (lab);
  return lab != NULL;
}

int
command_lint (struct invocation *in)
{
  struct plugins *plugins = plugins_new ();
  cJSON *list = in->json ? cJSON_CreateArray () : NULL;
  int bad = 0;

  if (plugins == NULL || (in->json && list == NULL))
    {
      complain ("lint", "out of memory");
      return STATUS_OUR_FAULT;
    }
  for (int i = 0; i < in->argc; i++)
    {
      bool good = lint (in->argv[i], plugins, list);

      bad += !good;
      if (good && !in->json)
        printf ("%s: ok\n", in->argv[i]);
    }
  if (in->json)
    {
      char *text = cJSON_Print (list);

      puts (text != NULL ? text : "[]");
      cJSON_free (text);
      cJSON_Delete (list);
    }
  plugins_free (plugins);
  return bad > 0 ? STATUS_USAGE : STATUS_DONE;
}

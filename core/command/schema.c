/* schema.c - protolab schema: the descriptor's JSON Schema. */
#include "lab/schema.h"
#include "command/command.h"
#include "host/plugins.h"

#include <stdlib.h>

/* Those of the entries that a lab can name; a list to be freed.  NULL: no memory. */
static const struct pl_plugin **
usable (const struct plugin_entry *entries, size_t *count)
{
  const struct pl_plugin **list = calloc (*count + 1, sizeof *list);
  size_t n = 0;

  for (size_t i = 0; list != NULL && i < *count; i++)
    if (entries[i].plugin == NULL)
      complain (NULL, "left out: %s", entries[i].problem);
    else if (!entries[i].shadowed)
      list[n++] = entries[i].plugin;
  *count = n;
  return list;
}

int
command_schema (struct invocation *in)
{
  struct plugins *plugins = plugins_new ();
  size_t found = 0, count;
  struct plugin_entry *entries = plugins == NULL ? NULL : plugins_list (plugins, &found);
  const struct pl_plugin **list = NULL;
  char *text = NULL;
  int status;

  count = found;
  if (entries != NULL)
    list = usable (entries, &count);
  if (list != NULL)
    text = schema_text (list, count);
  if (text != NULL)
    puts (text);
  else
    complain (in->command->name, "out of memory");

  status = text != NULL ? STATUS_DONE : STATUS_OUR_FAULT;
  free (text);
  free (list);
  if (entries != NULL)
    plugins_list_free (entries, found);
  plugins_free (plugins);
  return status;
}

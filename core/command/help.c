/* help.c - protolab help: what a command, a plugin or a lab does and takes. */
#include "command/about_plugin.h"
#include "command/command.h"
#include "host/plugins.h"
#include "lab/describe.h"

#include <stdlib.h>

enum
{
  ERROR_SIZE = 4096
};

static enum status
out_of_memory (void)
{
  complain ("help", "out of memory");
  return STATUS_OUR_FAULT;
}

static enum status
write_json (cJSON *json)
{
  char *text = cJSON_Print (json);

  cJSON_Delete (json);
  if (text == NULL)
    return out_of_memory ();
  puts (text);
  cJSON_free (text);
  return STATUS_DONE;
}

static bool
ends_in (const char *text, const char *end)
{
  size_t n = strlen (text), m = strlen (end);

  return n >= m && strcmp (text + n - m, end) == 0;
}

/* -------------------------------------------------------------------- labs -- */

static cJSON *
json_of_lab (const struct lab *lab)
{
  cJSON *object = cJSON_CreateObject ();
  cJSON *list;
  char framing[32];

  cJSON_AddStringToObject (object, "file", lab->path);
  cJSON_AddStringToObject (object, "name", lab->name);
  if (lab->title != NULL)
    cJSON_AddStringToObject (object, "title", lab->title);
  if (lab->about != NULL)
    cJSON_AddStringToObject (object, "about", lab->about);
  cJSON_AddStringToObject (object, "transport", lab->transport.name);
  list = cJSON_AddArrayToObject (object, "transform");
  for (size_t i = 0; i < lab->transform_count; i++)
    cJSON_AddItemToArray (list, cJSON_CreateString (lab->transforms[i].name));
  cJSON_AddStringToObject (object, "host", lab->host);
  cJSON_AddNumberToObject (object, "port", lab->port);
  cJSON_AddStringToObject (object, "framing", framing_name (lab->framing, framing, sizeof framing));
  return object;
}

static enum status
help_lab (const struct invocation *in, struct plugins *plugins, const char *path)
{
  const struct lab_plugins finder = { .find = plugins_find, .self = plugins };
  enum status status = STATUS_DONE;
  struct report report;
  struct lab *lab;

  report_init (&report, path);
  lab = lab_read (&finder, &report);
  report_write (&report, stderr);
  if (lab == NULL)
    status = report.out_of_memory ? STATUS_OUR_FAULT : STATUS_USAGE;
  else if (in->json)
    status = write_json (json_of_lab (lab));
  else
    lab_describe (lab, stdout);
  report_free (&report);
  lab_free (lab);
  return status;
}

/* ----------------------------------------------------------------- plugins -- */

/* Adds what a file holds to the list, or, where that is NULL, prints it. */
static enum status
help_file (struct plugins *plugins, const char *path, cJSON *list, bool is_first)
{
  char message[ERROR_SIZE], remedy[ERROR_SIZE];
  const struct pl_plugin *plugin = plugins_open (plugins, path, message, remedy, sizeof message);

  if (plugin == NULL)
    {
      complain (NULL, "%s", message);
      if (*remedy != '\0')
        advise ("%s%s", remedy, ends_in (remedy, "?") ? "" : ".");
      return STATUS_USAGE;
    }
  if (list != NULL)
    {
      cJSON_AddItemToArray (list, about_plugin_json (plugin, path));
      return STATUS_DONE;
    }
  if (!is_first)
    putchar ('\n');
  about_plugin (plugin, path, stdout);
  return STATUS_DONE;
}

/* Nothing has that name. */
static enum status
help_unknown (const char *name, const struct plugin_entry *entries, size_t count)
{
  size_t n = 0;
  const char **known;
  const char *meant;

  while (commands[n].name != NULL)
    n++;
  known = calloc (n + count + 1, sizeof *known);
  if (known == NULL)
    return out_of_memory ();
  for (size_t i = 0; i < n; i++)
    known[i] = commands[i].name;
  for (size_t i = 0; i < count; i++)
    known[n + i] = entries[i].name;
  meant = suggest (name, known);
  complain (NULL, "\"%s\": no such command or plugin", name);
  if (meant != NULL)
    advise ("Did you mean \"%s\"?", meant);
  else
    advise ("\"protolab list\" shows all plugins and labs; a lab is named by its file.");
  free (known);
  return STATUS_USAGE;
}

/* All that has that name: a transport, a transform, or both. */
static enum status
help_name (struct plugins *plugins, const char *name, cJSON *list)
{
  size_t count, found = 0;
  struct plugin_entry *entries = plugins_list (plugins, &count);
  enum status status = STATUS_DONE;

  if (entries == NULL)
    return out_of_memory ();
  for (size_t i = 0; i < count; i++)
    if (strcmp (entries[i].name, name) == 0 && !entries[i].shadowed)
      {
        enum status one = help_file (plugins, entries[i].path, list, found++ == 0);

        status = one != STATUS_DONE ? one : status;
      }
  if (found == 0)
    status = help_unknown (name, entries, count);
  plugins_list_free (entries, count);
  return status;
}

static enum status
help_plugin (const struct invocation *in, struct plugins *plugins, const char *name)
{
  bool is_file = strchr (name, '/') != NULL || ends_in (name, ".so");
  cJSON *list = in->json ? cJSON_CreateArray () : NULL;
  enum status status;

  if (in->json && list == NULL)
    return out_of_memory ();
  status = is_file ? help_file (plugins, name, list, true) : help_name (plugins, name, list);
  if (list != NULL && cJSON_GetArraySize (list) > 0)
    {
      enum status written = write_json (list);

      return status != STATUS_DONE ? status : written;
    }
  cJSON_Delete (list);
  return status;
}

/* ---------------------------------------------------------------- commands -- */

static enum status
help_command (const struct invocation *in, const char *name)
{
  char *text = NULL;
  enum status status;
  cJSON *object;
  size_t size;
  FILE *to;

  if (!in->json)
    return command_usage (name, stdout) == 0 ? STATUS_DONE : STATUS_USAGE;
  to = open_memstream (&text, &size);
  if (to == NULL)
    return out_of_memory ();
  command_usage (name, to);
  fclose (to);
  object = cJSON_CreateObject ();
  cJSON_AddStringToObject (object, "usage", text == NULL ? "" : text);
  status = write_json (object);
  free (text);
  return status;
}

int
command_help (struct invocation *in)
{
  const char *name = in->argc == 0 ? NULL : in->argv[0];
  struct plugins *plugins;
  enum status status;

  if (name == NULL || command_find (name) != NULL)
    return (int) help_command (in, name);
  plugins = plugins_new ();
  if (plugins == NULL)
    return (int) out_of_memory ();
  status = ends_in (name, ".json") ? help_lab (in, plugins, name) : help_plugin (in, plugins, name);
  plugins_free (plugins);
  return (int) status;
}

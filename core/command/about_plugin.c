/* about_plugin.c - what one plugin does and takes. */
#include "command/about_plugin.h"
#include "host/load.h"
#include "lab/show.h"

#include <inttypes.h>
#include <stdlib.h>

/* ------------------------------------------------------------ what it does -- */

struct hook
{
  size_t offset;
  const char *name, *meaning;
};

static const struct hook transform_hooks[] = {
  { offsetof (struct pl_transform, setup), "setup", "prepares itself once, at the start" },
  { offsetof (struct pl_transform, open), "open", "may speak before the peer does" },
  { offsetof (struct pl_transform, message), "message", "answers messages" },
  { offsetof (struct pl_transform, timer), "timer", "acts after some time" },
  { offsetof (struct pl_transform, close), "close", "notices the end of a session" },
  { offsetof (struct pl_transform, teardown), "teardown", "cleans up once, at the end" },
  { offsetof (struct pl_transform, frame), "frame",
    "cuts the stream into messages itself, for framing \"plugin\"" },
  { offsetof (struct pl_transform, drained), "drained", "goes on once its peer has taken all" },
  { 0, NULL, NULL },
};

static const struct hook transport_hooks[] = {
  { offsetof (struct pl_transport, setup), "setup", "prepares itself once, at the start" },
  { offsetof (struct pl_transport, listen), "listen", "makes the server's socket" },
  { offsetof (struct pl_transport, connect), "connect", "makes a client's socket" },
  { offsetof (struct pl_transport, ready), "ready", "takes what has come" },
  { offsetof (struct pl_transport, send), "send", "sends bytes" },
  { offsetof (struct pl_transport, send_datagrams), "send_datagrams", "sends datagrams" },
  { offsetof (struct pl_transport, finish), "finish", "tells the peer that it has sent all" },
  { offsetof (struct pl_transport, close), "close", "closes a socket" },
  { offsetof (struct pl_transport, teardown), "teardown", "cleans up once, at the end" },
  { 0, NULL, NULL },
};

static bool
is_transport (const struct pl_plugin *plugin)
{
  return plugin->kind == PL_KIND_TRANSPORT;
}

static const struct hook *
hooks_of (const struct pl_plugin *plugin)
{
  return is_transport (plugin) ? transport_hooks : transform_hooks;
}

static bool
has_hook (const struct pl_plugin *plugin, const struct hook *hook)
{
  const char *table
      = is_transport (plugin) ? (const char *) plugin->transport : (const char *) plugin->transform;
  void *there;

  memcpy (&there, table + hook->offset, sizeof there);
  return there != NULL;
}

static bool
shares_state (const struct pl_plugin *plugin)
{
  return !is_transport (plugin) && (plugin->transform->flags & PL_SHARED_STATE) != 0;
}

static const struct pl_param *
params_of (const struct pl_plugin *plugin)
{
  static const struct pl_param none[] = { PL_PARAMS_END };
  const struct pl_param *params
      = is_transport (plugin) ? plugin->transport->params : plugin->transform->params;

  return params == NULL ? none : params;
}

static const char *
type_name (const struct pl_param *param)
{
  static const char *const names[]
      = { [PL_INTEGER] = "integer", [PL_BOOLEAN] = "boolean", [PL_STRING] = "string" };

  return names[param->type];
}

/* -------------------------------------------------------------------- JSON -- */

/* A text of a parameter as the JSON value that it stands for. */
static cJSON *
value_of (const struct pl_param *param, const char *text)
{
  char number[32];

  if (param->type == PL_STRING)
    return cJSON_CreateString (text);
  if (param->type == PL_BOOLEAN)
    return cJSON_CreateBool (strcmp (text, "true") == 0);
  snprintf (number, sizeof number, "%" PRId64, (int64_t) strtoll (text, NULL, 10));
  return cJSON_CreateRaw (number); /* a double would round it */
}

/* How a lab names the plugin, with each parameter at its default. */
static cJSON *
example_of (const struct pl_plugin *plugin)
{
  const struct pl_param *p = params_of (plugin);
  cJSON *object;

  if (p->name == NULL)
    return cJSON_CreateString (plugin->name);
  object = cJSON_CreateObject ();
  cJSON_AddStringToObject (object, "plugin", plugin->name);
  for (; p->name != NULL; p++)
    {
      char text[64];

      if (p->type == PL_INTEGER)
        snprintf (text, sizeof text, "%" PRId64, p->min);
      else if (p->type == PL_BOOLEAN)
        snprintf (text, sizeof text, "true");
      else if (p->choices == NULL)
        snprintf (text, sizeof text, "...");
      else
        snprintf (text, sizeof text, "%.*s", (int) strcspn (p->choices, "|"), p->choices);
      cJSON_AddItemToObject (object, p->name, value_of (p, p->preset == NULL ? text : p->preset));
    }
  return object;
}

static cJSON *
json_of_param (const struct pl_param *param)
{
  cJSON *object = cJSON_CreateObject ();
  char number[32];

  cJSON_AddStringToObject (object, "name", param->name);
  cJSON_AddStringToObject (object, "type", type_name (param));
  cJSON_AddBoolToObject (object, "required", param->preset == NULL);
  if (param->preset != NULL)
    cJSON_AddItemToObject (object, "default", value_of (param, param->preset));
  if (param->type == PL_INTEGER
      || (param->type == PL_STRING && param->choices == NULL && param->max > 0))
    {
      snprintf (number, sizeof number, "%" PRId64, param->min);
      cJSON_AddRawToObject (object, "min", number);
      snprintf (number, sizeof number, "%" PRId64, param->max);
      cJSON_AddRawToObject (object, "max", number);
    }
  if (param->type == PL_STRING && param->choices != NULL)
    {
      cJSON *list = cJSON_AddArrayToObject (object, "choices");
      char *copy = strdup (param->choices);
      char *rest = copy;

      while (rest != NULL)
        cJSON_AddItemToArray (list, cJSON_CreateString (strsep (&rest, "|")));
      free (copy);
    }
  cJSON_AddStringToObject (object, "help", param->help);
  return object;
}

cJSON *
about_plugin_json (const struct pl_plugin *plugin, const char *file)
{
  cJSON *object = cJSON_CreateObject ();
  cJSON *list;

  cJSON_AddStringToObject (object, "kind", kind_name ((enum pl_kind) plugin->kind));
  cJSON_AddStringToObject (object, "name", plugin->name);
  cJSON_AddStringToObject (object, "version", plugin->version);
  cJSON_AddStringToObject (object, "summary", plugin->summary);
  cJSON_AddStringToObject (object, "file", file);
  if (is_transport (plugin))
    cJSON_AddStringToObject (object, "carries",
                             plugin->transport->carries == PL_STREAM ? "stream" : "datagrams");
  else
    cJSON_AddBoolToObject (object, "shares_state", shares_state (plugin));
  list = cJSON_AddArrayToObject (object, "hooks");
  for (const struct hook *hook = hooks_of (plugin); hook->name != NULL; hook++)
    if (has_hook (plugin, hook))
      cJSON_AddItemToArray (list, cJSON_CreateString (hook->name));
  list = cJSON_AddArrayToObject (object, "parameters");
  for (const struct pl_param *p = params_of (plugin); p->name != NULL; p++)
    cJSON_AddItemToArray (list, json_of_param (p));
  cJSON_AddItemToObject (object, "example", example_of (plugin));
  return object;
}

/* -------------------------------------------------------------------- text -- */

enum
{
  COLUMNS = 5
};

/* One cell of the table of parameters, escaped; of its heading for param NULL.  The caller
 * frees it; NULL: no memory. */
static char *
cell (const struct pl_param *param, int column)
{
  static const char *const headings[COLUMNS] = { "name", "type", "default", "values", "meaning" };
  char *text = NULL;
  size_t size;
  FILE *to = open_memstream (&text, &size);

  if (to == NULL)
    return NULL;
  if (param == NULL)
    fputs (headings[column], to);
  else if (column == 0)
    show_text (param->name, to);
  else if (column == 1)
    fputs (type_name (param), to);
  else if (column == 2)
    {
      const char *quote = param->type == PL_STRING && param->preset != NULL ? "\"" : "";

      fputs (quote, to);
      show_text (param->preset == NULL ? "(required)" : param->preset, to);
      fputs (quote, to);
    }
  else if (column == 4)
    show_text (param->help, to);
  else if (param->type == PL_BOOLEAN)
    fputs ("true|false", to);
  else if (param->type == PL_STRING && param->choices != NULL)
    show_text (param->choices, to);
  else if (param->type == PL_INTEGER)
    fprintf (to, "%" PRId64 " to %" PRId64, param->min, param->max);
  else if (param->max > 0)
    fprintf (to, "%" PRId64 " to %" PRId64 " bytes", param->min, param->max);
  else
    fputs ("any text", to);
  fclose (to);
  return text;
}

/* Writes one row, or, for to NULL, only widens the columns to its cells. */
static void
write_row (const struct pl_param *param, int *widths, FILE *to)
{
  for (int i = 0; i < COLUMNS; i++)
    {
      char *text = cell (param, i);
      int cells = 0;

      for (const char *p = text; p != NULL && *p != '\0'; p++)
        cells += (*p & 0xc0) != 0x80;
      if (to == NULL)
        widths[i] = cells > widths[i] ? cells : widths[i];
      else
        fprintf (to, "  %s%*s", text == NULL ? "" : text, i == COLUMNS - 1 ? 0 : widths[i] - cells,
                 "");
      free (text);
    }
  if (to != NULL)
    fputc ('\n', to);
}

static void
write_parameters (const struct pl_plugin *plugin, FILE *to)
{
  const struct pl_param *params = params_of (plugin);
  int widths[COLUMNS] = { 0 };

  if (params->name == NULL)
    {
      fputs ("\nIt has no parameters.\n", to);
      return;
    }
  write_row (NULL, widths, NULL);
  for (const struct pl_param *p = params; p->name != NULL; p++)
    write_row (p, widths, NULL);
  fputs ("\nParameters\n", to);
  write_row (NULL, widths, to);
  for (const struct pl_param *p = params; p->name != NULL; p++)
    write_row (p, widths, to);
}

static void
write_hooks (const struct pl_plugin *plugin, FILE *to)
{
  fputs ("\nWhat it does\n", to);
  for (const struct hook *hook = hooks_of (plugin); hook->name != NULL; hook++)
    if (has_hook (plugin, hook))
      fprintf (to, "  %-16s%s\n", hook->name, hook->meaning);
}

/* JSON on one line, with the blanks that people put there. */
static void
write_example (const struct pl_plugin *plugin, FILE *to)
{
  cJSON *example = example_of (plugin);
  const cJSON *member = cJSON_IsObject (example) ? example->child : example;

  fprintf (to, "\nIn a lab\n  \"%s\": %s", kind_name ((enum pl_kind) plugin->kind),
           member == example ? "" : "{ ");
  for (; member != NULL; member = member->next)
    {
      char *text = cJSON_PrintUnformatted (member);

      if (member != example)
        fprintf (to, "\"%s\": ", member->string);
      show_text (text == NULL ? "..." : text, to);
      fputs (member->next != NULL ? ", " : member != example ? " }" : "", to);
      cJSON_free (text);
    }
  fputc ('\n', to);
  cJSON_Delete (example);
}

void
about_plugin (const struct pl_plugin *plugin, const char *file, FILE *to)
{
  show_text (plugin->name, to);
  fputs (": ", to);
  show_text (plugin->summary, to);
  fprintf (to, "\n\n  %-16s%s\n  %-16s", "kind", kind_name ((enum pl_kind) plugin->kind),
           "version");
  show_text (plugin->version, to);
  fprintf (to, "\n  %-16s", "file");
  show_text (file, to);
  if (is_transport (plugin))
    fprintf (to, "\n  %-16s%s\n", "carries",
             plugin->transport->carries == PL_STREAM
                 ? "a stream: bytes in order, which the lab's framing cuts into messages"
                 : "datagrams: each is one message");
  else
    fprintf (to, "\n  %-16s%s\n", "state",
             shares_state (plugin) ? "shared by all sessions: it runs in one process"
                                   : "not shared between sessions");
  write_hooks (plugin, to);
  write_parameters (plugin, to);
  write_example (plugin, to);
}

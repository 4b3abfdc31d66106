/* params.c - a plugin with its parameters, as a descriptor gives them. */
#include "lab/reader.h"

#include <ctype.h>
#include <stdlib.h>

enum
{
  PLUGIN_NAME_MAX = 64 /* bytes */
};

/* ------------------------------------------------------------- parameters -- */

const struct pl_param *
plugin_params (const struct pl_plugin *plugin)
{
  static const struct pl_param none[] = { PL_PARAMS_END };
  const struct pl_param *params = NULL;

  if (plugin->kind == PL_KIND_TRANSPORT)
    params = plugin->transport->params;
  else
    params = plugin->transform->params;
  return params == NULL ? none : params;
}

struct rule
param_rule (const struct pl_param *param)
{
  struct rule rule = { .key = param->name, .min = param->min, .max = param->max };

  rule.words = param->choices;
  rule.preset = param->preset;
  rule.help = param->help;
  if (param->preset == NULL)
    rule.example = "...";
  rule.type = param->type == PL_INTEGER   ? RULE_INTEGER
              : param->type == PL_BOOLEAN ? RULE_BOOLEAN
              : param->choices != NULL    ? RULE_WORD
                                          : RULE_TEXT;
  return rule;
}

static void
param_keep (struct reader *r, size_t node, struct lab_value *value)
{
  const cJSON *json = r->json[node];

  value->given = true;
  if (value->param->type == PL_INTEGER)
    value->integer = (int64_t) json->valuedouble;
  else if (value->param->type == PL_BOOLEAN)
    value->boolean = cJSON_IsTrue (json);
  else
    value_copy (r->report, json->valuestring, &value->string);
}

static void
param_preset (struct reader *r, struct lab_value *value)
{
  const struct pl_param *param = value->param;

  if (param->type == PL_INTEGER)
    value->integer = strtoll (param->preset, NULL, 10);
  else if (param->type == PL_BOOLEAN)
    value->boolean = strcmp (param->preset, "true") == 0;
  else
    value_copy (r->report, param->preset, &value->string);
}

/* place: where the plugin is named; object: 0 where it is only named. */
static void
param_read (struct reader *r, const char *plugin, size_t place, size_t object,
            struct lab_value *value)
{
  const struct pl_param *param = value->param;
  struct rule rule = param_rule (param);
  size_t node = object == 0 ? 0 : reader_member (r, object, param->name);
  char remedy[256];

  if (node != 0)
    {
      if (value_fits (r, &rule, node))
        param_keep (r, node, value);
      return;
    }
  if (param->preset != NULL)
    {
      param_preset (r, value);
      return;
    }
  snprintf (remedy, sizeof remedy, "Write { \"plugin\": \"%s\", \"%s\": ... }", plugin,
            param->name);
  report_add (r->report, r->scan.nodes[place].at, remedy, "\"%s\": %s needs \"%s\", %s",
              reader_label (r, place), plugin, param->name, param->help);
}

/* ---------------------------------------------------------- unknown names -- */

static void
unknown_param (struct reader *r, size_t node, const struct lab_plugin *plugin)
{
  const struct scan_node *n = &r->scan.nodes[node];
  const char **known = calloc (plugin->count + 1, sizeof *known);
  const char *meant;
  char *all = NULL;
  char remedy[512];
  char clip[READER_CLIP];

  if (known == NULL)
    {
      report_out_of_memory (r->report);
      return;
    }
  for (size_t i = 0; i < plugin->count; i++)
    known[i] = plugin->values[i].param->name;
  meant = suggest (n->name, known);
  if (meant != NULL)
    snprintf (remedy, sizeof remedy, "Did you mean \"%s\"?", meant);
  else if (rule_find (lab_rules, n->name) != NULL)
    snprintf (remedy, sizeof remedy, "It belongs beside \"%s\", not into it",
              reader_label (r, n->parent));
  else if (plugin->count == 0)
    snprintf (remedy, sizeof remedy, "It has none at all");
  else
    {
      all = words_choice (known, " and ");
      snprintf (remedy, sizeof remedy, "It has %s", all == NULL ? "others" : all);
      free (all);
    }
  report_add (r->report, n->key, remedy, "\"%s\": %s has no such parameter",
              reader_clip (clip, n->name), plugin->name);
  free (known);
}

static void
refuse_unknown (struct reader *r, size_t object, const struct lab_plugin *plugin)
{
  const struct pl_param *params = plugin_params (plugin->plugin);

  READER_EACH (r, child, object)
  {
    const struct scan_node *n = &r->scan.nodes[child];
    bool known = n->repeated || rule_is_free (n->name) || strcmp (n->name, "plugin") == 0;

    for (const struct pl_param *p = params; !known && p->name != NULL; p++)
      known = strcmp (p->name, n->name) == 0;
    if (!known)
      unknown_param (r, child, plugin);
  }
}

/* ------------------------------------------------------------------- names -- */

static bool
is_plugin_name (const char *name)
{
  size_t n = strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789_");

  return n > 0 && n <= PLUGIN_NAME_MAX && name[n] == '\0';
}

/* What the writer of a path or of "Count-S" will have meant, in PLUGIN_NAME_MAX +
 * 1 bytes; false: nothing that could be a name. */
static bool
nearest_name (const char *text, char *name)
{
  const char *slash = strrchr (text, '/');
  const char *base = slash == NULL ? text : slash + 1;
  size_t n = strcspn (base, ".");

  if (n > PLUGIN_NAME_MAX)
    return false;
  for (size_t i = 0; i < n; i++)
    name[i] = base[i] == '-' || base[i] == ' ' ? '_' : (char) tolower ((unsigned char) base[i]);
  name[n] = '\0';
  return is_plugin_name (name);
}

static bool
name_fits (struct reader *r, size_t node)
{
  const char *text = reader_text (r, node);
  size_t place = r->scan.nodes[node].at;
  bool is_file = strpbrk (text, "/.") != NULL;
  char name[PLUGIN_NAME_MAX + 1];
  char remedy[PLUGIN_NAME_MAX + 32];
  char clip[READER_CLIP];

  if (is_plugin_name (text))
    return true;
  if (nearest_name (text, name))
    snprintf (remedy, sizeof remedy, "Write \"%s\"", name);
  else
    snprintf (remedy, sizeof remedy, "protolab list shows the names");
  if (*text == '\0')
    report_add (r->report, place, remedy, "\"%s\": a plugin's name is wanted, not an empty text",
                reader_label (r, node));
  else if (is_file)
    report_add (r->report, place, remedy, "\"%s\": a descriptor names a plugin, not a file",
                reader_label (r, node));
  else
    report_add (r->report, place, remedy,
                "\"%s\": the name of a plugin has small letters, digits and _ only, unlike \"%s\"",
                reader_label (r, node), reader_clip (clip, text));
  return false;
}

/* The text that names the plugin: the value itself or its member "plugin"; 0: it
 * is not there, and that is reported. */
static size_t
name_node (struct reader *r, enum pl_kind kind, size_t node)
{
  enum scan_kind found = r->scan.nodes[node].kind;
  const char *example = kind == PL_KIND_TRANSPORT ? "udp" : "uppercase";
  char remedy[64];
  size_t name;

  if (found == SCAN_TEXT)
    return node;
  if (found != SCAN_OBJECT)
    {
      value_refuse (r, node, "a plugin's name");
      return 0;
    }
  name = reader_member (r, node, "plugin");
  if (name == 0)
    {
      snprintf (remedy, sizeof remedy, "Add \"plugin\": \"%s\"", example);
      report_add (r->report, r->scan.nodes[node].at, remedy, "\"plugin\" is missing");
    }
  else if (r->scan.nodes[name].kind != SCAN_TEXT)
    {
      value_refuse (r, name, "a plugin's name");
      return 0;
    }
  return name;
}

/* ----------------------------------------------------------------- plugins -- */

static const struct pl_plugin *
find (struct reader *r, enum pl_kind kind, size_t node)
{
  char message[512] = "";
  char remedy[512] = "";
  const struct pl_plugin *plugin;

  plugin = r->plugins->find (r->plugins->self, kind, reader_text (r, node), message, remedy,
                             sizeof message);
  if (plugin == NULL)
    report_add (r->report, r->scan.nodes[node].at, *remedy == '\0' ? NULL : remedy, "%s", message);
  return plugin;
}

void
plugin_read (struct reader *r, enum pl_kind kind, size_t node, struct lab_plugin *to)
{
  size_t name = name_node (r, kind, node);
  size_t object = name == node ? 0 : node;
  const struct pl_param *params;
  size_t count = 0;

  if (name == 0 || !name_fits (r, name))
    return;
  to->plugin = find (r, kind, name);
  if (to->plugin == NULL)
    return;

  value_copy (r->report, reader_text (r, name), &to->name);
  params = plugin_params (to->plugin);
  while (params[count].name != NULL)
    count++;
  to->values = calloc (count + 1, sizeof *to->values);
  if (to->name == NULL || to->values == NULL)
    {
      report_out_of_memory (r->report);
      return;
    }
  to->count = count;
  for (size_t i = 0; i < count; i++)
    {
      to->values[i].param = &params[i];
      param_read (r, to->name, node, object, &to->values[i]);
    }
  if (object != 0)
    refuse_unknown (r, object, to);
}

void
chain_read (struct reader *r, size_t node)
{
  struct lab *lab = r->lab;

  if (r->scan.nodes[node].kind != SCAN_LIST)
    {
      plugin_read (r, PL_KIND_TRANSFORM, node, &lab->transforms[0]);
      lab->transform_count = 1;
      return;
    }
  if (r->scan.nodes[node].end == node + 1)
    report_add (r->report, r->scan.nodes[node].at, "Write [\"uppercase\"]",
                "\"transform\": a chain has at least one transform, and this list is empty");
  READER_EACH (r, child, node)
  {
    if (lab->transform_count == LAB_CHAIN_MAX)
      {
        report_add (r->report, r->scan.nodes[child].at, NULL,
                    "\"transform\": a chain has at most %d transforms", LAB_CHAIN_MAX);
        return;
      }
    plugin_read (r, PL_KIND_TRANSFORM, child, &lab->transforms[lab->transform_count++]);
  }
}

void
plugin_free (struct lab_plugin *plugin)
{
  for (size_t i = 0; i < plugin->count; i++)
    free (plugin->values[i].string);
  free (plugin->values);
  free (plugin->name);
}

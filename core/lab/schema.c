/* schema.c - what a descriptor may say, as a JSON Schema (draft-07). */
#include "lab/schema.h"
#include "lab/schema_parts.h"
#include "lab/script.h"

#include <stdlib.h>

/* -------------------------------------------------------------------- rows -- */

static cJSON *schema_of_rule (const struct rule *rule);

static cJSON *
preset_of (const struct rule *rule)
{
  if (rule->type == RULE_INTEGER)
    return schema_integer (strtoll (rule->preset, NULL, 10));
  if (rule->type == RULE_NUMBER)
    return cJSON_CreateNumber (strtod (rule->preset, NULL));
  if (rule->type == RULE_BOOLEAN)
    return cJSON_CreateBool (strcmp (rule->preset, "true") == 0);
  return schema_string (rule->preset);
}

/* As value_fits has it: no farther than a double counts exactly. */
static cJSON *
schema_of_range (const struct rule *rule)
{
  int64_t least = rule->min < -RULE_INTEGER_MAX ? -RULE_INTEGER_MAX : rule->min;
  int64_t most = rule->max > RULE_INTEGER_MAX ? RULE_INTEGER_MAX : rule->max;
  cJSON *schema = schema_of_type (rule->type == RULE_INTEGER ? "integer" : "number");

  return schema_with (schema_with (schema, "minimum", schema_integer (least)), "maximum",
                      schema_integer (most));
}

/* A schema counts characters, of one to four bytes each; in ASCII it is one. */
static cJSON *
with_length (cJSON *schema, int64_t min, int64_t max)
{
  int64_t least = min / 4 + (min % 4 != 0);

  schema = schema_with (schema, "minLength", schema_integer (least));
  schema = schema_with (schema, "maxLength", schema_integer (max));
  if (least == min)
    return schema;
  schema = schema_with (schema, "if",
                        schema_object ("pattern", schema_string ("^[\\u0000-\\u007f]*$")));
  return schema_with (schema, "then", schema_object ("minLength", schema_integer (min)));
}

static cJSON *
schema_of_text (const struct rule *rule)
{
  cJSON *schema = schema_of_type ("string");

  if (rule->text != NULL)
    schema = schema_with (schema, "pattern", schema_string (rule->text->pattern));
  return rule->max > 0 ? with_length (schema, rule->min, rule->max) : schema;
}

/* "one|two" is an enum; of "fixed:N" the N is any number. */
static cJSON *
schema_of_words (const struct rule *rule)
{
  const char **words = words_split (rule->words);
  cJSON *known = cJSON_CreateArray ();
  cJSON *patterns = cJSON_CreateArray ();
  char pattern[64];

  for (size_t i = 0; words != NULL && words[i] != NULL; i++)
    {
      size_t n = strlen (words[i]);

      if (rule->type != RULE_FRAMING || n < 2 || strcmp (words[i] + n - 2, ":N") != 0)
        {
          known = schema_with (known, NULL, schema_string (words[i]));
          continue;
        }
      snprintf (pattern, sizeof pattern, "^%.*s[1-9][0-9]*$", (int) n - 1, words[i]);
      patterns = schema_with (patterns, NULL, schema_object ("pattern", schema_string (pattern)));
    }
  if (words == NULL)
    {
      cJSON_Delete (known);
      known = NULL;
    }
  free (words);
  if (patterns == NULL || cJSON_GetArraySize (patterns) > 0)
    return schema_with (schema_of_type ("string"), "anyOf",
                        schema_with (patterns, NULL, schema_object ("enum", known)));
  cJSON_Delete (patterns);
  return schema_with (schema_of_type ("string"), "enum", known);
}

/* A schema with those members, and with "x-..." of the writer's own. */
static cJSON *
with_members (cJSON *schema, cJSON *members, cJSON *required)
{
  schema = schema_with (schema, "type", schema_string ("object"));
  schema = schema_with (schema_with (schema, "properties", members), "required", required);
  schema = schema_with (schema, "patternProperties", schema_object ("^x-", cJSON_CreateTrue ()));
  return schema_with (schema, "additionalProperties", cJSON_CreateFalse ());
}

/* Keys of later versions are left out, and so are refused as lab_read refuses them. */
static cJSON *
with_table (cJSON *schema, const struct rule *rules)
{
  cJSON *members = cJSON_CreateObject ();
  cJSON *required = cJSON_CreateArray ();

  for (const struct rule *rule = rules; rule->key != NULL; rule++)
    {
      if (rule->not_yet == NULL)
        members = schema_with (members, rule->key, schema_of_rule (rule));
      else if (rule->preset != NULL)
        members = schema_with (members, rule->key, schema_object ("const", preset_of (rule)));
      if (rule->example != NULL)
        required = schema_with (required, NULL, schema_string (rule->key));
    }
  return with_members (schema, members, required);
}

static cJSON *
reference (const char *definition)
{
  return schema_object ("$ref", schema_string (definition));
}

static cJSON *
schema_of_chain (void)
{
  cJSON *chain
      = schema_with (schema_of_type ("array"), "items", reference ("#/definitions/transform"));

  chain = schema_with (schema_with (chain, "minItems", schema_integer (1)), "maxItems",
                       schema_integer (LAB_CHAIN_MAX));
  return schema_any_of (
      schema_with (schema_list (reference ("#/definitions/transform")), NULL, chain));
}

static cJSON *
schema_of_list (const struct rule *rule)
{
  cJSON *schema = schema_with (schema_of_type ("array"), "items", schema_of_rule (rule->inside));

  return rule->max > 0 ? schema_with (schema, "maxItems", schema_integer (rule->max)) : schema;
}

static cJSON *
schema_of_value (const struct rule *rule)
{
  switch (rule->type)
    {
    case RULE_ANY:
      return cJSON_CreateObject ();
    case RULE_BOOLEAN:
      return schema_of_type ("boolean");
    case RULE_INTEGER:
    case RULE_NUMBER:
      return schema_of_range (rule);
    case RULE_TEXT:
      return schema_of_text (rule);
    case RULE_WORD:
    case RULE_FRAMING:
      return schema_of_words (rule);
    case RULE_LIST:
      return schema_of_list (rule);
    case RULE_EVENT:
      return schema_with (schema_of_type ("string"), "pattern", schema_string (script_pattern));
    case RULE_OBJECT:
      return with_table (cJSON_CreateObject (), rule->inside);
    case RULE_TRANSPORT:
      /* What stands beside a $ref is not looked at. */
      return schema_any_of (schema_list (reference ("#/definitions/transport")));
    case RULE_CHAIN:
      return schema_of_chain ();
    }
  return NULL;
}

static cJSON *
schema_of_rule (const struct rule *rule)
{
  cJSON *schema = schema_of_value (rule);

  if (rule->help != NULL)
    schema = schema_with (schema, "description", schema_string (rule->help));
  if (rule->preset != NULL)
    schema = schema_with (schema, "default", preset_of (rule));
  return schema;
}

/* ----------------------------------------------------------------- plugins -- */

static cJSON *
with_summary (cJSON *schema, const struct pl_plugin *plugin)
{
  return schema_with (schema, "description", schema_string (plugin->summary));
}

/* { "plugin": NAME, with its parameters } */
static cJSON *
schema_of_object (const struct pl_plugin *plugin)
{
  cJSON *name = with_summary (schema_object ("const", schema_string (plugin->name)), plugin);
  cJSON *members = schema_object ("plugin", name);
  cJSON *required = schema_list (schema_string ("plugin"));

  for (const struct pl_param *p = plugin_params (plugin); p->name != NULL; p++)
    {
      struct rule rule = param_rule (p);

      members = schema_with (members, p->name, schema_of_rule (&rule));
      if (p->preset == NULL)
        required = schema_with (required, NULL, schema_string (p->name));
    }
  return with_members (with_summary (cJSON_CreateObject (), plugin), members, required);
}

static bool
can_be_only_named (const struct pl_plugin *plugin)
{
  for (const struct pl_param *p = plugin_params (plugin); p->name != NULL; p++)
    if (p->preset == NULL)
      return false;
  return true;
}

static cJSON *
schema_of_kind (const struct found *found, enum pl_kind kind)
{
  cJSON *shapes = cJSON_CreateArray ();

  for (size_t i = 0; i < found->count; i++)
    {
      const struct pl_plugin *plugin = found->plugins[i];

      if (plugin->kind != kind)
        continue;
      if (can_be_only_named (plugin))
        shapes = schema_with (
            shapes, NULL,
            with_summary (schema_object ("const", schema_string (plugin->name)), plugin));
      shapes = schema_with (shapes, NULL, schema_of_object (plugin));
    }
  return schema_any_of (shapes);
}

/* ------------------------------------------------------------------- whole -- */

char *
schema_text (const struct pl_plugin *const *plugins, size_t count)
{
  const struct found found = { plugins, count };
  cJSON *definitions = schema_object ("transport", schema_of_kind (&found, PL_KIND_TRANSPORT));
  cJSON *schema
      = schema_object ("$schema", schema_string ("http://json-schema.org/draft-07/schema#"));
  char *written;

  definitions = schema_with (definitions, "transform", schema_of_kind (&found, PL_KIND_TRANSFORM));
  schema
      = with_table (schema_with (schema, "title", schema_string ("A lab of protolab")), lab_rules);
  schema = schema_with (schema_with (schema, "allOf", schema_conditions (&found)), "definitions",
                        definitions);
  written = schema == NULL ? NULL : cJSON_Print (schema);
  cJSON_Delete (schema);
  return written;
}

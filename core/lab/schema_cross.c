/* schema_cross.c - what keys must be for each other, as cross.c has it, in a schema. */
#include "lab/schema_parts.h"

static bool
carries_datagrams (const struct pl_plugin *plugin)
{
  return plugin->kind == PL_KIND_TRANSPORT && plugin->transport->carries == PL_DATAGRAMS;
}

static bool
carries_stream (const struct pl_plugin *plugin)
{
  return plugin->kind == PL_KIND_TRANSPORT && plugin->transport->carries == PL_STREAM;
}

static bool
frames (const struct pl_plugin *plugin)
{
  return plugin->kind == PL_KIND_TRANSFORM && plugin->transform->frame != NULL;
}

static bool
shares_state (const struct pl_plugin *plugin)
{
  return plugin->kind == PL_KIND_TRANSFORM && (plugin->transform->flags & PL_SHARED_STATE) != 0;
}

static bool
cannot_reset (const struct pl_plugin *plugin)
{
  return plugin->kind == PL_KIND_TRANSPORT && plugin->transport->reset == NULL;
}

/* Whatever has that member, and has it so. */
static cJSON *
having (const char *key, cJSON *schema)
{
  return schema_with (schema_object ("required", schema_list (schema_string (key))), "properties",
                      schema_object (key, schema));
}

/* Whatever names one of the plugins that are so, as a text or in an object.  The list is never
 * empty: no plugin has an empty name. */
static cJSON *
naming (const struct found *found, bool (*is_so) (const struct pl_plugin *plugin))
{
  cJSON *names = schema_list (schema_string (""));
  cJSON *shapes;

  for (size_t i = 0; i < found->count; i++)
    if (is_so (found->plugins[i]))
      names = schema_with (names, NULL, schema_string (found->plugins[i]->name));
  shapes = schema_list (schema_object ("enum", cJSON_Duplicate (names, true)));
  names = having ("plugin", schema_object ("enum", names));
  return schema_any_of (
      schema_with (shapes, NULL, schema_with (names, "type", schema_string ("object"))));
}

static cJSON *
condition (cJSON *if_so, cJSON *then)
{
  return schema_with (schema_object ("if", if_so), "then", then);
}

static cJSON *
message_bytes_up_to (int64_t most)
{
  return schema_object (
      "properties",
      schema_object ("message_bytes", schema_object ("maximum", schema_integer (most))));
}

/* Several processes, and sessions that must know of each other. */
static cJSON *
workers_condition (const struct found *found)
{
  cJSON *chain = schema_with (schema_of_type ("array"), "contains", naming (found, shares_state));
  cJSON *sharing
      = schema_any_of (schema_with (schema_list (naming (found, shares_state)), NULL, chain));

  return condition (
      having ("workers", schema_with (schema_of_type ("number"), "minimum", schema_integer (2))),
      schema_object ("properties", schema_object ("transform", schema_object ("not", sharing))));
}

/* No member of "link" that is for transports that carry this. */
static cJSON *
link_without (uint32_t carries)
{
  cJSON *members = cJSON_CreateObject ();

  for (const struct rule *rule = rule_find (lab_rules, "link")->inside; rule->key != NULL; rule++)
    if (rule->carries == carries)
      members = schema_with (members, rule->key, cJSON_CreateFalse ());
  return schema_object ("properties", members);
}

static cJSON *
reset_condition (const struct found *found)
{
  cJSON *link
      = schema_object ("properties", schema_object ("reset_after", cJSON_CreateFalse ()));

  return condition (having ("transport", naming (found, cannot_reset)),
                    schema_object ("properties", schema_object ("link", link)));
}

/* Several processes, each with flows of its own. */
static cJSON *
link_workers_condition (void)
{
  return condition (
      having ("workers", schema_with (schema_of_type ("number"), "minimum", schema_integer (2))),
      schema_object ("properties", schema_object ("link", cJSON_CreateFalse ())));
}

static cJSON *
datagrams_condition (const struct found *found)
{
  cJSON *members = schema_object ("framing", schema_object ("const", schema_string ("datagram")));

  members = schema_with (members, "close", schema_object ("const", schema_string ("keep")));
  members = schema_with (members, "limits", message_bytes_up_to (PL_DATAGRAM_MAX));
  members = schema_with (members, "link", link_without (PL_STREAM));
  return condition (having ("transport", naming (found, carries_datagrams)),
                    schema_object ("properties", members));
}

static cJSON *
stream_condition (const struct found *found)
{
  cJSON *members = schema_object (
      "framing", schema_object ("not", schema_object ("const", schema_string ("datagram"))));

  members = schema_with (members, "link", link_without (PL_DATAGRAMS));
  return condition (having ("transport", naming (found, carries_stream)),
                    schema_object ("properties", members));
}

/* Framing "plugin" asks the first transform of the chain. */
static cJSON *
frame_condition (const struct found *found)
{
  cJSON *chain
      = schema_with (schema_of_type ("array"), "items", schema_list (naming (found, frames)));
  cJSON *framing = schema_any_of (schema_with (schema_list (naming (found, frames)), NULL, chain));

  return condition (having ("framing", schema_object ("const", schema_string ("plugin"))),
                    schema_object ("properties", schema_object ("transform", framing)));
}

static cJSON *
length16_condition (void)
{
  return condition (
      having ("framing", schema_object ("const", schema_string ("length16"))),
      schema_object ("properties", schema_object ("limits", message_bytes_up_to (UINT16_MAX))));
}

cJSON *
schema_conditions (const struct found *found)
{
  cJSON *all = schema_list (workers_condition (found));

  all = schema_with (all, NULL, datagrams_condition (found));
  all = schema_with (all, NULL, stream_condition (found));
  all = schema_with (all, NULL, frame_condition (found));
  all = schema_with (all, NULL, reset_condition (found));
  all = schema_with (all, NULL, link_workers_condition ());
  return schema_with (all, NULL, length16_condition ());
}

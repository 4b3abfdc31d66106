/* members.c - the members of an object, by their rows, into the lab. */
#include "lab/reader.h"

#include <stdlib.h>

/* ---------------------------------------------------------------- keeping -- */

void
value_copy (struct report *report, const char *text, char **to)
{
  char *copy = strdup (text);

  if (copy == NULL)
    {
      report_out_of_memory (report);
      return;
    }
  free (*to);
  *to = copy;
}

void
keep_number (const struct rule *rule, struct lab *lab, uint64_t value)
{
  void *to = (char *) lab + rule->offset;

  /* No row has a range that its member cannot hold. */
  switch (rule->width)
    {
    case sizeof (bool):
      *(bool *) to = value != 0;
      break;
    case sizeof (uint16_t):
      *(uint16_t *) to = (uint16_t) value;
      break;
    case sizeof (uint32_t):
      *(uint32_t *) to = (uint32_t) value;
      break;
    default:
      memcpy (to, &value, sizeof value);
    }
}

void
keep_real (const struct rule *rule, struct lab *lab, double value)
{
  *(double *) ((char *) lab + rule->offset) = value;
}

static void
keep_text (struct reader *r, const struct rule *rule, const char *text)
{
  value_copy (r->report, text, (char **) ((char *) r->lab + rule->offset));
}

static void
keep (struct reader *r, const struct rule *rule, size_t node)
{
  const cJSON *json = r->json[node];

  if (rule->type == RULE_TEXT)
    keep_text (r, rule, json->valuestring);
  else if (rule->type == RULE_WORD)
    keep_number (rule, r->lab, (uint64_t) words_index (rule->words, json->valuestring));
  else if (rule->type == RULE_BOOLEAN)
    keep_number (rule, r->lab, cJSON_IsTrue (json));
  else if (rule->type == RULE_NUMBER)
    keep_real (rule, r->lab, json->valuedouble);
  else
    keep_number (rule, r->lab, (uint64_t) json->valuedouble);
}

static void
keep_preset (struct reader *r, const struct rule *rule)
{
  if (rule->type == RULE_TEXT)
    keep_text (r, rule, rule->preset);
  else if (rule->type == RULE_WORD)
    keep_number (rule, r->lab, (uint64_t) words_index (rule->words, rule->preset));
  else if (rule->type == RULE_BOOLEAN)
    keep_number (rule, r->lab, strcmp (rule->preset, "true") == 0);
  else if (rule->type == RULE_NUMBER)
    keep_real (rule, r->lab, strtod (rule->preset, NULL));
  else
    keep_number (rule, r->lab, strtoull (rule->preset, NULL, 10));
}

void
members_preset (struct reader *r, const struct rule *rules)
{
  for (const struct rule *rule = rules; rule->key != NULL; rule++)
    {
      if (rule->type == RULE_OBJECT)
        members_preset (r, rule->inside);
      if (rule->preset != NULL && rule->width > 0)
        keep_preset (r, rule);
    }
}

/* ----------------------------------------------------------- unknown keys -- */

/* Where else that very key is known: inside of an object beside it, or one level
 * further out. */
static bool
belongs_elsewhere (const struct reader *r, size_t node, const struct rule *rules, char *remedy,
                   size_t size)
{
  const struct scan_node *n = &r->scan.nodes[node];

  if (rules != lab_rules)
    {
      if (rule_find (lab_rules, n->name) == NULL)
        return false;
      snprintf (remedy, size, "It belongs beside \"%s\", not into it", reader_label (r, n->parent));
      return true;
    }
  for (const struct rule *rule = rules; rule->key != NULL; rule++)
    if (rule->type == RULE_OBJECT && rule->not_yet == NULL
        && rule_find (rule->inside, n->name) != NULL)
      {
        snprintf (remedy, size, "It belongs into \"%s\": { }", rule->key);
        return true;
      }
  return false;
}

enum
{
  KEYS_MAX = 32 /* rows of one table, and its end */
};

static void
list_keys (const struct rule *rules, const char *known[KEYS_MAX])
{
  size_t count = 0;

  for (; rules[count].key != NULL && count + 1 < KEYS_MAX; count++)
    known[count] = rules[count].key;
  known[count] = NULL;
}

static void
unknown_key (struct reader *r, size_t node, const struct rule *rules)
{
  const struct scan_node *n = &r->scan.nodes[node];
  const char *known[KEYS_MAX];
  const char *meant;
  char *all = NULL;
  char remedy[512];
  char clip[READER_CLIP];

  list_keys (rules, known);
  meant = suggest (n->name, known);

  if (!belongs_elsewhere (r, node, rules, remedy, sizeof remedy))
    {
      if (meant == NULL)
        all = words_choice (known, " and ");
      if (meant != NULL)
        snprintf (remedy, sizeof remedy, "Did you mean \"%s\"?", meant);
      else
        snprintf (remedy, sizeof remedy, "The keys here are %s", all == NULL ? "" : all);
      free (all);
    }
  report_add (r->report, n->key, remedy, "\"%s\": no such key", reader_clip (clip, n->name));
}

/* Whether another key there was meant to be this one: then it is not missing. */
static bool
is_misspelt (const struct reader *r, size_t object, const struct rule *rules, const char *key)
{
  const char *known[KEYS_MAX];

  list_keys (rules, known);
  READER_EACH (r, child, object)
  {
    const char *name = r->scan.nodes[child].name;
    bool is_unknown = rule_find (rules, name) == NULL && !rule_is_free (name);
    const char *meant = is_unknown ? suggest (name, known) : NULL;

    if (meant != NULL && strcmp (meant, key) == 0)
      return true;
  }
  return false;
}

/* ---------------------------------------------------------------- members -- */

/* Some keys are understood, but what they ask for cannot be done; their default
 * can. */
static bool
is_not_yet (const struct reader *r, const struct rule *rule, size_t node)
{
  return rule->not_yet != NULL
         && (rule->preset == NULL || strtod (rule->preset, NULL) != r->json[node]->valuedouble);
}

bool
value_read (struct reader *r, const struct rule *rule, size_t node)
{
  if (!value_fits (r, rule, node))
    return false;
  if (rule->type == RULE_OBJECT)
    members_read (r, node, rule->inside);
  else if (rule->type == RULE_TRANSPORT)
    plugin_read (r, PL_KIND_TRANSPORT, node, &r->lab->transport);
  else if (rule->type == RULE_CHAIN)
    chain_read (r, node);
  else if (rule->type == RULE_FRAMING)
    framing_read (r, rule, node);
  else if (rule->type == RULE_LIST)
    {
      READER_EACH (r, child, node)
      value_read (r, rule->inside, child);
    }
  else if (rule->type == RULE_EVENT)
    event_keep (r, node);
  else if (rule->width > 0)
    keep (r, rule, node);
  return true;
}

static void
member_read (struct reader *r, size_t node, const struct rule *rules)
{
  const struct scan_node *n = &r->scan.nodes[node];
  const struct rule *rule = rule_find (rules, n->name);

  if (n->repeated || rule_is_free (n->name))
    return;
  if (rule == NULL)
    unknown_key (r, node, rules);
  else if (value_read (r, rule, node) && is_not_yet (r, rule, node))
    report_add (r->report, n->key, "Leave it out to run the lab", "\"%s\": not yet: %s", rule->key,
                rule->not_yet);
}

void
members_read (struct reader *r, size_t object, const struct rule *rules)
{
  char remedy[80];

  READER_EACH (r, child, object)
  member_read (r, child, rules);

  for (const struct rule *rule = rules; rule->key != NULL; rule++)
    if (rule->example != NULL && reader_member (r, object, rule->key) == 0
        && !is_misspelt (r, object, rules, rule->key))
      {
        snprintf (remedy, sizeof remedy, "Add \"%s\": %s", rule->key, rule->example);
        report_add (r->report, r->scan.nodes[object].at, remedy, "\"%s\" is missing", rule->key);
      }
}

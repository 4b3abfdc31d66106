/* rules.h - what a descriptor may say: one row a key.
 *
 * The reader goes by these tables, and so do the JSON Schema and the manual: a
 * key that is added here is added everywhere.
 */
#ifndef PL_LAB_RULES_H
#define PL_LAB_RULES_H

#include "lab/lab.h"

#define RULE_INTEGER_MAX (INT64_C (1) << 53) /* what a double still counts exactly */

enum rule_type
{
  RULE_ANY,
  RULE_BOOLEAN,
  RULE_INTEGER,
  RULE_NUMBER,
  RULE_TEXT,
  RULE_WORD, /* one of words; kept as its index */
  RULE_LIST, /* max: its most elements; 0: any number */
  RULE_OBJECT,
  RULE_TRANSPORT, /* a plugin, by name or as an object with its parameters */
  RULE_CHAIN,     /* the same for a transform, or a list of them */
  RULE_FRAMING,   /* one of words; "fixed:N" stands for all N */
  RULE_EVENT      /* a line of a link's script: script.h */
};

/* What a text must look like. */
struct text_rule
{
  const char *wanted;  /* "a text in one line" */
  const char *pattern; /* the same as a regular expression of ECMA 262 */
  bool (*fits) (const char *text);
};

struct rule
{
  const char *key;
  enum rule_type type;
  int64_t min, max;             /* numbers: the range; texts: bytes, max 0 is any number of them */
  const char *words;            /* "keep|after-reply" */
  const struct text_rule *text; /* NULL: any text */
  const struct rule *inside;    /* RULE_OBJECT: its rows; RULE_LIST: the rule of each element */
  size_t offset, width;         /* of the member of struct lab that keeps it; width 0: none */
  const char *preset;           /* the default as text; NULL: none */
  const char *example;          /* not NULL: the key is required, and this is how it looks */
  uint32_t carries;             /* enum pl_carries: what a transport must carry for it; 0: anything */
  const char *not_yet;          /* not NULL: what this version cannot do; only the preset passes */
  const char *help;             /* half a sentence */
};

/* The rows of the outermost object; ends with a row without a key. */
extern const struct rule lab_rules[];

/* The row of that key, or NULL. */
const struct rule *rule_find (const struct rule *rules, const char *key);

/* Whether a key may hold whatever the writer likes: "x-..." */
bool rule_is_free (const char *key);

/* The parameters of a plugin, ended by PL_PARAMS_END. */
const struct pl_param *plugin_params (const struct pl_plugin *plugin);

/* A parameter is judged as any key is: its row. */
struct rule param_rule (const struct pl_param *param);

#endif

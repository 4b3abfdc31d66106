/* values.c - whether a value is what its row says. */
#include "lab/reader.h"

#include <inttypes.h>
#include <stdlib.h>

/* ------------------------------------------------------- wanted and there -- */

enum
{
  SENTENCE = 256
};

static void
wanted_range (const struct rule *rule, char *to, size_t size)
{
  if (rule->max >= RULE_INTEGER_MAX)
    snprintf (to, size,
              rule->min <= -RULE_INTEGER_MAX ? "a number" : "a number from %" PRId64 " up",
              rule->min);
  else
    snprintf (to, size, "a number from %" PRId64 " to %" PRId64, rule->min, rule->max);
}

const char *
value_wanted (const struct rule *rule, char *to, size_t size)
{
  static const char *const plain[] = {
    [RULE_ANY] = "a value",
    [RULE_BOOLEAN] = "true or false",
    [RULE_TEXT] = "a text",
    [RULE_WORD] = "a word in quotes",
    [RULE_LIST] = "a list in [ ]",
    [RULE_OBJECT] = "an object in { }",
    [RULE_TRANSPORT] = "a plugin's name",
    [RULE_CHAIN] = "a plugin's name",
    [RULE_FRAMING] = "a word in quotes",
    [RULE_EVENT] = "a text like \"drop 3 in\"",
  };

  if (rule->type == RULE_INTEGER || rule->type == RULE_NUMBER)
    wanted_range (rule, to, size);
  else if (rule->type == RULE_TEXT && rule->max > 0)
    snprintf (to, size, "a text of %" PRId64 " to %" PRId64 " bytes", rule->min, rule->max);
  else
    return plain[rule->type];
  return to;
}

/* What is there, as a message calls it. */
static const char *
found_words (const struct reader *r, size_t node, char *to, size_t size)
{
  static const char *const plain[] = {
    [SCAN_OBJECT] = "an object", [SCAN_LIST] = "a list", [SCAN_TRUE] = "true",
    [SCAN_FALSE] = "false",      [SCAN_NULL] = "null",
  };
  const struct scan_node *n = &r->scan.nodes[node];
  char clip[READER_CLIP];

  if (n->kind == SCAN_NUMBER)
    snprintf (to, size, "%.*s", (int) n->size, r->report->text + n->at);
  else if (n->kind == SCAN_TEXT && *reader_text (r, node) == '\0')
    return "an empty text";
  else if (n->kind == SCAN_TEXT)
    snprintf (to, size, "the text \"%s\"", reader_clip (clip, reader_text (r, node)));
  else
    return plain[n->kind];
  return to;
}

/* ---------------------------------------------------------------- remedies -- */

/* A plugin's range may be wider than what a double counts exactly. */
static bool
is_in_range (double value, const struct rule *rule)
{
  return value >= (double) rule->min && value <= (double) rule->max
         && value >= (double) -RULE_INTEGER_MAX && value <= (double) RULE_INTEGER_MAX;
}

/* value: in some range */
static bool
is_whole (double value)
{
  return (double) (int64_t) value == value;
}

/* Whether that text, without its quotes, would be a number of the range. */
static bool
is_number_text (const char *text, const struct rule *rule)
{
  char *end;
  double value;

  if (strspn (text, "0123456789.") != strlen (text) || *text == '\0' || *text == '.')
    return false;
  if (text[0] == '0' && text[1] != '\0' && text[1] != '.')
    return false;
  value = strtod (text, &end);
  return *end == '\0' && end[-1] != '.' && is_in_range (value, rule)
         && (rule->type == RULE_NUMBER || is_whole (value));
}

static const char *
choice_remedy (const char *words, char *to, size_t size)
{
  const char **list = words_split (words);
  char *choice = list == NULL ? NULL : words_choice (list, " or ");

  snprintf (to, size, "Write %s", choice == NULL ? words : choice);
  free (choice);
  free (list);
  return to;
}

static const char *
quotes_remedy (const struct reader *r, const struct rule *rule, size_t node, char *to, size_t size)
{
  char number[READER_CLIP]; /* the scan has seen to its length */

  found_words (r, node, number, sizeof number);
  if (rule->text != NULL && !rule->text->fits (number))
    return NULL;
  snprintf (to, size, "Put it in quotes: \"%s\"", number);
  return to;
}

/* How a value of the wrong type is often put right; NULL: who knows. */
static const char *
type_remedy (const struct reader *r, const struct rule *rule, size_t node, char *to, size_t size)
{
  const struct scan_node *n = &r->scan.nodes[node];
  const char *text = n->kind == SCAN_TEXT ? reader_text (r, node) : NULL;
  bool is_numeric = rule->type == RULE_INTEGER || rule->type == RULE_NUMBER;

  if (n->kind == SCAN_NULL && rule->example == NULL)
    return "Leave the key out";
  if (text != NULL && is_numeric && is_number_text (text, rule))
    return "Take the quotes away";
  if (text != NULL && rule->type == RULE_BOOLEAN)
    {
      if (strcmp (text, "true") == 0 || strcmp (text, "false") == 0)
        return "Take the quotes away";
      return NULL;
    }
  if (rule->type == RULE_BOOLEAN && n->kind == SCAN_NUMBER)
    return r->json[node]->valuedouble == 0 ? "Write false" : "Write true";
  if (rule->type == RULE_LIST && text != NULL)
    return "Put it in brackets: [\"...\"]";
  if (rule->type == RULE_WORD || rule->type == RULE_FRAMING)
    return choice_remedy (rule->words, to, size);
  if (rule->type == RULE_TEXT && n->kind == SCAN_NUMBER)
    return quotes_remedy (r, rule, node, to, size);
  if (rule->type == RULE_TRANSPORT || rule->type == RULE_CHAIN)
    return rule->type == RULE_CHAIN
               ? "Write \"uppercase\", or { \"plugin\": \"uppercase\" } with its parameters"
               : "Write \"udp\", or { \"plugin\": \"udp\" } with its parameters";
  return NULL;
}

static void
refuse (struct reader *r, size_t node, const char *wanted, const char *remedy)
{
  char found[SENTENCE];

  report_add (r->report, r->scan.nodes[node].at, remedy, "\"%s\": %s is wanted, not %s",
              reader_label (r, node), wanted, found_words (r, node, found, sizeof found));
}

void
value_refuse (struct reader *r, size_t node, const char *wanted)
{
  refuse (r, node, wanted, NULL);
}

static bool
refuse_type (struct reader *r, const struct rule *rule, size_t node)
{
  char wanted[SENTENCE];
  char remedy[SENTENCE];

  refuse (r, node, value_wanted (rule, wanted, sizeof wanted),
          type_remedy (r, rule, node, remedy, sizeof remedy));
  return false;
}

void
value_unknown (struct reader *r, size_t node, const char *words)
{
  const char *text = reader_text (r, node);
  const char **list = words_split (words);
  const char *meant = list == NULL ? NULL : suggest (text, list);
  char clip[READER_CLIP];
  char remedy[SENTENCE];

  if (meant != NULL)
    snprintf (remedy, sizeof remedy, "Did you mean \"%s\"?", meant);
  else
    choice_remedy (words, remedy, sizeof remedy);
  report_add (r->report, r->scan.nodes[node].at, remedy, "\"%s\": \"%s\" is none of its words",
              reader_label (r, node), reader_clip (clip, text));
  free (list);
}

/* ----------------------------------------------------------------- judging -- */

static bool
number_fits (struct reader *r, const struct rule *rule, size_t node)
{
  double value = r->json[node]->valuedouble;
  char wanted[SENTENCE];

  if (r->scan.nodes[node].kind != SCAN_NUMBER)
    return refuse_type (r, rule, node);
  if (!is_in_range (value, rule))
    {
      wanted_range (rule, wanted, sizeof wanted);
      value_refuse (r, node, wanted);
      return false;
    }
  if (rule->type == RULE_INTEGER && !is_whole (value))
    {
      value_refuse (r, node, "a whole number");
      return false;
    }
  return true;
}

static bool
text_fits (struct reader *r, const struct rule *rule, size_t node)
{
  const char *text = reader_text (r, node);
  char wanted[SENTENCE];
  size_t bytes;

  if (r->scan.nodes[node].kind != SCAN_TEXT)
    return refuse_type (r, rule, node);
  bytes = strlen (text);
  if (rule->text != NULL && !rule->text->fits (text))
    {
      value_refuse (r, node, rule->text->wanted);
      return false;
    }
  if (rule->max > 0 && (bytes < (size_t) rule->min || bytes > (size_t) rule->max))
    {
      report_add (r->report, r->scan.nodes[node].at, NULL,
                  "\"%s\": %s is wanted, and this one has %zu", reader_label (r, node),
                  value_wanted (rule, wanted, sizeof wanted), bytes);
      return false;
    }
  return true;
}

static bool
word_fits (struct reader *r, const struct rule *rule, size_t node)
{
  if (r->scan.nodes[node].kind != SCAN_TEXT)
    return refuse_type (r, rule, node);
  if (words_index (rule->words, reader_text (r, node)) != -1)
    return true;
  value_unknown (r, node, rule->words);
  return false;
}

static bool
list_fits (struct reader *r, const struct rule *rule, size_t node)
{
  int64_t count = 0;
  bool fits = true;

  if (r->scan.nodes[node].kind != SCAN_LIST)
    return refuse_type (r, rule, node);
  READER_EACH (r, child, node)
  {
    fits &= value_fits (r, rule->inside, child);
    count++;
  }
  if (rule->max == 0 || count <= rule->max)
    return fits;
  report_add (r->report, r->scan.nodes[node].at, NULL,
              "\"%s\": a list of at most %" PRId64 " is wanted, and this one has %" PRId64,
              reader_label (r, node), rule->max, count);
  return false;
}

bool
value_fits (struct reader *r, const struct rule *rule, size_t node)
{
  enum scan_kind kind = r->scan.nodes[node].kind;

  switch (rule->type)
    {
    case RULE_ANY:
      return true;
    case RULE_BOOLEAN:
      return kind == SCAN_TRUE || kind == SCAN_FALSE || refuse_type (r, rule, node);
    case RULE_INTEGER:
    case RULE_NUMBER:
      return number_fits (r, rule, node);
    case RULE_TEXT:
      return text_fits (r, rule, node);
    case RULE_WORD:
      return word_fits (r, rule, node);
    case RULE_LIST:
      return list_fits (r, rule, node);
    case RULE_OBJECT:
      return kind == SCAN_OBJECT || refuse_type (r, rule, node);
    case RULE_TRANSPORT:
      return kind == SCAN_TEXT || kind == SCAN_OBJECT || refuse_type (r, rule, node);
    case RULE_CHAIN:
      return kind == SCAN_TEXT || kind == SCAN_OBJECT || kind == SCAN_LIST
             || refuse_type (r, rule, node);
    case RULE_FRAMING:
      return kind == SCAN_TEXT || refuse_type (r, rule, node);
    case RULE_EVENT:
      return kind == SCAN_TEXT ? event_fits (r, node) : refuse_type (r, rule, node);
    }
  return false;
}

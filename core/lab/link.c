/* link.c - what the network does: its script, what each key needs, and keys from the command
 * line. */
#include "lab/reader.h"
#include "lab/script.h"

#include <stdlib.h>

bool
lab_plays_link (const struct lab *lab)
{
  const struct lab_link *link = &lab->link;

  return link->loss > 0 || link->duplicate > 0 || link->corrupt > 0 || link->truncate > 0
         || link->reorder > 0 || link->delay_ms > 0 || link->jitter_ms > 0 || link->rate_kbps > 0
         || link->slice > 0 || link->reset_after > 0 || link->script_count > 0;
}

void
lab_clear_link (struct lab *lab)
{
  struct lab_link none = { .seed = lab->link.seed, .direction = LAB_BOTH };

  lab->link = none;
}

/* ----------------------------------------------------------------- script -- */

/* Where in the file a byte of a text stands; where escapes are in the way, the text. */
static size_t
place_inside (const struct reader *r, size_t node, size_t at)
{
  size_t begin = r->scan.nodes[node].at;

  return memchr (r->report->text + begin + 1, '\\', at) == NULL ? begin + 1 + at : begin;
}

bool
event_fits (struct reader *r, size_t node)
{
  struct script_problem problem;
  struct lab_event event;

  if (script_read (reader_text (r, node), &event, &problem) == 0)
    return true;
  report_add (r->report, place_inside (r, node, problem.at),
              problem.remedy[0] != '\0' ? problem.remedy : NULL, "\"%s\": %s",
              reader_label (r, node), problem.message);
  return false;
}

void
event_keep (struct reader *r, size_t node)
{
  struct lab_link *link = &r->lab->link;
  struct script_problem problem;

  script_read (reader_text (r, node), &link->script[link->script_count++], &problem);
}

/* --------------------------------------------------------------- transport -- */

bool
link_misfits (const struct lab_plugin *transport, const struct rule *rule, char *reason,
              size_t size)
{
  const struct pl_transport *carrier = transport->plugin->transport;

  if (rule->carries == PL_DATAGRAMS && carrier->carries == PL_STREAM)
    snprintf (reason, size,
              "%s carries a stream, of which nothing is lost, doubled, changed or overtaken",
              transport->name);
  else if (rule->carries == PL_STREAM && carrier->carries == PL_DATAGRAMS)
    snprintf (reason, size, "%s carries datagrams, each of which travels whole and by itself",
              transport->name);
  else if (strcmp (rule->key, "reset_after") == 0 && carrier->reset == NULL)
    snprintf (reason, size, "%s has no reset hook, so it cannot reset a connection",
              transport->name);
  else
    return false;
  return true;
}

/* ------------------------------------------------------------ command line -- */

/* A number as people write it, ".5" too; false: it is none, or out of its range. */
static bool
read_number (const struct rule *rule, const char *text, double *value)
{
  char *end;

  if (strchr ("0123456789.", *text) == NULL || text[strspn (text, "0123456789.eE+-")] != '\0')
    return false;
  *value = strtod (text, &end);
  return end > text && *end == '\0' && *value >= (double) rule->min && *value <= (double) rule->max
         && (rule->type == RULE_NUMBER || (double) (int64_t) *value == *value);
}

static int
set_number (struct lab *lab, const struct rule *rule, const char *text, char *message, size_t size)
{
  char wanted[64];
  double value;

  if (!read_number (rule, text, &value))
    {
      snprintf (message, size, "%s is wanted", value_wanted (rule, wanted, sizeof wanted));
      return -1;
    }
  if (rule->type == RULE_NUMBER)
    keep_real (rule, lab, value);
  else
    keep_number (rule, lab, (uint64_t) value);
  return 0;
}

static int
set_word (struct lab *lab, const struct rule *rule, const char *text, char *message, size_t size)
{
  int index = words_index (rule->words, text);
  const char **words;
  char *choice;

  if (index != -1)
    {
      keep_number (rule, lab, (uint64_t) index);
      return 0;
    }
  words = words_split (rule->words);
  choice = words == NULL ? NULL : words_choice (words, " or ");
  snprintf (message, size, "%s is wanted", choice == NULL ? rule->words : choice);
  free (choice);
  free (words);
  return -1;
}

static int
set_event (struct lab *lab, const char *text, char *message, char *remedy, size_t size)
{
  struct lab_link *link = &lab->link;
  struct script_problem problem;
  struct lab_event event;

  if (link->script_count == LAB_SCRIPT_MAX)
    {
      snprintf (message, size, "a script has at most %d lines", LAB_SCRIPT_MAX);
      return -1;
    }
  if (script_read (text, &event, &problem) == -1)
    {
      snprintf (message, size, "%s", problem.message);
      snprintf (remedy, size, "%s", problem.remedy);
      return -1;
    }
  link->script[link->script_count++] = event;
  return 0;
}

int
lab_set_link (struct lab *lab, const char *key, const char *text, char *message, char *remedy,
              size_t size)
{
  const struct rule *rule = rule_find (rule_find (lab_rules, "link")->inside, key);

  *remedy = '\0';
  if (link_misfits (&lab->transport, rule, message, size))
    return -1;
  if (rule->type == RULE_LIST)
    return set_event (lab, text, message, remedy, size);
  if (rule->type == RULE_WORD)
    return set_word (lab, rule, text, message, size);
  return set_number (lab, rule, text, message, size);
}

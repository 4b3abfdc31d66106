/* describe.c - what a lab says, in words for people. */
#include "lab/describe.h"
#include "lab/rules.h"
#include "lab/script.h"
#include "lab/show.h"

#include <inttypes.h>
#include <stdlib.h>

enum
{
  COLUMNS = 78
};

/* A paragraph of words, filled up to COLUMNS; returns what follows it. */
static const char *
fill_line (const char *p, FILE *to)
{
  const char *end = p + strcspn (p, "\n");
  size_t column = 0;
  char word[512];

  while (p < end)
    {
      size_t blanks = strspn (p, " \t");
      size_t n = strcspn (p + blanks, " \t\n");
      size_t cells = 0;

      if (n >= sizeof word)
        n = sizeof word - 1;
      for (size_t i = 0; i < n; i++)
        cells += (p[blanks + i] & 0xc0) != 0x80;
      /* Blanks are kept where they indent a line and dropped where it is broken. */
      if (column > 0 && column + 1 + cells > COLUMNS)
        {
          fputc ('\n', to);
          column = 0;
        }
      else if (n > 0)
        {
          size_t gap = column > 0 ? 1 : blanks;

          fprintf (to, "%*s", (int) gap, "");
          column += gap;
        }
      memcpy (word, p + blanks, n);
      word[n] = '\0';
      show_text (word, to);
      column += cells;
      p += blanks + n;
    }
  fputc ('\n', to);
  return *p == '\n' ? p + 1 : p;
}

static void
paragraphs (const char *text, FILE *to)
{
  while (*text != '\0')
    text = fill_line (text, to);
}

static void
label (const char *word, FILE *to)
{
  fprintf (to, "  %-14s", word);
}

static void
value_line (const struct lab_value *value, FILE *to)
{
  char row[64];

  snprintf (row, sizeof row, "  %s", value->param->name);
  label (row, to);
  fputc (' ', to);
  if (value->param->type == PL_INTEGER)
    fprintf (to, "%" PRId64, value->integer);
  else if (value->param->type == PL_BOOLEAN)
    fputs (value->boolean ? "true" : "false", to);
  else
    {
      fputc ('"', to);
      show_text (value->string, to);
      fputc ('"', to);
    }
  fprintf (to, ": %s%s\n", value->param->help == NULL ? "" : value->param->help,
           value->given ? "" : " (default)");
}

static void
plugin_lines (const char *word, const struct lab_plugin *plugin, FILE *to)
{
  label (word, to);
  fprintf (to, "%s: %s\n", plugin->name, plugin->plugin->summary);
  for (size_t i = 0; i < plugin->count; i++)
    value_line (&plugin->values[i], to);
}

/* A number with its row's help.  Its default is known by being equal to it. */
static void
number_line (const struct rule *rules, const char *key, uint64_t value, FILE *to)
{
  const struct rule *rule = rule_find (rules, key);

  label (key, to);
  fprintf (to, "%" PRIu64 ": %s%s\n", value, rule->help,
           strtoull (rule->preset, NULL, 10) == value ? " (default)" : "");
}

static void
server_lines (const struct lab *lab, FILE *to)
{
  char name[32];

  label ("server", to);
  show_text (lab->host, to);
  if (lab->port == 0)
    fputs (", any free port\n", to);
  else
    fprintf (to, ", port %u\n", lab->port);

  label ("framing", to);
  fprintf (to, "%s: %s", framing_name (lab->framing, name, sizeof name),
           framing_meaning (lab->framing));
  if (lab->framing.kind == FRAMING_FIXED)
    fprintf (to, ", %zu", lab->framing.size);
  fputc ('\n', to);

  if (lab->framing.kind == FRAMING_DATAGRAM)
    return;
  label ("close", to);
  fputs (lab->close_after_reply ? "after-reply: the server closes the connection after its answer\n"
                                : "keep: the connection stays open until the client closes it\n",
         to);
}

static void
client_lines (const struct lab *lab, FILE *to)
{
  label ("prompt", to);
  fputc ('"', to);
  show_text (lab->client.prompt, to);
  fputs ("\"\n", to);
  label ("repeat", to);
  fputs (lab->client.repeat ? "true: the client asks for sentence after sentence\n"
                            : "false: the client ends after one sentence\n",
         to);
  number_line (rule_find (lab_rules, "client")->inside, "timeout_ms",
               (uint64_t) lab->client.timeout_ms, to);
}

static void
limits_lines (const struct lab *lab, FILE *to)
{
  const struct rule *rules = rule_find (lab_rules, "limits")->inside;

  number_line (rules, "message_bytes", lab->limits.message_bytes, to);
  number_line (rules, "sessions", lab->limits.sessions, to);
  number_line (rules, "handshake_ms", (uint64_t) lab->limits.handshake_ms, to);
  number_line (rules, "idle_ms", (uint64_t) lab->limits.idle_ms, to);
  number_line (rules, "total_ms", (uint64_t) lab->limits.total_ms, to);
  number_line (rules, "unsent_bytes", lab->limits.unsent_bytes, to);
}

/* A number of the link with its row's help; one that is 0 does nothing, and is left out. */
static void
link_number (const struct lab *lab, const struct rule *rule, FILE *to)
{
  const void *member = (const char *) lab + rule->offset;
  char number[32] = "";

  if (rule->type == RULE_NUMBER && *(const double *) member > 0)
    snprintf (number, sizeof number, "%g", *(const double *) member);
  else if (rule->type == RULE_INTEGER && *(const int64_t *) member > 0)
    snprintf (number, sizeof number, "%" PRId64, *(const int64_t *) member);
  if (number[0] == '\0')
    return;
  label (rule->key, to);
  fprintf (to, "%s: %s\n", number, rule->help);
}

void
lab_describe_link (const struct lab *lab, FILE *to)
{
  const struct rule *rules = rule_find (lab_rules, "link")->inside;
  const struct lab_link *link = &lab->link;
  char line[64];

  number_line (rules, "seed", (uint64_t) link->seed, to);
  for (const struct rule *rule = rules; rule->key != NULL; rule++)
    if (rule != rule_find (rules, "seed"))
      link_number (lab, rule, to);
  label ("direction", to);
  fputs (link->direction == LAB_IN    ? "in: towards the server\n"
         : link->direction == LAB_OUT ? "out: towards the client\n"
                                      : "both: towards the server and towards the client\n",
         to);
  for (size_t i = 0; i < link->script_count; i++)
    {
      label (i == 0 ? "script" : "", to);
      fprintf (to, "%s\n", script_line (&link->script[i], line, sizeof line));
    }
}

void
lab_describe (const struct lab *lab, FILE *to)
{
  show_text (lab->name, to);
  if (lab->title != NULL)
    {
      fputs (": ", to);
      show_text (lab->title, to);
    }
  fputs ("\n\n", to);
  if (lab->about != NULL)
    {
      paragraphs (lab->about, to);
      fputc ('\n', to);
    }
  plugin_lines ("transport", &lab->transport, to);
  for (size_t i = 0; i < lab->transform_count; i++)
    plugin_lines (i == 0 ? "transform" : "then", &lab->transforms[i], to);
  server_lines (lab, to);
  fputs ("\nclient\n", to);
  client_lines (lab, to);
  fputs ("\nlimits\n", to);
  limits_lines (lab, to);
  if (!lab_plays_link (lab))
    return;
  fputs ("\nlink\n", to);
  lab_describe_link (lab, to);
}

#include "command/command.h"

#include "lab/rules.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

/* Options without a letter are known by these; a letter's code is smaller. */
enum
{
  OPTION_AS = 256,
  OPTION_CORRUPT,
  OPTION_DELAY,
  OPTION_DIRECTION,
  OPTION_DUPLICATE,
  OPTION_FLOWS,
  OPTION_JITTER,
  OPTION_LOG,
  OPTION_LOSS,
  OPTION_NO_LINK,
  OPTION_OUTPUT,
  OPTION_PCAP,
  OPTION_PLAN,
  OPTION_RATE,
  OPTION_REORDER,
  OPTION_REPORT,
  OPTION_RESET_AFTER,
  OPTION_SCRIPT,
  OPTION_SEED,
  OPTION_SLICE,
  OPTION_TRACE,
  OPTION_TRUNCATE,
  OPTION_WEB
};

struct option_row
{
  int id; /* a letter, or OPTION_...; also what getopt_long returns */
  char group; /* commands name the groups that they take; 'K': the keys of a lab's "link" */
  const char *name;
  const char *argument; /* NULL: takes none; "[=WHAT]": may have one */
  const char *help; /* NULL: the key's rule has it */
};

/* From this table come the parsing, the help and the test of the manual page. */
static const struct option_row rows[] = {
  { 'H', 'H', "host", "HOST", "where the server is, instead of the lab's host" },
  { 'p', 'p', "port", "PORT", "its port, instead of the lab's; 0: any free one" },
  { 'w', 'w', "workers", "N", "how many processes serve the lab" },
  { 'j', 'j', "json", NULL, "print the result as JSON" },
  { OPTION_TRACE, 't', "trace", "[=WHAT]", "draw what happens: messages, calls or hex" },
  { OPTION_WEB, 'o', "web", "[=PORT]", "show it live on a web page" },
  { OPTION_LOG, 'o', "log", "FILE", "write every event to FILE as JSON Lines" },
  { OPTION_PCAP, 'o', "pcap", "FILE", "write a pcapng capture for Wireshark" },
  { OPTION_REPORT, 'o', "report", "FILE", "write an HTML page to hand in" },
  { OPTION_AS, 'r', "as", "FORM", "the form: text, html, svg or pcapng; text if not given" },
  { OPTION_OUTPUT, 'r', "output", "FILE", "where to write it, instead of standard output" },
  { OPTION_SEED, 'K', "seed", "N", NULL },
  { OPTION_LOSS, 'K', "loss", "P", NULL },
  { OPTION_DUPLICATE, 'K', "duplicate", "P", NULL },
  { OPTION_CORRUPT, 'K', "corrupt", "P", NULL },
  { OPTION_TRUNCATE, 'K', "truncate", "P", NULL },
  { OPTION_REORDER, 'K', "reorder", "P", NULL },
  { OPTION_DELAY, 'K', "delay", "MS", NULL },
  { OPTION_JITTER, 'K', "jitter", "MS", NULL },
  { OPTION_RATE, 'K', "rate", "KBPS", NULL },
  { OPTION_SLICE, 'K', "slice", "N", NULL },
  { OPTION_RESET_AFTER, 'K', "reset-after", "N", NULL },
  { OPTION_DIRECTION, 'K', "direction", "WAY", NULL },
  { OPTION_SCRIPT, 'K', "script", "LINE", NULL },
  { OPTION_NO_LINK, 'n', "no-link", NULL, "play none of the lab's link" },
  { OPTION_PLAN, 'P', "plan", "[=N]", "print the fates of the first N packets and end" },
  { OPTION_FLOWS, 'P', "flows", "N", "with --plan: of how many flows; 1 if not given" },
  { 'c', 'c', "color", "WHEN", "colour: auto, always or never" },
  { 'L', 'L', "no-lockdown", NULL, "keep all privileges, for debuggers" },
  { 'h', 'h', "help", NULL, "print this help" },
};

enum
{
  ROWS = sizeof rows / sizeof rows[0],
  PLAN_USUAL = 20, /* packets */
  PLAN_MAX = 1000000
};

/* The rule of the key that an option stands for: it has the key's name, without the unit. */
static const struct rule *
link_rule (const struct option_row *row)
{
  const struct rule *rule = rule_find (lab_rules, "link")->inside;
  size_t n = strlen (row->name);
  char name[32];

  snprintf (name, sizeof name, "%s", row->name);
  for (char *p = name; (p = strchr (p, '-')) != NULL;)
    *p = '_';
  while (strncmp (rule->key, name, n) != 0 || (rule->key[n] != '\0' && rule->key[n] != '_'))
    rule++;
  return rule;
}

static bool
takes (const struct command *command, const struct option_row *row)
{
  return row->group == 'h' || strchr (command->options, row->group) != NULL;
}

static bool
takes_letter (const struct command *command, int letter)
{
  for (size_t i = 0; i < ROWS; i++)
    if (rows[i].id == letter)
      return takes (command, &rows[i]);
  return false;
}

static bool
may_lack_argument (const struct option_row *row)
{
  return row->argument != NULL && row->argument[0] == '[';
}

/* The whole number in text, from 0 to most; -1: it is none. */
static int
number (const char *text, int most)
{
  char *end;
  long value;

  errno = 0;
  value = strtol (text, &end, 10);
  /* strtol takes blanks and a sign before the digits. */
  if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value > most)
    return -1;
  return (int) value;
}

static int
refuse_value (const struct invocation *in, const char *name, const char *value, const char *wanted)
{
  complain (in->command->name, "--%s \"%s\": %s is wanted", name, value, wanted);
  return -1;
}

/* Judged when the lab is known. */
static int
keep_for_link (struct invocation *in, const struct option_row *row, const char *value)
{
  if (in->link_count == LINK_OPTIONS_MAX)
    {
      complain (in->command->name, "--%s: more than %d options of the link", row->name,
                LINK_OPTIONS_MAX);
      return -1;
    }
  in->link[in->link_count++] = (struct link_option){ row->name, link_rule (row)->key, value };
  return 0;
}

static int
set (struct invocation *in, int id, char *value)
{
  for (size_t i = 0; i < ROWS; i++)
    if (rows[i].id == id && rows[i].group == 'K')
      return keep_for_link (in, &rows[i], value);
  switch (id)
    {
    case OPTION_PLAN:
      in->plan = value != NULL ? number (value, PLAN_MAX) : PLAN_USUAL;
      return in->plan > 0 ? 0 : refuse_value (in, "plan", value, "a number from 1 to 1000000");
    case OPTION_FLOWS:
      in->flows = number (value, PLAN_MAX);
      return in->flows > 0 ? 0 : refuse_value (in, "flows", value, "a number from 1 to 1000000");
    case OPTION_TRACE:
      in->trace = value != NULL ? value : "messages";
      return strcmp (in->trace, "messages") == 0 || strcmp (in->trace, "calls") == 0
                     || strcmp (in->trace, "hex") == 0
                 ? 0
                 : refuse_value (in, "trace", value, "messages, calls or hex");
    case OPTION_AS:
      in->as = value;
      return strcmp (value, "text") == 0 || strcmp (value, "html") == 0
                     || strcmp (value, "svg") == 0 || strcmp (value, "pcapng") == 0
                 ? 0
                 : refuse_value (in, "as", value, "text, html, svg or pcapng");
    case OPTION_OUTPUT:
      in->output = value;
      return *value != '\0' ? 0 : refuse_value (in, "output", value, "a file's name");
    case OPTION_WEB:
      in->web = value != NULL ? number (value, 65535) : 0;
      return in->web != -1 ? 0 : refuse_value (in, "web", value, "a port from 0 to 65535");
    case OPTION_NO_LINK:
      in->no_link = true;
      return 0;
    case OPTION_LOG:
      in->log = value;
      return 0;
    case OPTION_PCAP:
      in->pcap = value;
      return 0;
    case OPTION_REPORT:
      in->report = value;
      return 0;
    case 'H':
      in->host = value;
      return *value != '\0' ? 0 : refuse_value (in, "host", value, "a name or an address");
    case 'p':
      in->port = number (value, 65535);
      return in->port != -1 ? 0 : refuse_value (in, "port", value, "a number from 0 to 65535");
    case 'w':
      in->workers = number (value, 64);
      return in->workers > 0 ? 0 : refuse_value (in, "workers", value, "a number from 1 to 64");
    case 'j':
      in->json = true;
      return 0;
    case 'L':
      in->no_lockdown = true;
      return 0;
    case 'c':
      in->colour = strcmp (value, "always") == 0  ? COLOUR_ALWAYS
                   : strcmp (value, "never") == 0 ? COLOUR_NEVER
                                                  : COLOUR_AUTO;
      return in->colour != COLOUR_AUTO || strcmp (value, "auto") == 0
                 ? 0
                 : refuse_value (in, "color", value, "auto, always or never");
    default:
      in->help = true;
      return 0;
    }
}

/* Says what is wrong with the option that getopt_long stopped at. */
static int
refuse_option (const struct invocation *in, int result, const char *given)
{
  const char *names[ROWS + 1] = { NULL };
  char letter[3] = { '-', (char) optopt, '\0' };
  size_t count = 0;
  const char *near;
  char word[64];

  if (result == ':')
    {
      complain (in->command->name, "%s: a value is missing", given);
      return -1;
    }
  /* In "-xy" getopt_long still stands before that argument when it meets the x. */
  if (optopt > 0 && optopt < 256 && !takes_letter (in->command, optopt))
    given = letter;
  for (size_t i = 0; i < ROWS; i++)
    if (takes (in->command, &rows[i]))
      names[count++] = rows[i].name;
  snprintf (word, sizeof word, "%.*s", (int) strcspn (given + strspn (given, "-"), "="),
            given + strspn (given, "-"));
  near = suggest (word, names);
  complain (in->command->name, "%s: no such option", given);
  if (near != NULL)
    advise ("Did you mean \"--%s\"?", near);
  else
    advise ("\"protolab %s --help\" lists its options.", in->command->name);
  return -1;
}

/* Takes the options out of argv[1..]; the operands are left in in->argv. */
static int
read_options (struct invocation *in, int argc, char **argv)
{
  struct option longs[ROWS + 1] = { { 0 } };
  char shorts[2 * ROWS + 2] = ":";
  size_t count = 0;
  int result;

  for (size_t i = 0; i < ROWS; i++)
    if (takes (in->command, &rows[i]))
      {
        char letter[3] = { (char) rows[i].id, rows[i].argument != NULL ? ':' : '\0', '\0' };

        if (rows[i].id < 256)
          strcat (shorts, letter);
        longs[count++] = (struct option){ rows[i].name,
                                          may_lack_argument (&rows[i]) ? optional_argument
                                          : rows[i].argument != NULL   ? required_argument
                                                                       : no_argument,
                                          NULL, rows[i].id };
      }
  opterr = 0;
  optind = 0;
  while ((result = getopt_long (argc, argv, shorts, longs, NULL)) != -1)
    if (result == '?' || result == ':')
      return refuse_option (in, result, argv[optind - 1]);
    else if (set (in, result, optarg) == -1)
      return -1;
  in->argc = argc - optind;
  in->argv = argv + optind;
  return 0;
}

static int
check_operands (const struct invocation *in)
{
  const struct command *command = in->command;

  if (in->argc < command->least)
    complain (command->name, "%.*s is missing", (int) strcspn (command->arguments, " ."),
              command->arguments);
  else if (command->most != -1 && in->argc > command->most)
    complain (command->name, "\"%s\" is one argument too many", in->argv[command->most]);
  else if (in->child != NULL && in->child[0] == NULL)
    complain (command->name, "no command stands behind \"--\"");
  else
    return 0;
  advise ("Usage: protolab %s%s%s", command->name, command->arguments[0] != '\0' ? " " : "",
          command->arguments);
  return -1;
}

int
options_read (struct invocation *in, int argc, char **argv)
{
  int own = 0;

  while (own < argc && !(in->command->takes_child && strcmp (argv[own], "--") == 0))
    own++;
  if (own < argc)
    {
      in->child = argv + own + 1;
      argv[own] = NULL;
    }
  if (read_options (in, own, argv) == -1)
    return -1;
  return in->help ? 0 : check_operands (in);
}

void
options_write (const struct command *command, FILE *to)
{
  for (size_t i = 0; i < ROWS; i++)
    if (takes (command, &rows[i]))
      {
        char letter[] = { '-', (char) rows[i].id, ',', '\0' };
        char text[64];

        snprintf (text, sizeof text, "%-3s --%s%s%s", rows[i].id < 256 ? letter : "", rows[i].name,
                  rows[i].argument != NULL && !may_lack_argument (&rows[i]) ? "=" : "",
                  rows[i].argument != NULL ? rows[i].argument : "");
        fprintf (to, "  %-22s%s\n", text,
                 rows[i].help != NULL ? rows[i].help : link_rule (&rows[i])->help);
      }
}

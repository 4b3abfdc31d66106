#include "command/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

struct option_row
{
  char letter; /* also what getopt_long returns */
  const char *name;
  const char *argument; /* NULL: takes none */
  const char *help;
};

/* From this table come the parsing, the help and the test of the manual page. */
static const struct option_row rows[] = {
  { 'H', "host", "HOST", "where the server is, instead of the lab's host" },
  { 'p', "port", "PORT", "its port, instead of the lab's; 0: any free one" },
  { 'w', "workers", "N", "how many processes serve the lab" },
  { 'j', "json", NULL, "print the result as JSON" },
  { 'c', "color", "WHEN", "colour: auto, always or never" },
  { 'L', "no-lockdown", NULL, "keep all privileges, for debuggers" },
  { 'h', "help", NULL, "print this help" },
};

enum
{
  ROWS = sizeof rows / sizeof rows[0]
};

static bool
takes (const struct command *command, char letter)
{
  return letter == 'h' || strchr (command->options, letter) != NULL;
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

static int
set (struct invocation *in, char letter, char *value)
{
  switch (letter)
    {
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
  if (optopt != '\0' && !takes (in->command, (char) optopt))
    given = letter;
  for (size_t i = 0; i < ROWS; i++)
    if (takes (in->command, rows[i].letter))
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
    if (takes (in->command, rows[i].letter))
      {
        char letter[3] = { rows[i].letter, rows[i].argument != NULL ? ':' : '\0', '\0' };

        strcat (shorts, letter);
        longs[count++]
            = (struct option){ rows[i].name,
                               rows[i].argument != NULL ? required_argument : no_argument, NULL,
                               rows[i].letter };
      }
  opterr = 0;
  optind = 0;
  while ((result = getopt_long (argc, argv, shorts, longs, NULL)) != -1)
    if (result == '?' || result == ':')
      return refuse_option (in, result, argv[optind - 1]);
    else if (set (in, (char) result, optarg) == -1)
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
    if (takes (command, rows[i].letter))
      {
        char text[64];

        snprintf (text, sizeof text, "-%c, --%s%s%s", rows[i].letter, rows[i].name,
                  rows[i].argument != NULL ? "=" : "",
                  rows[i].argument != NULL ? rows[i].argument : "");
        fprintf (to, "  %-22s%s\n", text, rows[i].help);
      }
}

#include "command/command.h"

const struct command commands[] = {
  { "run", "LAB [-- COMMAND...]", "run a lab: server and client in one terminal",
    "Type a sentence; the server's reply and the exchange between the two sockets\n"
    "appear below it.  Ctrl-D ends it.\n\n"
    "With COMMAND the server gets a free port (or --port), COMMAND runs with\n"
    "PROTOLAB_HOST and PROTOLAB_PORT in its environment, and its status is returned.\n\n"
    "With --plan nothing is run.",
    "HptoKnPjc", 1, 1, true, command_run },
  { "serve", "LAB", "serve a lab until Ctrl-C",
    "Prints \"ready\" and the address once clients can come.", "HpwtoKnLc", 1, 1, false, command_serve },
  { "client", "LAB", "send sentences to a lab's server and print its replies",
    "Reads lines from the keyboard, or from standard input.", "HptoKnc", 1, 1, false, command_client },
  { "lint", "FILE...", "check lab descriptors; every error at its line and column", NULL, "j", 1,
    -1, false, command_lint },
  { "list", "", "list the plugins and labs that are installed", NULL, "j", 0, 0, false,
    command_list },
  { "help", "[NAME]", "explain a command, a plugin or a lab file",
    "NAME is a command, a transport or transform, the path of a plugin's .so, or a\n"
    "lab's .json.",
    "j", 0, 1, false, command_help },
  { "schema", "", "print the JSON Schema of lab descriptors, for editors",
    "It is draft-07, and knows the plugins that are found now, with their parameters.", "c", 0, 0,
    false, command_schema },
  { "render", "FILE", "show the log of a run again: text, HTML, SVG or a capture",
    "FILE is what --log wrote; \"-\" is standard input.", "rtc", 1, 1, false, command_render },
  { .name = NULL },
};

const struct command *
command_find (const char *name)
{
  for (const struct command *at = commands; at->name != NULL; at++)
    if (strcmp (at->name, name) == 0)
      return at;
  return NULL;
}

static void
overview (FILE *to)
{
  fputs ("protolab runs networking labs: a transport carries messages to a transform, as a\n"
         "JSON file says.\n\n"
         "Usage: protolab COMMAND [OPTION...] ...\n\n",
         to);
  for (const struct command *at = commands; at->name != NULL; at++)
    fprintf (to, "  %-8s%-21s%s\n", at->name, at->arguments, at->summary);
  fputs ("\nStart with:  protolab run labs/udp-uppercase.json\n"
         "More:        protolab COMMAND --help, man protolab\n",
         to);
}

int
command_usage (const char *name, FILE *to)
{
  const struct command *command;

  if (name == NULL)
    {
      overview (to);
      return 0;
    }
  command = command_find (name);
  if (command == NULL)
    return -1;
  fprintf (to, "Usage: protolab %s [OPTION...]%s%s\n\nprotolab %s: %s.\n", command->name,
           command->arguments[0] != '\0' ? " " : "", command->arguments, command->name,
           command->summary);
  if (command->about != NULL)
    fprintf (to, "%s\n", command->about);
  fputs ("\n", to);
  options_write (command, to);
  return 0;
}

/* main.c - finds the command and hands over. */
#include "command/command.h"
#include "config.h"

#include <signal.h>

static int
no_such_command (const char *word)
{
  const char *names[16] = { NULL };
  const char *near;
  size_t length = strlen (word);

  for (size_t i = 0; commands[i].name != NULL && i < 15; i++)
    names[i] = commands[i].name;
  near = suggest (word, names);
  complain (NULL, "\"%s\": no such command", word);
  if (length > 5 && strcmp (word + length - 5, ".json") == 0)
    advise ("To run this lab: protolab run %s", word);
  else if (near != NULL)
    advise ("Did you mean \"%s\"?", near);
  else
    advise ("\"protolab help\" lists the commands.");
  return STATUS_USAGE;
}

/* What was printed has really left; a full disk is not a success. */
static int
flushed (int status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  complain (NULL, "standard output: the result could not be written");
  return status == STATUS_DONE ? STATUS_FAILED : status;
}

int
main (int argc, char **argv)
{
  struct invocation in = { .port = -1, .web = -1 };
  const char *word = argc > 1 ? argv[1] : NULL;

  signal (SIGPIPE, SIG_IGN);
  if (word == NULL)
    {
      command_usage (NULL, stderr);
      return STATUS_USAGE;
    }
  if (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0)
    return flushed (command_usage (NULL, stdout));
  if (strcmp (word, "--version") == 0 || strcmp (word, "-V") == 0)
    {
      printf ("protolab %s (plugin ABI %d)\n", PACKAGE_VERSION, PL_ABI);
      return flushed (STATUS_DONE);
    }
  in.command = command_find (word);
  if (in.command == NULL)
    return no_such_command (word);
  if (options_read (&in, argc - 1, argv + 1) == -1)
    return STATUS_USAGE;
  if (in.help)
    return flushed (command_usage (word, stdout));
  return flushed (in.command->run (&in));
}

/* command.h - what the commands share: only they print. */
#ifndef PL_COMMAND_COMMAND_H
#define PL_COMMAND_COMMAND_H

#include "lab/lab.h"

enum status
{
  STATUS_DONE = 0,
  STATUS_FAILED = 1,      /* the run failed */
  STATUS_USAGE = 2,       /* the command line, a descriptor or a plugin is wrong */
  STATUS_NOT_STARTED = 3, /* the student's program did not start */
  STATUS_OUR_FAULT = 4
};

enum colour
{
  COLOUR_AUTO,
  COLOUR_ALWAYS,
  COLOUR_NEVER
};

/* A command line, read. */
struct invocation
{
  const struct command *command;
  int argc; /* operands */
  char **argv;
  char **child; /* what stands behind "--", ended by NULL; NULL: nothing does */

  const char *host; /* --host; NULL: as the lab says */
  int port;         /* --port; -1: as the lab says */
  int workers;      /* --workers; 0: as the lab says */
  bool json;
  bool no_lockdown;
  bool help;
  enum colour colour;
};

struct command
{
  const char *name;
  const char *arguments; /* "LAB [-- COMMAND]" */
  const char *summary;
  const char *about;   /* paragraphs; NULL: none */
  const char *options; /* the letters of those that it takes, see options.c */
  int least, most;     /* operands; most -1: any number */
  bool takes_child;
  int (*run) (struct invocation *in);
};

extern const struct command commands[]; /* ends with name NULL */
const struct command *command_find (const char *name);

int command_run (struct invocation *in);
int command_serve (struct invocation *in);
int command_client (struct invocation *in);
int command_lint (struct invocation *in);
int command_list (struct invocation *in);
int command_help (struct invocation *in);
int command_schema (struct invocation *in);

/* --- options.c --- */

/* Reads what follows the command's name.  0, or -1 after it has complained. */
int options_read (struct invocation *in, int argc, char **argv);
/* Describes the command's options, a line each. */
void options_write (const struct command *command, FILE *to);

/* --- usage.c --- */

/* How a command is used; NULL: all of them.  0, or -1: no such command. */
int command_usage (const char *name, FILE *to);

/* --- say.c --- */

/* One line of talk on stderr: "protolab: where: what".  where NULL: left out. */
void complain (const char *where, const char *format, ...) PL_PRINTF (2, 3);
/* The remedy below it: a whole sentence. */
void advise (const char *format, ...) PL_PRINTF (1, 2);
/* Whether a stream gets colour: --color, then NO_COLOR, then whether it is a terminal. */
bool coloured (const struct invocation *in, FILE *to);
/* Bytes from a peer, and a newline; escaped where stdout is a terminal. */
void print_message (const uint8_t *data, size_t n);

#endif

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

enum
{
  LINK_OPTIONS_MAX = 300 /* --loss and its like on one command line */
};

/* A key of the lab's "link", as an option gives it. */
struct link_option
{
  const char *name, *key, *value;
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
  const char *trace; /* --trace; NULL: not given */
  const char *log, *pcap, *report; /* files; NULL: not given */
  const char *as;     /* --as: the form; NULL: not given */
  const char *output; /* --output: a file; NULL: not given */
  int web; /* --web: the port; -1: not given */
  struct link_option link[LINK_OPTIONS_MAX];
  size_t link_count;
  bool no_link; /* what the lab says of it does not count */
  int plan;  /* --plan: packets of each flow; 0: not given */
  int flows; /* --flows; 0: not given */
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
  const char *options; /* the groups of those that it takes, see options.c */
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
int command_render (struct invocation *in);

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

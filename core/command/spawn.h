/* spawn.h - the program that a lab is run with. */
#ifndef PL_COMMAND_SPAWN_H
#define PL_COMMAND_SPAWN_H

#include "protolab.h"

/* Starts argv[0], looked for in PATH, with PROTOLAB_HOST and PROTOLAB_PORT set to where
 * the server is, and with no signal blocked.  Its process id; -1 with errno. */
pid_t spawn (char **argv, const struct pl_address *server);

/* Takes notice of the end of the process, if it has ended.  Whether it has; *status is what a
 * shell would report: the exit status, or 128 and the signal. */
bool spawn_ended (pid_t pid, int *status);

#endif

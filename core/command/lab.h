/* lab.h - a lab that a command works on: read, its plugins loaded, a loop to run it. */
#ifndef PL_COMMAND_LAB_H
#define PL_COMMAND_LAB_H

#include "command/command.h"
#include "host/endpoint.h"
#include "host/plugins.h"

struct opened
{
  struct plugins *plugins;
  struct lab *lab;
  struct loop *loop;
};

/* Reads the lab, with what the command line says put over it.  STATUS_DONE, or another status
 * after it has complained; opened_close is owed either way. */
enum status opened_lab (struct opened *opened, const struct invocation *in, const char *path);
void opened_close (struct opened *opened);

/* Resolves the lab's host.  How many addresses; 0 after it has complained. */
size_t opened_addresses (const struct opened *opened, bool passive, struct pl_address *list);

/* Makes the server, on a loop, and binds it.  NULL after it has complained, with *status set. */
struct endpoint *opened_server (struct opened *opened, struct loop *loop,
                                struct audience *audience, enum status *status);

/* "udp 127.0.0.1:12000" */
const char *opened_where (const struct opened *opened, const struct pl_address *address, char *text,
                          size_t size);

#endif

/* plan.h - protolab run --plan: what the link will do, in advance. */
#ifndef PL_COMMAND_PLAN_H
#define PL_COMMAND_PLAN_H

#include "command/command.h"

/* The fates of the first packets of each flow, a line each, or as JSON; of a stream, which has no
 * packets, the link in words. */
void plan_write (const struct lab *lab, const struct invocation *in, FILE *to);

#endif

/* lockdown.h - a server gives up what it does not need once its plugins are loaded
 * and its sockets bound: a plugin that a peer has talked into something can do little. */
#ifndef PL_HOST_LOCKDOWN_H
#define PL_HOST_LOCKDOWN_H

#include "lab/lab.h"

/* Never to be undone: root becomes nobody; no new privileges; no program is run, no file
 * opened, no socket made, but what the lab's plugins say that they need
 * (PL_NEEDS_...).  0, or -1 with the reason in error: what could be given up is given
 * up.  A build with a sanitizer, which reads files as it ends, keeps all. */
int lockdown (const struct lab *lab, char *error, size_t size);

#endif

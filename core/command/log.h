/* log.h - an observer that says on stderr what went wrong. */
#ifndef PL_COMMAND_LOG_H
#define PL_COMMAND_LOG_H

#include "observe/event.h"

/* Says no more than so many lines a second. */
extern struct observer log_observer;

/* Says how many lines were left out last. */
void log_end (void);

#endif

/* log.h - an observer that says on stderr what went wrong. */
#ifndef PL_COMMAND_LOG_H
#define PL_COMMAND_LOG_H

#include "observe/event.h"

extern struct observer log_observer;

#endif

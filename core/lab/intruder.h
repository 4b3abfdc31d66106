/* intruder.h - what people write into JSON that JSON does not have. */
#ifndef PL_LAB_INTRUDER_H
#define PL_LAB_INTRUDER_H

#include "lab/report.h"

/* Whether a comment of some other language begins there. */
bool intruder_is_comment (const char *p);

/* Reports the word without quotes at that offset. */
void intruder_word (struct report *report, size_t at, bool is_key);

/* Reports whatever stands at that offset in place of what is wanted: "a colon". */
void intruder_report (struct report *report, size_t at, const char *wanted);

#endif

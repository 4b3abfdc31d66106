/* grammar.h - which token of JSON may follow which, RFC 8259 section 2. */
#ifndef PL_LAB_GRAMMAR_H
#define PL_LAB_GRAMMAR_H

#include "lab/scan.h"

/* Reads report->text into scan->nodes, and its keys into scan->names, which has
 * room for them.  false: what is wrong is in the report. */
bool grammar_read (struct scan *scan, struct report *report);

#endif

/* describe.h - what a lab says, in words for people. */
#ifndef PL_LAB_DESCRIBE_H
#define PL_LAB_DESCRIBE_H

#include "lab/lab.h"

void lab_describe (const struct lab *lab, FILE *to);

/* Its link alone, a line for each key that does something. */
void lab_describe_link (const struct lab *lab, FILE *to);

/* What a framing means, one sentence without its full stop. */
const char *framing_meaning (struct framing framing);

#endif

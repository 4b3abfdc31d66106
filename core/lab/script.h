/* script.h - a line of a link's script: "drop 3 in".
 *
 *   WHAT PACKETS DIRECTION [AMOUNT], with one blank between two words
 *
 * WHAT is drop, duplicate, corrupt, truncate, reorder or delay.  PACKETS is a packet's number in
 * its flow, "3-5" or "every 4".  DIRECTION is in or out.  AMOUNT is the time of a delay, "300ms";
 * for truncate it is the number of bytes that are left, and may be missing. */
#ifndef PL_LAB_SCRIPT_H
#define PL_LAB_SCRIPT_H

#include "lab/lab.h"

struct script_problem
{
  size_t at; /* the byte of the line that it is about */
  char message[192];
  char remedy[160]; /* a whole sentence; "": none */
};

/* The same as a regular expression of ECMA 262, but for "5-3". */
extern const char script_pattern[];

/* 0, or -1 with what is wrong. */
int script_read (const char *line, struct lab_event *event, struct script_problem *problem);

/* The line that stands for an event; in buffer, which it returns. */
const char *script_line (const struct lab_event *event, char *buffer, size_t size);

#endif

/* json_line.h - one line of JSON Lines, an object whose members are asked for by their keys.
 *
 * What is wrong with a member is kept, and asked for at the end: the functions may be called one
 * after the other without a look at each result. */
#ifndef PL_OBSERVE_JSON_LINE_H
#define PL_OBSERVE_JSON_LINE_H

#include "lab/scan.h"

#define JSON_INTEGER_MAX (UINT64_C (1) << 53) /* readers of JSON round beyond it */

enum
{
  JSON_LINE_VALUES = 4096 /* most values of one line */
};

struct json_line
{
  struct report report; /* what is wrong: nothing, or something in its list */
  bool broken;          /* it is no JSON, from the first place in the report on */
  struct scan scan;
  char *texts; /* of the members, without escapes, at the offsets where they stand in the line */
};

/* Reads the line, without its newline; copied.  false: what is wrong is in the report.  To be
 * closed with json_line_close either way. */
bool json_line_open (struct json_line *line, const char *text, size_t size);
void json_line_close (struct json_line *line);

/* The member of an object, which is 0 for the line's own; 0: there is none. */
size_t json_member (const struct json_line *line, size_t object, const char *key);

/* Below, a member that is not there gives the preset.  Texts live as long as the line. */

/* A whole number from 0 to most, which is JSON_INTEGER_MAX or less. */
uint64_t json_number (struct json_line *line, size_t object, const char *key, uint64_t most,
                      uint64_t preset);
bool json_truth (struct json_line *line, size_t object, const char *key, bool preset);
/* A text and the bytes it has; size may be NULL. */
const char *json_string (struct json_line *line, size_t object, const char *key, size_t *size,
                         const char *preset);
/* The index of one of at most 32 words, which NULL ends. */
int json_word (struct json_line *line, size_t object, const char *key, const char *const *words,
               int preset);
/* A list of some of the words: bit i for the i-th. */
unsigned json_words (struct json_line *line, size_t object, const char *key,
                     const char *const *words);
/* Bytes in hexadecimal digits. */
const uint8_t *json_bytes (struct json_line *line, size_t object, const char *key, size_t *size);

/* Reports that a member must be there. */
void json_require (struct json_line *line, size_t object, const char *key);
/* Reports what is wrong with a value. */
void json_refuse (struct json_line *line, size_t node, const char *key, const char *wanted);

#endif

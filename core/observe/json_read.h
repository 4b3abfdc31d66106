/* json_read.h - reads what json_log.h writes: protolab-events(5).
 *
 * The file may be anything: nothing in it does harm, and what is wrong with it is told with its
 * line. */
#ifndef PL_OBSERVE_JSON_READ_H
#define PL_OBSERVE_JSON_READ_H

#include "observe/event.h"

enum
{
  JSON_READ_LINE_MAX = 100 << 20 /* bytes: the longest answer of a lab, in hexadecimal digits */
};

enum json_read
{
  JSON_READ_EVENT,
  JSON_READ_REMARK, /* something that is to be known; the reading goes on */
  JSON_READ_END,
  JSON_READ_ERROR
};

/* What is to be said of a log. */
struct json_remark
{
  uintmax_t line;  /* from 1; 0: the whole log */
  unsigned column; /* from 1; 0: the whole line */
  char text[400];
  const char *remedy; /* a whole sentence that stays; NULL: none */
};

struct json_reader;

/* Reads the beginning of a log.  fd stays the caller's, who closes it after the reader.  NULL with
 * the reason in remark. */
struct json_reader *json_read_open (int fd, struct json_remark *remark);
void json_read_close (struct json_reader *reader);

/* Lives as long as the reader. */
const struct scene *json_read_scene (const struct json_reader *reader);

/* Reads on, to an event, whose texts and bytes are lent until the next call, or to something else
 * that remark says.  After JSON_READ_END and JSON_READ_ERROR there is nothing more. */
enum json_read json_read_next (struct json_reader *reader, struct event *event,
                               struct json_remark *remark);

/* Whether json_read_next would have to wait for a writer. */
bool json_read_waits (const struct json_reader *reader);

#endif

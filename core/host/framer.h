/* framer.h - cuts a byte stream into messages, and marks messages in one: the
 * lab's framing, both ways.  Knows no socket and no session. */
#ifndef PL_HOST_FRAMER_H
#define PL_HOST_FRAMER_H

#include "lab/lab.h"

enum cut_result
{
  CUT_MESSAGE, /* here is one */
  CUT_MORE,    /* more bytes must come first */
  CUT_TOO_LONG /* the message is longer than the limit */
};

/* Where the first message of some bytes stands. */
struct cut
{
  size_t head;    /* bytes before it */
  size_t size;    /* bytes of it */
  size_t whole;   /* bytes that it takes up, head and terminator included */
  size_t scanned; /* CUT_MORE: bytes that need not be looked at again */
};

/* Looks for the first message in n bytes of a stream, n at least 1 or ended
 * true.  ended: no more will come.  cut->scanned must be 0 at first, and is then kept between
 * calls for the same message.  limit: bytes of a message. */
enum cut_result framer_cut (struct framing framing, const uint8_t *data, size_t n, bool ended,
                            size_t limit, struct cut *cut);

/* One message among the bytes that were received. */
struct message
{
  const uint8_t *data;
  size_t size;
};

enum
{
  MESSAGES_AT_ONCE = 64
};

/* Bytes that the framing puts behind each message: 0 or 1. */
size_t framer_tail_size (struct framing framing);

/* Looks for as many messages as there are, most at the most; result is that of the last
 * look.  cut as above.  Returns how many. */
size_t framer_cut_many (struct framing framing, const uint8_t *data, size_t n, bool ended,
                        size_t limit, struct message *messages, size_t most, struct cut *cut,
                        enum cut_result *result);

/* Bytes that the framing puts before each message: 0 to 4. */
size_t framer_head_size (struct framing framing);

/* The byte that ends each message; -1: none does. */
int framer_terminator (struct framing framing);

/* Writes what goes before a message of n bytes.  NULL, or why the framing cannot carry
 * such a message: half a sentence. */
const char *framer_head (struct framing framing, size_t n, uint8_t *head);

/* Whether the end of the stream is what ends the message. */
static inline bool
framer_ends_with_stream (struct framing framing)
{
  return framing.kind == FRAMING_EOF;
}

#endif

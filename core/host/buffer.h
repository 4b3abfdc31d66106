/* buffer.h - bytes that grow at their end and are taken from their start. */
#ifndef PL_HOST_BUFFER_H
#define PL_HOST_BUFFER_H

#include <stddef.h>
#include <stdint.h>

/* All zero: empty, and no memory held. */
struct buffer
{
  uint8_t *data; /* PL_PADDING bytes may be read and written past capacity */
  size_t start;  /* the first byte that is still here */
  size_t end;    /* past the last one */
  size_t capacity;
};

static inline size_t
buffer_size (const struct buffer *buffer)
{
  return buffer->end - buffer->start;
}

/* NULL where no memory is held. */
static inline uint8_t *
buffer_bytes (const struct buffer *buffer)
{
  return buffer->start == 0 ? buffer->data : buffer->data + buffer->start;
}

/* Makes room for n more bytes and returns where they go; buffer->end is for the
 * caller to move.  NULL: no memory, and the buffer is as it was. */
uint8_t *buffer_room (struct buffer *buffer, size_t n);

/* 0, or -1: no memory. */
int buffer_append (struct buffer *buffer, const void *data, size_t n);

/* Takes n bytes from the start; a buffer that is empty then gives its memory back. */
void buffer_take (struct buffer *buffer, size_t n);

void buffer_free (struct buffer *buffer);

#endif

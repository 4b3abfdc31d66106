#include "host/buffer.h"

#include "protolab.h"

#include <stdlib.h>

uint8_t *
buffer_room (struct buffer *buffer, size_t n)
{
  size_t size = buffer_size (buffer);
  size_t capacity;
  uint8_t *data;

  if (n <= buffer->capacity - buffer->end)
    return buffer->data + buffer->end;
  if (n <= buffer->capacity - size && buffer->start >= size)
    {
      memmove (buffer->data, buffer_bytes (buffer), size);
      buffer->start = 0;
      buffer->end = size;
      return buffer->data + size;
    }
  capacity = buffer->capacity < 1024 ? 1024 : buffer->capacity * 2;
  if (capacity < size + n)
    capacity = size + n;
  data = malloc (capacity + PL_PADDING);
  if (data == NULL)
    return NULL;
  if (size > 0)
    memcpy (data, buffer_bytes (buffer), size);
  free (buffer->data);
  *buffer = (struct buffer){ .data = data, .end = size, .capacity = capacity };
  return data + size;
}

int
buffer_append (struct buffer *buffer, const void *data, size_t n)
{
  uint8_t *to;

  if (n == 0)
    return 0;
  to = buffer_room (buffer, n);
  if (to == NULL)
    return -1;
  memcpy (to, data, n);
  buffer->end += n;
  return 0;
}

void
buffer_take (struct buffer *buffer, size_t n)
{
  buffer->start += n;
  if (buffer->start == buffer->end)
    buffer_free (buffer);
}

void
buffer_free (struct buffer *buffer)
{
  free (buffer->data);
  *buffer = (struct buffer){ 0 };
}

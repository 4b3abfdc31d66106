#include "host/framer.h"

static enum cut_result
cut_line (const uint8_t *data, size_t n, size_t limit, struct cut *cut)
{
  const uint8_t *newline = memchr (data + cut->scanned, '\n', n - cut->scanned);
  size_t size = newline == NULL ? n : (size_t) (newline - data);

  if (size > limit)
    return CUT_TOO_LONG;
  if (newline == NULL)
    {
      cut->scanned = n;
      return CUT_MORE;
    }
  *cut = (struct cut){ .size = size, .whole = size + 1 };
  return CUT_MESSAGE;
}

/* A message with a length of head bytes, most significant first, before it. */
static enum cut_result
cut_length (size_t head, const uint8_t *data, size_t n, size_t limit, struct cut *cut)
{
  size_t size = 0;

  if (n < head)
    return CUT_MORE;
  for (size_t i = 0; i < head; i++)
    size = size << 8 | data[i];
  if (size > limit)
    return CUT_TOO_LONG;
  if (n - head < size)
    return CUT_MORE;
  *cut = (struct cut){ .head = head, .size = size, .whole = head + size };
  return CUT_MESSAGE;
}

static enum cut_result
cut_all (size_t n, size_t limit, struct cut *cut)
{
  if (n > limit)
    return CUT_TOO_LONG;
  *cut = (struct cut){ .size = n, .whole = n };
  return CUT_MESSAGE;
}

enum cut_result
framer_cut (struct framing framing, const uint8_t *data, size_t n, bool ended, size_t limit,
            struct cut *cut)
{
  switch (framing.kind)
    {
    case FRAMING_LINE:
      return cut_line (data, n, limit, cut);
    case FRAMING_LENGTH16:
      return cut_length (2, data, n, limit, cut);
    case FRAMING_LENGTH32:
      return cut_length (4, data, n, limit, cut);
    case FRAMING_FIXED:
      if (n < framing.size)
        return CUT_MORE;
      return cut_all (framing.size, limit, cut);
    case FRAMING_EOF:
      if (ended || n > limit)
        return cut_all (n, limit, cut);
      return CUT_MORE;
    case FRAMING_RECV:
    case FRAMING_DATAGRAM:
    case FRAMING_PLUGIN:
      break;
    }
  return n == 0 ? CUT_MORE : cut_all (n, limit, cut);
}

/* The usual framing, and the one with the shortest messages: what is done here is done for every
 * line that there is. */
static size_t
cut_lines (const uint8_t *data, size_t n, size_t limit, struct message *messages, size_t most,
           struct cut *cut, enum cut_result *result)
{
  const uint8_t *end = data + n, *from = data + cut->scanned;
  size_t count = 0;

  while (count < most && from < end)
    {
      const uint8_t *newline = memchr (from, '\n', (size_t) (end - from));
      size_t size = (size_t) ((newline != NULL ? newline : end) - data);

      if (PL_UNLIKELY (size > limit))
        {
          *result = CUT_TOO_LONG;
          return count;
        }
      if (newline == NULL)
        break;
      messages[count].data = data;
      messages[count++].size = size;
      data = from = newline + 1;
    }
  *result = count == most ? CUT_MESSAGE : CUT_MORE;
  cut->scanned = (size_t) (end - data);
  if (count == most)
    cut->scanned = 0;
  return count;
}

size_t
framer_cut_many (struct framing framing, const uint8_t *data, size_t n, bool ended, size_t limit,
                 struct message *messages, size_t most, struct cut *cut, enum cut_result *result)
{
  size_t count = 0, used = 0;

  if (framing.kind == FRAMING_LINE)
    return cut_lines (data, n, limit, messages, most, cut, result);
  do
    {
      *result = framer_cut (framing, data + used, n - used, ended, limit, cut);
      if (*result != CUT_MESSAGE)
        break;
      messages[count++] = (struct message){ data + used + cut->head, cut->size };
      used += cut->whole;
      cut->scanned = 0;
    }
  while (count < most && used < n);
  return count;
}

size_t
framer_head_size (struct framing framing)
{
  switch (framing.kind)
    {
    case FRAMING_LENGTH16:
      return 2;
    case FRAMING_LENGTH32:
      return 4;
    default:
      return 0;
    }
}

size_t
framer_tail_size (struct framing framing)
{
  return framer_terminator (framing) != -1 ? 1 : 0;
}

int
framer_terminator (struct framing framing)
{
  return framing.kind == FRAMING_LINE ? '\n' : -1;
}

const char *
framer_head (struct framing framing, size_t n, uint8_t *head)
{
  size_t size = framer_head_size (framing);

  if (framing.kind == FRAMING_FIXED && n != framing.size)
    return "every message of this lab has the same size";
  if (size > 0 && size < sizeof n && n >> (8 * size) != 0)
    return "the length before a message has no room for its size";
  for (size_t i = 0; i < size; i++)
    head[i] = (uint8_t) (n >> (8 * (size - 1 - i)));
  return NULL;
}

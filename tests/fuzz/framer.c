/* framer.c - however a stream is cut into pieces, the same messages come out of it; and a
 * message that is framed again is what it was cut from.
 *
 * The input: framing, size or limit, seed of the cuts, then the stream. */
#include "host/buffer.h"
#include "host/framer.h"

#include "fuzz.h"

enum
{
  MESSAGES_MAX = 4096
};

/* What came out: the messages as offsets into the stream. */
struct taken
{
  struct
  {
    size_t at, size;
  } messages[MESSAGES_MAX];
  size_t count;
  bool too_long;
  size_t done; /* bytes of the stream that are done with */
};

struct stream
{
  struct framing framing;
  size_t limit;
  const uint8_t *bytes;
  size_t size;
  struct buffer kept;
  size_t scanned;
};

/* The bytes that frame a message are those that it was cut from. */
static void
frame_again (const struct stream *stream, const uint8_t *from, const struct cut *cut)
{
  uint8_t head[4] = { 0 };
  int terminator = framer_terminator (stream->framing);
  size_t head_size = framer_head_size (stream->framing);

  FUZZ_EXPECT (cut->head == head_size);
  FUZZ_EXPECT (cut->whole == head_size + cut->size + (terminator != -1));
  FUZZ_EXPECT (framer_head (stream->framing, cut->size, head) == NULL);
  FUZZ_EXPECT (memcmp (head, from, head_size) == 0);
  FUZZ_EXPECT (terminator == -1 || from[cut->whole - 1] == terminator);
}

/* Feeds a piece as a session does: the rest is kept for the next. */
static void
feed (struct stream *stream, const uint8_t *piece, size_t n, bool ended, struct taken *taken)
{
  struct buffer *kept = &stream->kept;
  struct cut cut = { .scanned = stream->scanned };

  FUZZ_EXPECT (buffer_append (kept, piece, n) == 0);
  while (!taken->too_long && buffer_size (kept) > 0)
    {
      enum cut_result result = framer_cut (stream->framing, buffer_bytes (kept), buffer_size (kept),
                                           ended, stream->limit, &cut);

      taken->too_long = result == CUT_TOO_LONG;
      if (result != CUT_MESSAGE)
        break;
      FUZZ_EXPECT (cut.size <= stream->limit && cut.whole <= buffer_size (kept) && cut.whole > 0);
      frame_again (stream, buffer_bytes (kept), &cut);
      FUZZ_EXPECT (taken->count < MESSAGES_MAX);
      taken->messages[taken->count].at = taken->done + cut.head;
      taken->messages[taken->count++].size = cut.size;
      taken->done += cut.whole;
      buffer_take (kept, cut.whole);
      cut.scanned = 0;
    }
  FUZZ_EXPECT (cut.scanned <= buffer_size (kept));
  stream->scanned = cut.scanned;
}

static void
take (struct stream *stream, size_t step, struct taken *taken)
{
  size_t at = 0;

  *taken = (struct taken){ .count = 0 };
  do
    {
      size_t n = step < stream->size - at ? step : stream->size - at;
      /* Exactly as large as the piece: a look beyond it is seen. */
      uint8_t *piece = malloc (n);

      FUZZ_EXPECT (piece != NULL || n == 0);
      if (n > 0)
        memcpy (piece, stream->bytes + at, n);
      at += n;
      feed (stream, piece, n, at == stream->size, taken);
      free (piece);
      step = step * 5 % 7 + 1;
    }
  while (at < stream->size);
  buffer_free (&stream->kept);
  stream->scanned = 0;
}

static void
compare (const struct taken *one, const struct taken *other)
{
  FUZZ_EXPECT (one->count == other->count && one->done == other->done);
  FUZZ_EXPECT (one->too_long == other->too_long);
  for (size_t i = 0; i < one->count; i++)
    FUZZ_EXPECT (one->messages[i].at == other->messages[i].at
                 && one->messages[i].size == other->messages[i].size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const enum framing_kind kinds[] = { FRAMING_LINE,  FRAMING_LENGTH16, FRAMING_LENGTH32,
                                             FRAMING_FIXED, FRAMING_EOF,      FRAMING_RECV };
  static struct taken whole, pieces;
  struct fuzz_input input = { data, size };
  struct stream stream = { .framing.kind = kinds[fuzz_byte (&input) % 6] };
  size_t bytes = fuzz_byte (&input), step = fuzz_byte (&input) + 1u;

  stream.framing.size = bytes % 16 + 1;
  stream.limit = bytes < stream.framing.size ? stream.framing.size : bytes;
  stream.bytes = input.at;
  stream.size = input.left < MESSAGES_MAX ? input.left : MESSAGES_MAX;
  take (&stream, step, &pieces);
  if (stream.framing.kind == FRAMING_RECV)
    FUZZ_EXPECT (pieces.too_long || pieces.done == stream.size);
  else
    {
      take (&stream, stream.size + 1, &whole);
      compare (&whole, &pieces);
    }
  return 0;
}

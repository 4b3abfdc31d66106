/* path_model.c - what the peers must have been told, by the simplest rules that there are. */
#include "path.h"

enum sense model_sense;

static void
turn (enum sense sense, const uint8_t *data, size_t n, uint8_t *to)
{
  for (size_t i = 0; i < n; i++)
    to[i] = data[sense == SENSE_REVERSED ? n - 1 - i : i];
}

/* A message that stands at the start of what is left of a stream. */
struct found
{
  size_t head, size, tail;
};

static bool
find_line (const uint8_t *data, size_t n, struct found *found)
{
  while (found->size < n && data[found->size] != '\n')
    found->size++;
  found->tail = 1;
  return found->size < n;
}

/* False: there is none. */
static bool
find (const struct lab *lab, const uint8_t *data, size_t n, struct found *found)
{
  *found = (struct found){ 0 };
  switch (lab->framing.kind)
    {
    case FRAMING_LINE:
      return find_line (data, n, found);
    case FRAMING_LENGTH16:
    case FRAMING_LENGTH32:
      found->head = lab->framing.kind == FRAMING_LENGTH16 ? 2 : 4;
      for (size_t i = 0; i < found->head && i < n; i++)
        found->size = found->size * 256 + data[i];
      return n >= found->head && found->size <= n - found->head;
    case FRAMING_FIXED:
      found->size = lab->framing.size;
      return n >= found->size;
    case FRAMING_PLUGIN:
      found->size = n > 0 ? data[0] % 16u + 1 : 0;
      return n > 0 && data[0] != 255 && n >= found->size;
    default:
      found->size = n;
      return n > 0;
    }
}

/* All the answers to what a peer has said, one after the other. */
static struct pile
answers (const struct lab *lab, enum sense sense, const struct peer *peer)
{
  const uint8_t *data = peer->says.bytes;
  size_t n = peer->says.size;
  struct pile pile = { 0 };
  struct found found;

  while (find (lab, data, n, &found) && found.size <= lab->limits.message_bytes)
    {
      size_t at = pile.size + found.head;

      pile_add (&pile, data, found.head + found.size + found.tail);
      turn (sense, data + found.head, found.size, pile.bytes + at);
      data += found.head + found.size + found.tail;
      n -= found.head + found.size + found.tail;
      if (lab->close_after_reply)
        break;
    }
  return pile;
}

/* As it was received is how it is sent back, whatever the pieces were. */
static bool
is_mirror (const struct lab *lab)
{
  return lab->framing.kind == FRAMING_RECV;
}

void
model_check_stream (const struct lab *lab, enum sense sense, const struct peer *peer)
{
  bool whole = peer->accepted && !peer->disturbed && !net.disturbed && !peer->reset;
  struct pile wanted = { 0 };

  if (sense == SENSE_NONE || (is_mirror (lab) && sense == SENSE_REVERSED))
    return;
  if (is_mirror (lab))
    pile_add (&wanted, peer->says.bytes, peer->says.size);
  else
    wanted = answers (lab, sense, peer);
  if (is_mirror (lab) && lab->close_after_reply)
    whole = false;
  FUZZ_EXPECT (peer->hears.size <= wanted.size);
  FUZZ_EXPECT (!whole || peer->hears.size == wanted.size);
  FUZZ_EXPECT (peer->hears.size == 0
               || memcmp (peer->hears.bytes, wanted.bytes, peer->hears.size) == 0);
  free (wanted.bytes);
}

void
model_hear (enum sense sense, struct peer *peer, const uint8_t *data, size_t n)
{
  uint8_t *wanted = malloc (BYTES_MAX);
  bool found = sense == SENSE_NONE;

  FUZZ_EXPECT (wanted != NULL);
  /* Answers may be lost; none is made up, and their order is kept. */
  while (!found && peer->next_answer < peer->datagram_count)
    {
      struct piece piece = peer->datagrams[peer->next_answer++];

      turn (sense, peer->says.bytes + piece.at, piece.size, wanted);
      found = piece.size == n && memcmp (wanted, data, n) == 0;
      FUZZ_EXPECT (found || net.disturbed);
    }
  FUZZ_EXPECT (found);
  free (wanted);
}

/* departures.h - what has left one end of a sequence diagram and has not arrived at the other: kept
 * until it does, so that both ends stand in one row. */
#ifndef PL_OBSERVE_DEPARTURES_H
#define PL_OBSERVE_DEPARTURES_H

#include "observe/canvas.h"

enum
{
  DEPARTURES = 64, /* that are kept at the same time */
  CALL_TEXT = 40,
  PIECE_KEPT = 1024 /* bytes of a piece */
};

/* Bytes as an arrow shows them. */
struct piece
{
  char *label;   /* NULL: no memory */
  uint8_t *kept; /* the first of them; NULL: none */
  size_t size, kept_size;
  bool part; /* of a message */
};

enum departure_kind
{
  DEPARTURE_CONNECT,
  DEPARTURE_DATAGRAM,
  DEPARTURE_BYTES,
  DEPARTURE_END, /* of a stream */
  DEPARTURE_RESET
};

struct departure
{
  enum departure_kind kind;
  struct lifeline *line;
  bool to_server;
  int64_t time;
  char call[CALL_TEXT]; /* "send(6) = 5"; "": it took none */
  struct piece piece;
  uint64_t start;  /* DEPARTURE_BYTES: of the stream, before these */
  unsigned copies; /* DEPARTURE_DATAGRAM: how many will arrive */
};

/* In the order in which they left. */
struct departures
{
  struct departure all[DEPARTURES];
  size_t count;
};

/* What an arrow of that client says: of bytes "hello" 5 bytes, or a word.  Where several clients
 * share a column their port stands before it. */
struct piece piece_of (const struct canvas *canvas, const struct lifeline *line,
                       const uint8_t *data, size_t size);
struct piece piece_word (const struct canvas *canvas, const struct lifeline *line,
                         const char *word);
void piece_free (struct piece *piece);
/* As far as their bytes are kept. */
bool piece_equal (const struct piece *a, const struct piece *b);

/* There must be room.  Where it is now. */
struct departure *departures_add (struct departures *departures, const struct departure *departure);

/* The first one of that kind and way; like: with such bytes, NULL: any.  NULL: none is there. */
struct departure *departures_find (struct departures *departures, enum departure_kind kind,
                                   const struct lifeline *line, bool to_server,
                                   const struct piece *like);

/* Takes it out; the piece is the caller's from then on. */
struct departure departures_take (struct departures *departures, struct departure *departure);

#endif

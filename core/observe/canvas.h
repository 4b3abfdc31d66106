/* canvas.h - what a sequence diagram is drawn on, from top to bottom: a gutter with the time, what
 * the client does, the clients' lifelines, the server's, what the server does. */
#ifndef PL_OBSERVE_CANVAS_H
#define PL_OBSERVE_CANVAS_H

#include "observe/lifelines.h"

#include <stdio.h>

enum
{
  CANVAS_NARROWEST = 40, /* columns, however narrow the terminal is */
  CANVAS_WIDEST = 160
};

#define NO_TIME (-1)

#define PAINT_PLAIN "\033[0m"
#define PAINT_DIM "\033[2m"
#define PAINT_BOLD "\033[1m"
#define PAINT_TO_SERVER "\033[32m"
#define PAINT_TO_CLIENT "\033[35m"
#define PAINT_BAD "\033[31m"

enum arrow
{
  ARROW_NONE,
  ARROW_WHOLE,
  ARROW_LEAVES,  /* the half at the sender */
  ARROW_ARRIVES, /* the half at the receiver */
  ARROW_LOST,    /* leaves, and never arrives */
  ARROW_TUPLE    /* a connection's four-tuple */
};

struct canvas
{
  FILE *to;
  const struct lifelines *lifelines;
  bool colour;
  int64_t began, last; /* times of the first row, and of the last */
  unsigned columns;
  unsigned first;                        /* the first client's column */
  unsigned spacing;                      /* between two clients */
  unsigned server;                       /* its column */
  unsigned beside_client, beside_server; /* cells for what they do, outside of the lifelines */
  unsigned rows;                         /* since the names */
};

/* All texts are fit for a terminal already, and short; NULL: none. */
struct row
{
  int64_t time;                      /* NO_TIME: none is shown */
  const struct lifeline *line;       /* NULL: of the server alone */
  const char *client, *server;       /* calls: outside of the lifelines, if there is room */
  const char *by_client, *by_server; /* remarks: between the lifelines */
  enum arrow arrow;
  bool to_server;
  bool part;         /* what the arrow carries is no whole message */
  const char *label; /* of the arrow: at most canvas_label_room */
  const char *paint; /* of arrow and remarks */
};

/* sides: 1u << SIDE_... of those whose calls are known; to and lifelines are lent.  Sets how many
 * clients have a column of their own. */
void canvas_open (struct canvas *canvas, FILE *to, struct lifelines *lifelines, unsigned columns,
                  bool colour, unsigned sides, int64_t began);

/* Columns between that client's lifeline, or the first client's where line is NULL, and the
 * server's. */
unsigned canvas_span (const struct canvas *canvas, const struct lifeline *line);

/* Cells for what an arrow of that client says. */
unsigned canvas_label_room (const struct canvas *canvas, const struct lifeline *line);

void canvas_row (struct canvas *canvas, const struct row *row);

/* Nanoseconds as seconds, in six columns, with as many digits behind the point as there is room
 * for. */
void canvas_time (int64_t time, char *text, size_t size);

/* How wide the sheet is on a terminal of so many columns. */
unsigned canvas_columns (unsigned columns);

/* How many bytes of a text that is fit for a terminal go into a line of so many cells: up to a
 * blank, if there is one. */
size_t canvas_line_of (const char *text, unsigned cells);

/* A text of unknown origin, fit for a terminal; the caller's to free.  NULL: no memory. */
char *canvas_shown (const char *text);

/* The names above the lifelines. */
void canvas_names (struct canvas *canvas);

/* A text of unknown origin and any length in as many rows as it needs, at the server's lifeline or
 * at a client's. */
void canvas_remark (struct canvas *canvas, const struct lifeline *line, bool at_server,
                    const char *text, const char *paint, int64_t time);

/* Both ends of a connection, and what the server's socket is. */
void canvas_tuple (struct canvas *canvas, const struct lifeline *line, const char *server_role,
                   const char *client, const char *server);

/* Where a socket is: an address of any length. */
void canvas_address (struct canvas *canvas, const struct lifeline *line, bool at_server,
                     const char *address);

/* Bytes in hexadecimal, the first kept of size. */
void canvas_dump (struct canvas *canvas, const uint8_t *bytes, size_t kept, size_t size);

#endif

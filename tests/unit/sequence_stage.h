/* sequence_stage.h - events made by hand, and the sequence diagrams that they are drawn as. */
#ifndef PL_TESTS_UNIT_SEQUENCE_STAGE_H
#define PL_TESTS_UNIT_SEQUENCE_STAGE_H

#include "observe/sequence.h"
#include "unit.h"

#define MS 1000000
#define BOTH (1u << SIDE_SERVER | 1u << SIDE_CLIENT)

enum
{
  WELCOMING = 4,
  CLIENT = 6,
  CONNECTION = 7
};

/* A diagram while it is drawn. */
struct stage
{
  struct observer *observer;
  FILE *to;
  char *text; /* complete after close_stage */
  size_t size;
  bool stream;
  int64_t now;
  struct pl_address server, client; /* the addresses of the next events */
  int client_fd, connection_fd;
};

struct pl_address at (const char *number, uint16_t port);

/* struct sequence_style's late, for the stages that are opened from then on. */
extern int64_t stage_late;

/* An address of the memory stream is in it: a stage must not be moved. */
void open_stage (struct stage *stage, bool stream, enum sequence_what what, unsigned columns,
                 unsigned sides);
/* The end of a round of the loop. */
void settle (struct stage *stage);
void close_stage (struct stage *stage);

/* An event of the server, 's', or of the client, 'c', about the other. */
struct event event_of (const struct stage *stage, char who, enum event_type type);
void tell (struct stage *stage, struct event event);
/* Of the server, about nobody. */
void serve (struct stage *stage, enum event_type type);
void tell_plain (struct stage *stage, char who, enum event_type type);
void tell_text (struct stage *stage, char who, enum event_type type, const char *text);
void tell_bytes (struct stage *stage, char who, enum event_type type, const void *data, size_t n);
void tell_data (struct stage *stage, char who, enum event_type type, const char *data);

void start_server (struct stage *stage);
void start_client (struct stage *stage);
/* A message leaves, or comes, as the host tells it; line: with a newline behind it. */
void send_message (struct stage *stage, char who, const char *message, bool line);
void receive_message (struct stage *stage, char who, const char *message, bool line);
/* There and back again, 1 ms each. */
void exchange (struct stage *stage, const char *sentence, const char *reply, bool line);
/* A server with so many clients: each says hello, then each leaves. */
void play_clients (struct stage *stage, unsigned count);

/* No line is wider than the terminal, by the C library's own measure, and nothing in it is an
 * order to the terminal. */
void check_lines (const char *text, unsigned columns);

/* Ends the stage.  What was drawn is tests/golden/sequence-NAME.txt, and check_lines holds.
 * PROTOLAB_WRITE_GOLDEN=1 writes the file, to be read before it is kept. */
void check_golden (struct stage *stage, const char *name, unsigned columns);

/* For check_lines: a group's setup. */
int set_locale (void **state);

#endif

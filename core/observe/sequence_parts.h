/* sequence_parts.h - what the files of the sequence diagram share. */
#ifndef PL_OBSERVE_SEQUENCE_PARTS_H
#define PL_OBSERVE_SEQUENCE_PARTS_H

#include "observe/departures.h"
#include "observe/sequence.h"

/* Only the event behind it tells how it is to be drawn. */
struct held
{
  enum
  {
    HELD_NOTHING,
    HELD_RECV, /* of a stream: messages may end in it */
    HELD_SENT  /* a message, whose send is still to come */
  } what;
  struct lifeline *line;
  bool to_server;
  int64_t time;
  char sender[CALL_TEXT], receiver[CALL_TEXT]; /* calls; "": none */
  struct piece piece;
  bool arrives; /* what was sent was drawn before */
};

struct sequence
{
  struct observer observer;
  struct canvas canvas;
  struct lifelines lifelines;
  struct departures departures;
  struct departures under_way; /* datagrams that were drawn as sent alone */
  struct held held;
  bool hex;
  int64_t late;  /* of struct sequence_style */
  bool served;   /* the server's own events come */
  int welcoming; /* descriptor of the welcoming socket; -1: none */
};

/* --- sequence.c --- */

/* A call that sends and receives nothing, and what is to be said of it; NULL: nothing. */
void sequence_call (struct sequence *sequence, const struct lifeline *line,
                    const struct event *event, const char *call, const char *remark);
/* A text of unknown origin at the lifeline of the event's side. */
void sequence_remark (struct sequence *sequence, const struct lifeline *line,
                      const struct event *event, const char *text, const char *paint);

/* --- sequence_sockets.c --- */

void sockets_created (struct sequence *sequence, struct lifeline *line, const struct event *event);
void sockets_bound (struct sequence *sequence, const struct event *event);
void sockets_listening (struct sequence *sequence, const struct event *event);
void sockets_connecting (struct sequence *sequence, struct lifeline *line,
                         const struct event *event);
/* The connection stands.  client, server: its ends; call: that the server learnt it by, or "". */
void sockets_connected (struct sequence *sequence, struct lifeline *line,
                        const struct event *event, const struct pl_address *client,
                        const struct pl_address *server, const char *call);
void sockets_accepted (struct sequence *sequence, struct lifeline *line,
                       const struct event *event);
void sockets_half_closed (struct sequence *sequence, struct lifeline *line,
                          const struct event *event);
void sockets_reset (struct sequence *sequence, struct lifeline *line, const struct event *event);
/* line: NULL where it is the server's own socket. */
void sockets_closed (struct sequence *sequence, struct lifeline *line, const struct event *event);
/* Clients whose sockets for datagrams are closed, and of whom nothing is under way any more, make
 * room. */
void sockets_forget_closed (struct sequence *sequence);

/* --- sequence_arrows.c: which send belongs to which receive --- */

/* Draws an arrow.  sender, receiver: their calls, or a remark in their place; "": none. */
void arrows_draw (struct sequence *sequence, enum arrow arrow, const struct lifeline *line,
                  bool to_server, int64_t time, const char *sender, const char *receiver,
                  const struct piece *piece);
struct flow *arrows_flow (struct lifeline *line, bool to_server);
/* Whether events will come of the end that it goes to. */
bool arrows_are_told (const struct sequence *sequence, const struct lifeline *line, bool to_server);

/* Keeps it until it arrives.  Where it is now. */
struct departure *arrows_depart (struct sequence *sequence, const struct departure *departure);
/* Draws it as sent, without its arrival. */
void arrows_draw_departure (struct sequence *sequence, struct departure *departure,
                            enum arrow arrow, const char *remark);
/* Draws what left the same end before it, so that the order there stays.  Where it is now. */
struct departure *arrows_before (struct sequence *sequence, struct departure *departure);
/* The same, and takes it out, to be drawn with its arrival; met's piece is the caller's.  false: it
 * arrives so late that it was drawn as sent, alone. */
bool arrows_meet (struct sequence *sequence, struct departure *departure, int64_t now,
                  struct departure *met);
/* Draws all that has left this end, before something else happens there: the client's, or the
 * server's. */
void arrows_catch_up (struct sequence *sequence, const struct lifeline *line, bool at_server);
/* Draws all that is on its way to that end, or, where line is NULL, to any: it will not be seen to
 * arrive. */
void arrows_give_up (struct sequence *sequence, const struct lifeline *line, bool to_server);

/* The event's side connects, has finished, or resets. */
void arrows_leave (struct sequence *sequence, struct lifeline *line, const struct event *event,
                   enum departure_kind kind, const char *call);
/* The event's side sees that the other did. */
void arrows_arrive (struct sequence *sequence, struct lifeline *line, const struct event *event,
                    enum departure_kind kind, const char *call);
/* The client's connect never comes to anything. */
void arrows_lose_connect (struct sequence *sequence, struct lifeline *line);

/* --- sequence_datagrams.c --- */

/* departure is of the event. */
void arrows_send_datagram (struct sequence *sequence, struct lifeline *line,
                           const struct event *event, struct departure *departure);
void arrows_receive_datagram (struct sequence *sequence, struct lifeline *line,
                              const struct event *event);
/* It was drawn as sent, and has not arrived: takes its piece. */
void arrows_set_out (struct sequence *sequence, const struct departure *departure);
/* Nothing of what is under way to or from that client will be seen to arrive; NULL: any. */
void arrows_forget_datagrams (struct sequence *sequence, const struct lifeline *line);
void arrows_packet (struct sequence *sequence, struct lifeline *line, const struct event *event);

/* --- sequence_streams.c --- */

void arrows_send (struct sequence *sequence, struct lifeline *line, const struct event *event);
void arrows_sent (struct sequence *sequence, struct lifeline *line, const struct event *event);
void arrows_recv (struct sequence *sequence, struct lifeline *line, const struct event *event);
void arrows_received (struct sequence *sequence, struct lifeline *line, const struct event *event);
/* Draws what is held of the last event. */
void arrows_let_go (struct sequence *sequence);

/* --- sequence_calls.c --- */

struct observer *sequence_of_calls (FILE *to, const struct scene *scene,
                                    const struct sequence_style *style, char *error, size_t size);

#endif

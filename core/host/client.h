/* client.h - the client's application: a sentence goes to the server, its reply
 * comes back.  Connects when there is something to send, and again where the
 * connection has been closed. */
#ifndef PL_HOST_CLIENT_H
#define PL_HOST_CLIENT_H

#include "host/endpoint.h"

enum outcome
{
  OUTCOME_REPLIED,
  OUTCOME_UNSENT,      /* it cannot be a message of this lab */
  OUTCOME_TIMED_OUT,   /* no reply within client.timeout_ms */
  OUTCOME_UNREACHABLE, /* there is no server, or no way to it */
  OUTCOME_CLOSED       /* the server ended the connection without a reply */
};

struct client_listener
{
  /* A message from the server, whether it is a reply or not. */
  void (*message) (void *self, const uint8_t *data, size_t n);
  /* What became of the sentence; text says why, where there is more to say.  The next one may be
   * sent from within it. */
  void (*outcome) (void *self, enum outcome outcome, const char *text);
  void *self;
};

struct client;

/* addresses: where the server may be, tried in this order; copied.  NULL with the reason in
 * error. */
struct client *client_new (struct loop *loop, const struct lab *lab,
                           const struct pl_address *addresses, size_t count,
                           const struct client_listener *listener, char *error, size_t size);
/* Plays the lab's "link" at this end.  0, or -1: no memory. */
int client_play_link (struct client *client);
void client_observe (struct client *client, struct audience *audience);

/* Sends one sentence; its outcome is told later, never before this returns.  Not before the
 * outcome of the one before. */
void client_send (struct client *client, const uint8_t *data, size_t n);

/* Where it is sending to. */
const struct pl_address *client_server (const struct client *client);

void client_free (struct client *client);

#endif

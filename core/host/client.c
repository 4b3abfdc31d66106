#include "host/client.h"

#include "host/address.h"
#include "host/framer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct client
{
  struct endpoint *endpoint;
  struct loop *loop;
  const struct lab *lab;
  struct client_listener listener;

  struct pl_address addresses[ADDRESSES_MAX];
  size_t address_count, current;

  struct session *session; /* NULL: not connected */
  struct buffer sentence;  /* to be sent, or sent and not yet answered */
  struct timer patience;
  bool waiting; /* an outcome is owed */
  bool replied; /* and the connection is about to end, as the lab has it */
  bool settled; /* the outcome is known, and told after this round */
  enum outcome outcome;
  int lost;               /* errno value of the address that failed; 0: none did */
  char text[REASON_SIZE]; /* of the outcome */
};

static void
settle (struct client *client, enum outcome outcome, const char *text)
{
  if (!client->waiting || client->settled)
    return;
  client->settled = true;
  loop_again (client->loop);
  client->outcome = outcome;
  snprintf (client->text, sizeof client->text, "%s", text != NULL ? text : "");
}

static struct client *
client_of (const struct session *session)
{
  return session->endpoint->self;
}

/* Hands the sentence to the connection that now stands. */
static void
speak (struct client *client)
{
  struct session *session = client->session;
  struct buffer *sentence = &client->sentence;

  if (session_send (session, buffer_bytes (sentence), buffer_size (sentence)) == -1)
    {
      settle (client, OUTCOME_UNSENT, session->why);
      return;
    }
  if (framer_ends_with_stream (client->lab->framing))
    {
      session->half_close = true;
      stream_settle (session);
    }
}

static int
client_open (struct session *session)
{
  struct client *client = client_of (session);

  client->session = session;
  if (client->waiting && !client->settled)
    speak (client);
  return 0;
}

static void
take_reply (struct session *session, const struct message *reply)
{
  struct client *client = client_of (session);

  client->listener.message (client->listener.self, reply->data, reply->size);
  if (client->lab->close_after_reply && client->waiting)
    {
      /* Settled when the connection is gone: one exchange ends before the next begins. */
      client->replied = true;
      session_close (session);
    }
  else
    settle (client, OUTCOME_REPLIED, NULL);
}

static size_t
client_messages (struct session *session, const struct message *messages, size_t count)
{
  size_t taken = 0;

  do
    take_reply (session, &messages[taken++]);
  while (taken < count && session_takes (session));
  return taken;
}

static void
client_closed (struct session *session)
{
  struct client *client = client_of (session);

  if (client->session != session)
    return;
  client->session = NULL;
  if (client->replied)
    settle (client, OUTCOME_REPLIED, NULL);
  else if (client->lost == 0)
    settle (client, OUTCOME_CLOSED, session->why);
}

static void
client_unreachable (struct endpoint *endpoint, int error)
{
  struct client *client = endpoint->self;

  client->lost = error;
}

static const struct application client_application = { .open = client_open,
                                                       .messages = client_messages,
                                                       .close = client_closed,
                                                       .unreachable = client_unreachable };

static void
connect_to_current (struct client *client)
{
  char error[REASON_SIZE];

  if (endpoint_connect (client->endpoint, &client->addresses[client->current], error, sizeof error)
      == 0)
    return;
  client->lost = errno != 0 ? errno : EIO;
  loop_again (client->loop);
}

static const char *
why_unreachable (int error)
{
  switch (error)
    {
    case ECONNREFUSED:
      return "no server is there: nothing has that port";
    case EHOSTUNREACH:
    case ENETUNREACH:
      return "there is no way to that host";
    case ETIMEDOUT:
      return "that host does not answer";
    case EMSGSIZE:
      return "the message is too long for a datagram";
    default:
      return strerrordesc_np (error);
    }
}

/* The address did not answer: lets go of the socket, and tries the next address. */
static void
try_next (struct client *client)
{
  int error = client->lost;

  client->lost = 0;
  if (client->session != NULL)
    {
      struct session *session = client->session;

      client->session = NULL;
      session_doom (session, NULL);
      endpoint_after_round (client->endpoint);
    }
  for (struct door *door = client->endpoint->doors, *next; door != NULL; door = next)
    {
      next = door->next;
      if (door->session == NULL)
        door_free (door);
    }
  if (!client->waiting || client->settled)
    return;
  if (client->current + 1 < client->address_count)
    {
      client->current++;
      connect_to_current (client);
      return;
    }
  client->current = 0;
  settle (client, OUTCOME_UNREACHABLE, why_unreachable (error));
}

static void
after_round (void *self)
{
  struct client *client = self;

  endpoint_after_round (client->endpoint);
  if (client->lost != 0)
    try_next (client);
  if (client->lost != 0)
    loop_again (client->loop);
  if (!client->settled)
    return;
  client->settled = client->waiting = false;
  loop_timer_clear (client->loop, &client->patience);
  buffer_free (&client->sentence);
  /* From within the outcome the next sentence may be sent, which then waits in a batch, and the
   * client may be freed. */
  loop_again (client->loop);
  client->listener.outcome (client->listener.self, client->outcome, client->text);
}

static void
out_of_patience (struct timer *timer)
{
  struct client *client = container_of (timer, struct client, patience);

  if (client->replied)
    {
      settle (client, OUTCOME_REPLIED, NULL);
      return;
    }
  settle (client, OUTCOME_TIMED_OUT, NULL);
  /* A reply that comes late must not be taken for the next one's: the next
   * sentence leaves from another port.  A connection that does not even stand is given up too. */
  if (!client->endpoint->stream || client->session == NULL)
    client->lost = ETIMEDOUT;
}

struct client *
client_new (struct loop *loop, const struct lab *lab, const struct pl_address *addresses,
            size_t count, const struct client_listener *listener, char *error, size_t size)
{
  struct client *client = calloc (1, sizeof *client);

  if (client == NULL)
    {
      snprintf (error, size, "out of memory");
      return NULL;
    }
  client->loop = loop;
  client->lab = lab;
  client->listener = *listener;
  client->patience.fire = out_of_patience;
  client->address_count = count < ADDRESSES_MAX ? count : ADDRESSES_MAX;
  memcpy (client->addresses, addresses, client->address_count * sizeof *addresses);
  client->endpoint
      = endpoint_new (loop, lab, SIDE_CLIENT, &client_application, client, error, size);
  if (client->endpoint == NULL)
    {
      free (client);
      return NULL;
    }
  loop_after_round (loop, after_round, client);
  return client;
}

int
client_play_link (struct client *client)
{
  return endpoint_play_link (client->endpoint);
}

void
client_observe (struct client *client, struct audience *audience)
{
  endpoint_observe (client->endpoint, audience);
}

void
client_send (struct client *client, const uint8_t *data, size_t n)
{
  int64_t due = loop_now (client->loop) + client->lab->client.timeout_ms * 1000000;

  client->waiting = true;
  client->replied = false;
  if (buffer_append (&client->sentence, data, n) == -1
      || loop_timer (client->loop, &client->patience, due) == -1)
    settle (client, OUTCOME_UNSENT, "out of memory");
  else if (client->session != NULL && !client->session->closing && !client->session->peer_ended)
    speak (client);
  else
    {
      client->session = NULL;
      connect_to_current (client);
    }
}

const struct pl_address *
client_server (const struct client *client)
{
  return &client->addresses[client->current];
}

void
client_free (struct client *client)
{
  if (client == NULL)
    return;
  loop_forget_after (client->loop, client);
  loop_timer_clear (client->loop, &client->patience);
  endpoint_free (client->endpoint);
  buffer_free (&client->sentence);
  free (client);
}

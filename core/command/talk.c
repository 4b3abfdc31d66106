#include "command/talk.h"

#include "host/address.h"

static void
message (void *self, const uint8_t *data, size_t n)
{
  struct talk *talk = self;

  keyboard_hide (&talk->keyboard);
  print_message (data, n);
  keyboard_show (&talk->keyboard);
}

static void
no_server (const struct talk *talk, const char *why)
{
  const struct opened *opened = talk->opened;
  char where[ADDRESS_TEXT + 64];

  opened_where (opened, client_server (talk->client), where, sizeof where);
  complain (where, "no reply: %s", why);
  advise ("Is the server running there? \"protolab serve %s\" starts it.", opened->lab->path);
}

static void
outcome (void *self, enum outcome outcome, const char *text)
{
  struct talk *talk = self;
  char where[ADDRESS_TEXT + 64];

  opened_where (talk->opened, client_server (talk->client), where, sizeof where);
  /* Where sessions speak to each other a sentence may be for the others. */
  if (outcome == OUTCOME_TIMED_OUT && lab_sharing_transform (talk->opened->lab) != NULL)
    outcome = OUTCOME_REPLIED;
  if (outcome != OUTCOME_REPLIED)
    talk->failed = true;
  switch (outcome)
    {
    case OUTCOME_REPLIED:
      break;
    case OUTCOME_UNSENT:
      complain (where, "not sent: %s", text);
      break;
    case OUTCOME_TIMED_OUT:
      complain (where, "timed out: no reply within %lld ms",
                (long long) talk->opened->lab->client.timeout_ms);
      break;
    case OUTCOME_UNREACHABLE:
      no_server (talk, text);
      break;
    case OUTCOME_CLOSED:
      if (text[0] != '\0')
        complain (where, "no reply: %s", text);
      else
        complain (where, "the server closed the connection without a reply");
      break;
    }
  if (talk->opened->lab->client.repeat)
    keyboard_ask (&talk->keyboard);
  else
    talk->ended (talk->self);
}

/* Whether a sentence cannot be a message of the lab; says why. */
static bool
misfit (const struct lab *lab, size_t n)
{
  size_t most = lab->limits.message_bytes;
  bool fixed = lab->framing.kind == FRAMING_FIXED;

  if (n > most)
    complain (NULL, "a sentence of %zu bytes is longer than this lab's messages: %zu", n, most);
  else if (fixed && n != lab->framing.size)
    complain (NULL, "a sentence of %zu byte%s: every message of this lab has %zu", n,
              n == 1 ? "" : "s", (size_t) lab->framing.size);
  else
    return false;
  return true;
}

static void
sentence (void *self, const uint8_t *data, size_t n)
{
  struct talk *talk = self;

  if (data == NULL)
    {
      talk->failed |= talk->keyboard.failed;
      talk->ended (talk->self);
    }
  else if (misfit (talk->opened->lab, n))
    {
      talk->failed = true;
      keyboard_ask (&talk->keyboard);
    }
  else
    client_send (talk->client, data, n);
}

int
talk_begin (struct talk *talk, const struct opened *opened, struct audience *audience,
            bool plays_link, const struct pl_address *addresses, size_t count,
            void (*ended) (void *self), void *self)
{
  struct client_listener listener = { .message = message, .outcome = outcome, .self = talk };
  char error[REASON_SIZE];

  *talk = (struct talk){ .opened = opened, .ended = ended, .self = self };
  talk->client
      = client_new (opened->loop, opened->lab, addresses, count, &listener, error, sizeof error);
  if (talk->client == NULL)
    {
      complain (opened->lab->path, "%s", error);
      return -1;
    }
  if (plays_link && client_play_link (talk->client) == -1)
    {
      complain (opened->lab->path, "out of memory");
      client_free (talk->client);
      talk->client = NULL;
      return -1;
    }
  client_observe (talk->client, audience);
  talk->keyboard.sentence = sentence;
  talk->keyboard.self = talk;
  keyboard_open (&talk->keyboard, opened->loop, opened->lab->client.prompt);
  keyboard_ask (&talk->keyboard);
  return 0;
}

void
talk_end (struct talk *talk)
{
  if (talk->client == NULL)
    return;
  keyboard_close (&talk->keyboard);
  client_free (talk->client);
}

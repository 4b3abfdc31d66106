/* chargen.c - sends characters without end (RFC 864). */
#include <protolab.h>

enum
{
  FIRST = ' ',       /* of the printing characters of ASCII */
  PRINTING = 95,     /* how many there are */
  WIDTH = 72,        /* of a line */
  DATAGRAM_MAX = 512 /* characters in the answer to a datagram */
};

struct chargen_lab
{
  bool on_request;
  char page[PRINTING * (WIDTH + 2)]; /* all there is: its last line is followed by its first */
};

/* A transform does not know what carries it, so the lab says which of the RFC's two services this
 * is. */
static const struct pl_param chargen_params[] = {
  PL_BOOLEAN_PARAM (
      struct chargen_lab, on_request, "false",
      "answer each message with 0 to 512 characters, as over UDP, and else be silent"),
  PL_PARAMS_END,
};

/* Line N has the printing characters from number N on, number 0 behind number 94. */
static int
chargen_setup (struct pl_lab *lab)
{
  struct chargen_lab *c = lab->state;
  char *to = c->page;

  for (int line = 0; line < PRINTING; line++)
    {
      for (int i = 0; i < WIDTH; i++)
        *to++ = (char) (FIRST + (line + i) % PRINTING);
      *to++ = '\r';
      *to++ = '\n';
    }
  return 0;
}

/* For open and for drained: one page when the peer arrives, and another whenever the last one has
 * gone.  So a peer that does not read is sent no more, and costs one page. */
static int
chargen_speak (struct pl_session *s)
{
  const struct chargen_lab *c = s->lab->state;

  return c->on_request ? 0 : pl_send (s, c->page, sizeof c->page);
}

static int
chargen_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  const struct chargen_lab *c = s->lab->state;

  (void) in;
  (void) n;
  return c->on_request ? pl_send (s, c->page, pl_random (s->lab) % (DATAGRAM_MAX + 1)) : 0;
}

PL_TRANSFORM (chargen, "Sends characters without end", .lab_size = sizeof (struct chargen_lab),
              .params = chargen_params, .setup = chargen_setup, .open = chargen_speak,
              .message = chargen_message, .drained = chargen_speak)

/* sequence_random_test.c - sequence diagrams of whatever may happen. */
#include "sequence_stage.h"

/* More clients than can be told apart: none of them breaks anything. */
static void
crowd (void **state)
{
  for (int stream = 0; stream < 2; stream++)
    {
      struct stage stage;

      open_stage (&stage, stream, SEQUENCE_MESSAGES, 60, 0);
      play_clients (&stage, 600);
      close_stage (&stage);
      check_lines (stage.text, 60);
      free (stage.text);
    }
  (void) state;
}

static unsigned
draw_lot (uint32_t *seed, unsigned count)
{
  *seed = *seed * 1664525u + 1013904223u;
  return (*seed >> 16) % count;
}

/* The calls of one side, in the order of the diagram: what stands left of its first lifeline, or
 * right of its last. */
static void
write_drawn (const char *text, bool server, FILE *to)
{
  for (const char *line = text; *line != '\0'; line += strcspn (line, "\n") + 1)
    {
      char copy[400], *bar, *part;

      snprintf (copy, sizeof copy, "%.*s", (int) strcspn (line, "\n"), line);
      bar = server ? strrchr (copy, '|') : strchr (copy, '|');
      if (bar == NULL || line[1] != '0')
        continue;
      if (!server)
        bar[bar > copy ? -1 : 0] = '\0';
      part = server ? bar + 1 : copy + 7;
      part += strspn (part, " ");
      if (strchr (part, '(') != NULL)
        fprintf (to, "%s\n", part);
    }
}

/* What one side has sent, the other not yet received, and all its calls. */
struct end
{
  struct
  {
    char letter;
    size_t size;
  } sent[100];
  size_t first, last;
  char *told;
  size_t told_size;
  FILE *to;
};

static void
act (struct stage *stage, struct end *ends, bool client, int i, uint32_t *seed)
{
  struct end *self = &ends[client], *other = &ends[!client];
  char who = client ? 'c' : 's', bytes[100] = "";
  int fd = client ? CLIENT : stage->stream ? CONNECTION : WELCOMING;
  size_t n;

  if (draw_lot (seed, 2) == 0)
    {
      n = 1 + draw_lot (seed, 40);
      memset (bytes, 'a' + i % 26, n);
      self->sent[self->last].letter = bytes[0];
      self->sent[self->last++].size = n;
      tell_data (stage, who, EVENT_SENT, bytes);
      tell_data (stage, who, EVENT_SEND, bytes);
      fprintf (self->to, "%s(%d) = %zu\n", stage->stream ? "send" : "sendto", fd, n);
      return;
    }
  if (other->first == other->last)
    return;
  n = other->sent[other->first].size;
  memset (bytes, other->sent[other->first++].letter, n);
  /* Datagrams may be lost. */
  if (draw_lot (seed, 4) == 0 && !stage->stream)
    return;
  tell_data (stage, who, EVENT_RECV, bytes);
  if (draw_lot (seed, 2) == 0)
    tell_data (stage, who, EVENT_RECEIVED, bytes);
  if (draw_lot (seed, 2) == 0)
    settle (stage);
  fprintf (self->to, "%s(%d) = %zu\n", stage->stream ? "recv" : "recvfrom", fd, n);
}

static void
play_randomly (bool stream, uint32_t *seed)
{
  struct end ends[2] = { { .first = 0 }, { .first = 0 } };
  struct stage stage;

  for (int i = 0; i < 2; i++)
    ends[i].to = open_memstream (&ends[i].told, &ends[i].told_size);
  open_stage (&stage, stream, SEQUENCE_MESSAGES, 120, BOTH);
  start_server (&stage);
  start_client (&stage);
  fprintf (ends[0].to, "socket() = 4\nbind(4)\n%s", stream ? "listen(4)\naccept(4) = 7\n" : "");
  fprintf (ends[1].to, "socket() = 6\n%s", stream ? "connect(6)\n" : "");
  for (int i = 0; i < 40; i++)
    {
      stage.now += MS / 100;
      act (&stage, ends, draw_lot (seed, 2), i, seed);
    }
  tell_plain (&stage, 'c', EVENT_CLOSED);
  fprintf (ends[1].to, "close(6)\n");
  close_stage (&stage);
  check_lines (stage.text, 120);
  for (int i = 0; i < 2; i++)
    {
      char *drawn;
      size_t size;
      FILE *to = open_memstream (&drawn, &size);

      write_drawn (stage.text, i == 0, to);
      fclose (to);
      fclose (ends[i].to);
      if (strcmp (drawn, ends[i].told) != 0)
        fail_msg ("told:\n%s\ndrawn:\n%s", ends[i].told, stage.text);
      free (drawn);
      free (ends[i].told);
    }
  free (stage.text);
}

/* Whatever happens between the two, each end's calls stand in their order. */
static void
order_stays (void **state)
{
  uint32_t seed = 7;

  (void) state;
  for (int run = 0; run < 400; run++)
    play_randomly (run % 2, &seed);
}

/* Any events at all, at any width: the lines stay within it, and nothing breaks. */
static void
anything (void **state)
{
  uint32_t seed = 11;

  (void) state;
  for (int run = 0; run < 600; run++)
    {
      unsigned columns = 40 + draw_lot (&seed, 121);
      struct stage stage;
      char bytes[1500];

      open_stage (&stage, draw_lot (&seed, 2), draw_lot (&seed, 3), columns, draw_lot (&seed, 4));
      for (int i = 0; i < 80; i++)
        {
          struct event event;
          size_t n
              = draw_lot (&seed, 3) == 0 ? draw_lot (&seed, sizeof bytes) : draw_lot (&seed, 9);

          stage.now += draw_lot (&seed, 1000) * (int64_t) (run % 7 == 0 ? 1000000000 : 1000);
          stage.client = at (draw_lot (&seed, 9) ? "10.20.30.40" : "2001:db8:1:2:3:4:5:6",
                             (uint16_t) (50000 + draw_lot (&seed, 6)));
          stage.client_fd = CLIENT + (int) draw_lot (&seed, 3);
          event = event_of (&stage, draw_lot (&seed, 2) ? 's' : 'c', draw_lot (&seed, EVENT_TYPES));
          for (size_t k = 0; k < n; k++)
            bytes[k] = (char) draw_lot (&seed, draw_lot (&seed, 2) ? 256 : 128);
          bytes[n > 0 ? n - 1 : 0] = '\0';
          if (event.type == EVENT_RECV || event.type == EVENT_SEND || event.type == EVENT_PACKET
              || event.type == EVENT_SENT || event.type == EVENT_RECEIVED)
            {
              event.data = n > 0 ? (uint8_t *) bytes : NULL;
              event.size = n;
              event.asked = n + draw_lot (&seed, 2);
              if (!stage.stream)
                event.fate = (struct fate){ .what = draw_lot (&seed, 128),
                                            .index = draw_lot (&seed, 3),
                                            .direction = draw_lot (&seed, 2),
                                            .delay = 123456789 };
            }
          else if (event.type == EVENT_NOTE || event.type == EVENT_TIMER
                   || event.type == EVENT_LIMIT || event.type == EVENT_TROUBLE
                   || draw_lot (&seed, 4) == 0)
            event.text = bytes;
          event.by_peer = draw_lot (&seed, 2);
          tell (&stage, event);
          if (draw_lot (&seed, 4) == 0)
            settle (&stage);
        }
      close_stage (&stage);
      check_lines (stage.text, columns);
      free (stage.text);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (crowd),
    cmocka_unit_test (order_stays),
    cmocka_unit_test (anything),
  };

  cmocka_set_message_output (CM_OUTPUT_TAP);
  return cmocka_run_group_tests (tests, set_locale, NULL);
}

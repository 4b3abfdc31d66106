#include "host/endpoint.h"

#include <stdlib.h>

enum
{
  STATE_ALIGNMENT = 16
};

static size_t
aligned (size_t size)
{
  return (size + STATE_ALIGNMENT - 1) & ~(size_t) (STATE_ALIGNMENT - 1);
}

/* Lays out the stages behind the session and their states behind them. */
struct session *
session_new (struct endpoint *endpoint, struct door *door)
{
  size_t head
      = aligned (sizeof (struct session) + endpoint->stage_count * sizeof (struct pl_session));
  size_t size = head;
  struct session *session;
  uint8_t *state;

  for (size_t i = 0; i < endpoint->stage_count; i++)
    size += aligned (endpoint->stages[i].instance.plugin->transform->session_size);
  session = calloc (1, size);
  if (session == NULL)
    return NULL;
  session->endpoint = endpoint;
  session->door = door;
  state = (uint8_t *) session + head;
  for (size_t i = 0; i < endpoint->stage_count; i++)
    {
      struct stage *stage = &endpoint->stages[i];
      uint32_t wanted = stage->instance.plugin->transform->session_size;
      bool last = i + 1 == endpoint->stage_count;

      session->stage[i].lab = &stage->instance.lab;
      session->stage[i].state = wanted > 0 ? state : NULL;
      session->stage[i].out = last && !endpoint->stream ? &endpoint->live.out : &stage->outlet.out;
      state += aligned (wanted);
    }
  return session;
}

static void
enlist (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;

  session->next = endpoint->sessions;
  if (session->next != NULL)
    session->next->previous = session;
  endpoint->sessions = session;
  endpoint->session_count++;
}

static void
delist (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;

  if (session->next != NULL)
    session->next->previous = session->previous;
  if (session->previous != NULL)
    session->previous->next = session->next;
  else
    endpoint->sessions = session->next;
  endpoint->session_count--;
}

struct session *
session_open (struct endpoint *endpoint, struct door *door, const struct pl_address *peer,
              const struct pl_address *local)
{
  struct session *session = session_new (endpoint, door);

  if (session == NULL)
    {
      endpoint_tell (endpoint, EVENT_TROUBLE, NULL, door, NULL, 0, "no memory for a session");
      return NULL;
    }
  session->ordinal = ++endpoint->last_ordinal;
  session->peer = *peer;
  session->local = *local;
  session->began = session->last_active = loop_now (endpoint->loop);
  enlist (session);
  if (endpoint->plays_link && endpoint->stream && link_stream_begin (session) == -1)
    session_doom (session, "out of memory");
  if (door->socket.role != PL_SERVER)
    {
      door->session = session;
      endpoint_tell (endpoint, endpoint->side == SIDE_CLIENT ? EVENT_CONNECTED : EVENT_ACCEPTED,
                     session, door, NULL, 0, NULL);
    }
  deadline_set (session);
  if (endpoint->stream)
    stream_enter (session);
  if (endpoint->application->open (session) == -1)
    session_end (session, session->why);
  else
    session->opened = true;
  if (endpoint->stream)
    stream_leave (session);
  return session;
}

int
session_send (struct session *session, const uint8_t *data, size_t n)
{
  if (session->closing || session->doomed)
    {
      session->why = "the session is over";
      return -1;
    }
  return session->endpoint->stream ? stream_send (session, data, n)
                                   : datagram_send (session, data, n);
}

void
session_touch (struct session *session)
{
  session->last_active = loop_now (session->endpoint->loop);
}

void
session_close (struct session *session)
{
  /* The one that all datagrams share stays. */
  if (session->ordinal == 0)
    return;
  session->closing = true;
  if (session->endpoint->stream)
    {
      if (session->endpoint->active != session)
        stream_settle (session);
    }
  else
    session_doom (session, NULL);
}

void
session_end (struct session *session, const char *why)
{
  endpoint_tell (session->endpoint, EVENT_TROUBLE, session, session->door, NULL, 0, why);
  session->why = NULL;
  session_close (session);
}

void
session_doom (struct session *session, const char *why)
{
  struct endpoint *endpoint = session->endpoint;

  if (session->doomed)
    return;
  session->doomed = true;
  session->closing = true;
  session->why = why;
  session->next_doomed = endpoint->doomed;
  endpoint->doomed = session;
}

void
session_bid_farewell (struct session *session)
{
  if (!session->opened)
    return;
  session->opened = false;
  session->endpoint->application->close (session);
}

void
session_free (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;
  struct door *door = session->door;

  session_bid_farewell (session);
  linger_forget (session);
  loop_timer_clear (endpoint->loop, &session->deadline);
  for (size_t i = 0; session->stage_timers != NULL && i < endpoint->stage_count; i++)
    loop_timer_clear (endpoint->loop, &session->stage_timers[i].timer);
  free (session->stage_timers);
  delist (session);
  if (door->session == session)
    door_free (door);
  else
    datagram_forget (session);
  link_stream_end (session);
  buffer_free (&session->in);
  buffer_free (&session->unsent);
  free (session->told);
  free (session);
}

struct session *
session_of (const struct pl_session *stage)
{
  const struct pl_session *first = stage - instance_of (stage->lab)->index;

  return container_of (first, struct session, stage);
}

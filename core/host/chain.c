/* The server's application: a message goes through the lab's transforms, one
 * after the other, and what the last one says goes to the peer. */
#include "host/endpoint.h"

#include <stdlib.h>

struct instance *
instance_of (const struct pl_lab *lab)
{
  return container_of (lab, struct instance, lab);
}

static const struct pl_transform *
hooks (const struct session *session, size_t index)
{
  return session->endpoint->stages[index].instance.plugin->transform;
}

int
chain_judge (struct session *session, size_t index, int status)
{
  struct instance *instance = &session->endpoint->stages[index].instance;

  if (status == 0)
    return 0;
  free (session->told);
  session->told = strdup (instance_reason (instance));
  session->why = session->told != NULL ? session->told : "out of memory";
  instance->reason[0] = '\0';
  return -1;
}

/* Calls the close hooks of the first count stages, last one first. */
static void
close_stages (struct session *session, size_t count)
{
  while (count-- > 0)
    if (hooks (session, count)->close != NULL)
      hooks (session, count)->close (&session->stage[count]);
}

static int
chain_open (struct session *session)
{
  for (size_t i = 0; i < session->endpoint->stage_count; i++)
    {
      const struct pl_transform *transform = hooks (session, i);

      if (transform->open != NULL
          && chain_judge (session, i, transform->open (&session->stage[i])) == -1)
        {
          close_stages (session, i);
          return -1;
        }
    }
  return 0;
}

int
chain_message (struct session *session, size_t index, const uint8_t *data, size_t n)
{
  int status = hooks (session, index)->message (&session->stage[index], data, n);

  return PL_UNLIKELY (status != 0) ? chain_judge (session, index, status) : 0;
}

static int
chain_first (struct session *session, const uint8_t *data, size_t n)
{
  return chain_message (session, 0, data, n);
}

static void
chain_close (struct session *session)
{
  close_stages (session, session->endpoint->stage_count);
}

static void
fire (struct timer *timer)
{
  struct stage_timer *stage_timer = container_of (timer, struct stage_timer, timer);
  struct session *session = stage_timer->session;
  size_t index = stage_timer->index;
  int status;

  if (session->closing)
    return;
  if (session->endpoint->stream)
    stream_enter (session);
  status = hooks (session, index)->timer (&session->stage[index]);
  if (chain_judge (session, index, status) == -1)
    session_end (session, session->why);
  if (session->endpoint->stream)
    stream_leave (session);
}

int
chain_timer (struct session *session, size_t index, int64_t ms)
{
  struct endpoint *endpoint = session->endpoint;
  size_t count = endpoint->stage_count;
  struct stage_timer *timers = session->stage_timers;

  if (timers == NULL)
    {
      timers = calloc (count, sizeof *timers);
      if (timers == NULL)
        return -1;
      for (size_t i = 0; i < count; i++)
        timers[i] = (struct stage_timer){ { .fire = fire }, session, i };
      session->stage_timers = timers;
    }
  if (ms > 0)
    return loop_timer (endpoint->loop, &timers[index].timer,
                       loop_now (endpoint->loop) + ms * 1000000);
  loop_timer_clear (endpoint->loop, &timers[index].timer);
  return 0;
}

const struct application chain_application
    = { .open = chain_open, .message = chain_first, .close = chain_close };

/* The server's application: a message goes through the lab's transforms, one
 * after the other, and what the last one says goes to the peer. */
#include "host/endpoint.h"
#include "host/guard.h"

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

static const char *
plugin_name (const struct session *session, size_t index)
{
  return session->endpoint->stages[index].instance.plugin->name;
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

/* Calls the close hooks from a stage on. */
static void
close_stages (struct session *session, size_t from)
{
  for (size_t i = from; i < session->endpoint->stage_count; i++)
    if (hooks (session, i)->close != NULL)
      {
        struct guard before = guard_enter (plugin_name (session, i), "close");

        hooks (session, i)->close (&session->stage[i]);
        guard_leave (before);
      }
}

/* Calls one of the hooks that take nothing but the session, if it is there. */
static int
call (struct session *session, size_t index, const char *name, int (*hook) (struct pl_session *))
{
  struct guard before;
  int status;

  if (hook == NULL)
    return 0;
  before = guard_enter (plugin_name (session, index), name);
  status = hook (&session->stage[index]);
  guard_leave (before);
  return chain_judge (session, index, status);
}

static int
chain_open (struct session *session)
{
  /* The last one first: what a stage says as it opens must find the next one open. */
  for (size_t i = session->endpoint->stage_count; i-- > 0;)
    if (call (session, i, "open", hooks (session, i)->open) == -1)
      {
        close_stages (session, i + 1);
        return -1;
      }
  return 0;
}

/* What became of a message.  A hook may live with a failure that it was told of. */
static inline int
judge_message (struct session *session, struct instance *instance, int status)
{
  if (PL_UNLIKELY (status != 0))
    return chain_judge (session, instance->index, status);
  if (PL_UNLIKELY (instance->reason[0] != '\0'))
    instance->reason[0] = '\0';
  return 0;
}

int
chain_message (struct session *session, size_t index, const uint8_t *data, size_t n)
{
  struct instance *instance = &session->endpoint->stages[index].instance;
  struct guard before = guard_enter (instance->plugin->name, "message");
  int status = instance->plugin->transform->message (&session->stage[index], data, n);

  guard_leave (before);
  return judge_message (session, instance, status);
}

static size_t
chain_messages (struct session *session, const struct message *messages, size_t count)
{
  struct instance *first = &session->endpoint->stages[0].instance;
  int (*hook) (struct pl_session *, const uint8_t *, size_t)
      = first->plugin->transform->message;
  struct guard before = guard_enter (first->plugin->name, "message");
  size_t taken = 0;

  do
    {
      const struct message *message = &messages[taken++];
      int status = hook (session->stage, message->data, message->size);

      guard_again ();
      if (judge_message (session, first, status) == -1)
        session_end (session, session->why);
    }
  while (taken < count && session_takes (session));
  guard_leave (before);
  return taken;
}

static int
chain_drained (struct session *session)
{
  for (size_t i = 0; i < session->endpoint->stage_count; i++)
    if (call (session, i, "drained", hooks (session, i)->drained) == -1)
      return -1;
  return 0;
}

static void
chain_close (struct session *session)
{
  close_stages (session, 0);
}

static void
fire (struct timer *timer)
{
  struct stage_timer *stage_timer = container_of (timer, struct stage_timer, timer);
  struct session *session = stage_timer->session;
  size_t index = stage_timer->index;

  if (session->closing)
    return;
  endpoint_tell (session->endpoint, EVENT_TIMER, session, session->door, NULL, 0, "due");
  if (session->endpoint->stream)
    stream_enter (session);
  if (call (session, index, "timer", hooks (session, index)->timer) == -1)
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
  endpoint_tell_event (endpoint, session, session->door,
                       (struct event){ .type = EVENT_TIMER, .ms = ms, .text = "set" });
  if (ms > 0)
    return loop_timer (endpoint->loop, &timers[index].timer,
                       loop_now (endpoint->loop) + ms * 1000000);
  loop_timer_clear (endpoint->loop, &timers[index].timer);
  return 0;
}

const struct application chain_application = {
  .open = chain_open, .messages = chain_messages, .close = chain_close, .drained = chain_drained
};

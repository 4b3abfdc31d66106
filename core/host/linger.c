/* Connections that we have finished and whose peers have not.  Closing at once with unread input
 * would reset them, and the peer might lose the end of our answer (RFC 1122, 4.2.2.13).
 *
 * Most peers end as soon as they have the answer.  Waking up for each of them would cost more
 * than its close, so they are put aside, and looked at when the loop is awake anyway; only for those
 * that take longer does the loop wait. */
#include "host/endpoint.h"

enum
{
  ASIDE_MS = 10,
  LINGER_MS = 2000, /* how long a peer may take to end after we have */
  LINGER_STOPPING_MS = 200
};

static void
take_back (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;

  if (!session->aside)
    return;
  session->aside = false;
  if (session->next_finished != NULL)
    session->next_finished->previous_aside = session->previous_aside;
  else
    endpoint->last_aside = session->previous_aside;
  if (session->previous_aside != NULL)
    session->previous_aside->next_finished = session->next_finished;
  else
    endpoint->first_aside = session->next_finished;
}

void
linger_wait (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;
  int64_t linger = endpoint->stopping ? LINGER_STOPPING_MS : LINGER_MS;

  take_back (session);
  if (loop_timer (endpoint->loop, &session->deadline, loop_now (endpoint->loop) + linger * 1000000)
      == -1)
    session_doom (session, session->why);
  stream_settle (session);
}

static void arm (struct endpoint *endpoint);

/* Those that took too long: the loop waits for them from now on. */
static void
fire (struct timer *timer)
{
  struct endpoint *endpoint = container_of (timer, struct endpoint, aside);
  int64_t now = loop_now (endpoint->loop);

  while (endpoint->first_aside != NULL && endpoint->first_aside->deadline.due <= now)
    linger_wait (endpoint->first_aside);
  arm (endpoint);
}

static void
arm (struct endpoint *endpoint)
{
  endpoint->aside.fire = fire;
  if (endpoint->first_aside != NULL && endpoint->aside.place == 0
      && loop_timer (endpoint->loop, &endpoint->aside,
                     endpoint->first_aside->deadline.due)
             == -1)
    while (endpoint->first_aside != NULL)
      linger_wait (endpoint->first_aside);
}

void
linger_aside (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;

  if (session->doomed)
    return;
  if (endpoint->stopping || session->link != NULL)
    {
      linger_wait (session);
      return;
    }
  loop_timer_clear (endpoint->loop, &session->deadline);
  loop_forget (endpoint->loop, &session->door->watch);
  session->aside = true;
  session->deadline.due = loop_now (endpoint->loop) + ASIDE_MS * 1000000;
  session->next_finished = NULL;
  session->previous_aside = endpoint->last_aside;
  if (endpoint->last_aside != NULL)
    endpoint->last_aside->next_finished = session;
  else
    endpoint->first_aside = session;
  endpoint->last_aside = session;
  arm (endpoint);
}

void
linger_look (struct endpoint *endpoint)
{
  struct session *at;

  while ((at = endpoint->first_aside) != NULL)
    {
      stream_readable (at->door);
      if (!at->doomed)
        break;
      take_back (at);
    }
}

void
linger_forget (struct session *session)
{
  take_back (session);
}

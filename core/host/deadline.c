/* How long a session may take: until its first message, between two bytes, in all. */
#include "host/endpoint.h"

/* The earlier of two times, where a limit of 0 ms is none. */
static int64_t
earlier (int64_t due, int64_t from, int64_t limit_ms)
{
  int64_t until = from + limit_ms * 1000000;

  return limit_ms > 0 && until < due ? until : due;
}

static int64_t
due_of (const struct session *session)
{
  const struct lab *lab = session->endpoint->lab;
  int64_t due = earlier (INT64_MAX, session->last_active, lab->limits.idle_ms);

  due = earlier (due, session->began, lab->limits.total_ms);
  return session->spoken ? due : earlier (due, session->began, lab->limits.handshake_ms);
}

static const char *
why_over (const struct session *session, int64_t now)
{
  const struct lab *lab = session->endpoint->lab;

  if (earlier (INT64_MAX, session->began, lab->limits.total_ms) <= now)
    return "it lasted longer than limits.total_ms";
  if (!session->spoken && earlier (INT64_MAX, session->began, lab->limits.handshake_ms) <= now)
    return "no whole message came within limits.handshake_ms";
  if (buffer_size (&session->unsent) > 0 || session->drain_owed)
    return "the peer has not read what was sent to it for limits.idle_ms";
  return "idle for longer than limits.idle_ms";
}

/* Messages do not move the timer: it looks when it is due, and waits on for
 * what is left. */
static void
fire (struct timer *timer)
{
  struct session *session = container_of (timer, struct session, deadline);
  struct endpoint *endpoint = session->endpoint;
  int64_t now = loop_now (endpoint->loop);
  int64_t due = due_of (session);

  if (session->doomed)
    return;
  if (session->finished)
    session_doom (session, NULL);
  else if (due > now)
    deadline_set (session);
  else if (!endpoint->stream)
    session_doom (session, NULL);
  else
    session_doom (session, why_over (session, now));
}

void
deadline_set (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;
  int64_t due = due_of (session);

  session->deadline.fire = fire;
  if (endpoint->side == SIDE_SERVER && due < INT64_MAX
      && loop_timer (endpoint->loop, &session->deadline, due) == -1)
    session_doom (session, "out of memory");
}

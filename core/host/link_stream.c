/* The link for streams: slices, delay, rate, and the reset of a connection.  All bytes pass, and
 * in their order.
 *
 * What we send waits in session->unsent, as it does where a peer does not read; what comes in waits
 * here.  Each piece of either is due at a time of its own. */
#include "host/endpoint.h"
#include "host/guard.h"
#include "host/link_way.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum
{
  SLICE_PAUSE_US = 2000,   /* between two slices that we send */
  WAITING_MAX = 256 * 1024 /* bytes on their way to us; beyond it the socket is not read */
};

struct link_stream
{
  struct session *session;
  const struct lab_link *link;
  struct way to_us, from_us;
  struct buffer waiting; /* the bytes of to_us */
  struct timer timer;    /* until something is due */
  int64_t next_slice;    /* not before that time */
  int64_t passed;        /* bytes of the covered ways */
};

/* A server that is asked to stop waits for no network. */
static bool
is_due (const struct link_stream *link, const struct piece *piece, int64_t now)
{
  return piece->due <= now || link->session->endpoint->stopping;
}

static void
add (struct link_stream *link, struct way *way, size_t n)
{
  int64_t now = loop_clock (link->session->endpoint->loop);

  if (way_add (way, link->link, now, n) == -1)
    session_doom (link->session, "out of memory");
}

/* -------------------------------------------------------------------- reset -- */

/* Bytes that may still pass. */
static int64_t
left_until_reset (const struct link_stream *link)
{
  int64_t after = link->link->reset_after;

  if (after == 0)
    return INT64_MAX;
  return after > link->passed ? after - link->passed : 0;
}

static void
reset (struct session *session)
{
  struct endpoint *endpoint = session->endpoint;
  struct guard before = guard_enter (endpoint->transport.plugin->name, "reset");
  char text[80];

  endpoint->carrier->reset (&session->door->socket);
  guard_leave (before);
  snprintf (text, sizeof text, "the link resets it after %" PRId64 " bytes",
            endpoint->lab->link.reset_after);
  endpoint_tell_event (endpoint, session, session->door,
                       (struct event){ .type = EVENT_RESET, .text = text });
  session_doom (session, "the link has reset the connection");
}

static void
reset_if_due (struct link_stream *link)
{
  if (left_until_reset (link) == 0 && !link->session->doomed)
    reset (link->session);
}

/* -------------------------------------------------------------------- to us -- */

size_t
link_stream_room (const struct session *session, size_t n)
{
  const struct link_stream *link = session->link;
  int64_t left = left_until_reset (link) - (int64_t) buffer_size (&link->waiting);

  if (!link->to_us.covered)
    return n;
  if (link->link->slice > 0 && (size_t) link->link->slice < n)
    n = (size_t) link->link->slice;
  if (left < (int64_t) n)
    n = left > 0 ? (size_t) left : 1;
  return n;
}

/* Hands on what the next n bytes are, which stand at data. */
static void
arrive (struct link_stream *link, size_t n)
{
  /* An answer to them comes behind them. */
  if (link->to_us.covered)
    link->passed += (int64_t) n;
  stream_arrived (link->session, n);
  reset_if_due (link);
}

void
link_stream_receive (struct session *session, const uint8_t *data, size_t n)
{
  struct link_stream *link = session->link;
  struct way *way = &link->to_us;

  if (n == 0 && way->ended)
    return;
  if (!way->delays)
    {
      arrive (link, n);
      return;
    }
  if (buffer_append (&link->waiting, data, n) == -1)
    {
      session_doom (session, "out of memory");
      return;
    }
  add (link, way, n);
  stream_settle (session);
}

/* As a recv would, had there been no link. */
static void
deliver (struct link_stream *link)
{
  struct session *session = link->session;
  size_t n = way_pieces (&link->to_us)->size, room;
  uint8_t *to = stream_place (session, &room);

  if (session->doomed)
    return;
  if ((int64_t) n > left_until_reset (link))
    n = (size_t) left_until_reset (link);
  if (n > room)
    n = room;
  if (n > 0)
    {
      memcpy (to, buffer_bytes (&link->waiting), n);
      buffer_take (&link->waiting, n);
      way_take (&link->to_us, n);
    }
  else
    way_take_end (&link->to_us);
  arrive (link, n);
}

/* Whether a message could be taken: not while the peer leaves too much unread. */
static bool
takes_bytes (const struct session *session)
{
  return session->closing
         || buffer_size (&session->unsent) <= session->endpoint->lab->limits.unsent_bytes;
}

static bool
reads_on (const struct session *session)
{
  const struct link_stream *link = session->link;

  if (session->peer_ended || link->to_us.ended || !(session->finished || takes_bytes (session)))
    return false;
  return buffer_size (&link->waiting) < WAITING_MAX && way_count (&link->to_us) < WAY_PIECES
         && left_until_reset (link) > (int64_t) buffer_size (&link->waiting);
}

/* ------------------------------------------------------------------ from us -- */

void
link_stream_enter (struct session *session, size_t n)
{
  if (session->link->from_us.delays && n > 0)
    add (session->link, &session->link->from_us, n);
}

size_t
link_stream_sendable (const struct session *session, size_t n)
{
  const struct link_stream *link = session->link;
  const struct way *way = &link->from_us;
  const struct piece *pieces = way_pieces (way);
  int64_t now = loop_clock (session->endpoint->loop);
  size_t due = 0;

  if (!way->covered)
    return n;
  if (link->link->slice > 0 && now < link->next_slice && !session->endpoint->stopping)
    return 0;
  if (link->link->slice > 0 && (size_t) link->link->slice < n)
    n = (size_t) link->link->slice;
  if ((int64_t) n > left_until_reset (link))
    n = (size_t) left_until_reset (link);
  if (!way->delays)
    return n;
  for (size_t i = 0; due < n && i < way_count (way) && is_due (link, &pieces[i], now); i++)
    due += pieces[i].size;
  return due < n ? due : n;
}

void
link_stream_sent (struct session *session, size_t n)
{
  struct link_stream *link = session->link;

  way_take (&link->from_us, n);
  link->next_slice = loop_clock (session->endpoint->loop) + SLICE_PAUSE_US * INT64_C (1000);
  if (link->from_us.covered)
    link->passed += (int64_t) n;
  reset_if_due (link);
}

bool
link_stream_holds_end (struct session *session)
{
  struct link_stream *link = session->link;
  struct way *way = &link->from_us;
  int64_t now = loop_clock (session->endpoint->loop);
  const struct piece *first;

  if (!way->delays || session->finished || !(session->closing || session->half_close))
    return false;
  if (!way->ended)
    add (link, way, 0);
  first = way_pieces (way);
  if (first != NULL && first->size == 0 && is_due (link, first, now))
    way_take_end (way);
  return way_count (way) > 0;
}

/* --------------------------------------------------------------------- time -- */

/* When more may be sent than now, by the link. */
static int64_t
next_sending (const struct link_stream *link, int64_t now)
{
  const struct way *way = &link->from_us;
  const struct piece *pieces = way_pieces (way);
  const struct session *session = link->session;

  if (link->link->slice > 0 && buffer_size (&session->unsent) > 0 && now < link->next_slice
      && !session->endpoint->stopping)
    return link->next_slice;
  for (size_t i = 0; i < way_count (way); i++)
    if (!is_due (link, &pieces[i], now))
      return pieces[i].due;
  return INT64_MAX;
}

static int64_t
next_arrival (const struct link_stream *link, int64_t now)
{
  const struct piece *piece = way_pieces (&link->to_us);

  if (piece == NULL || !takes_bytes (link->session))
    return INT64_MAX;
  return is_due (link, piece, now) ? now : piece->due;
}

void
link_stream_watch (struct session *session)
{
  struct link_stream *link = session->link;
  struct loop *loop = session->endpoint->loop;
  struct watch *watch = &session->door->watch;
  size_t unsent = buffer_size (&session->unsent);
  bool sends_now = unsent > 0 && link_stream_sendable (session, unsent) > 0;
  int64_t now = loop_clock (loop), due = next_arrival (link, now);
  int64_t sending = sends_now ? INT64_MAX : next_sending (link, now);
  unsigned events = reads_on (session) ? PL_READABLE : 0;

  if (sends_now || (unsent == 0 && session->drain_owed && !session->closing))
    events |= PL_WRITABLE;
  if (sending < due)
    due = sending;
  if (due == INT64_MAX)
    loop_timer_clear (loop, &link->timer);
  else if (loop_timer (loop, &link->timer, due) == -1)
    session_doom (session, "out of memory");
  /* A connection that has ended both ways would wake the loop again and again. */
  if (events == 0 && link->to_us.ended)
    loop_forget (loop, watch);
  else if (loop_watch (loop, watch, events) == -1)
    session_doom (session, "the loop cannot watch its socket");
}

static void
fire (struct timer *timer)
{
  struct link_stream *link = container_of (timer, struct link_stream, timer);
  struct session *session = link->session;
  int64_t now = loop_clock (session->endpoint->loop);
  const struct piece *piece;

  while (!session->doomed && (piece = way_pieces (&link->to_us)) != NULL
         && is_due (link, piece, now) && takes_bytes (session))
    deliver (link);
  if (!session->doomed)
    stream_writable (session);
}

/* --------------------------------------------------------------- begin, end -- */

int
link_stream_begin (struct session *session)
{
  const struct lab_link *rules = &session->endpoint->lab->link;
  struct link_stream *link = calloc (1, sizeof *link);
  bool server = session->endpoint->side == SIDE_SERVER;

  if (link == NULL)
    return -1;
  link->session = session;
  link->link = rules;
  link->to_us = way_begin (rules, server ? DIRECTION_IN : DIRECTION_OUT, session->ordinal);
  link->from_us = way_begin (rules, server ? DIRECTION_OUT : DIRECTION_IN, session->ordinal);
  link->timer.fire = fire;
  session->link = link;
  return 0;
}

void
link_stream_end (struct session *session)
{
  struct link_stream *link = session->link;

  if (link == NULL)
    return;
  loop_timer_clear (session->endpoint->loop, &link->timer);
  way_end (&link->to_us);
  way_end (&link->from_us);
  buffer_free (&link->waiting);
  free (link);
  session->link = NULL;
}

/* The link for datagrams: each meets its fate between the socket and the application. */
#include "host/endpoint.h"
#include "host/link.h"
#include "host/link_flows.h"
#include "host/link_queue.h"

#include <stdlib.h>

enum
{
  HELD_BACK_MS = 500 /* a reordered packet that no other one overtakes */
};

struct link_packets
{
  struct endpoint *endpoint;
  const struct lab_link *link;
  enum direction towards_us, from_us;
  struct link_queue queue;
  struct timer timer; /* until the next one is due */
  bool crowded;       /* and it was told */
  struct flows flows;
};

/* ------------------------------------------------------------------ arriving -- */

static void
arrive (const struct link_packets *packets, struct door *door, struct pl_datagram *datagram,
        const struct fate *fate)
{
  if (fate->direction == packets->towards_us)
    datagram_hand_over (door, datagram, fate);
  else
    datagram_put (door, datagram);
}

static void
come_out (struct link_packets *packets, struct packet *packet)
{
  struct pl_datagram datagram = { .data = packet->bytes,
                                  .room = packet->size,
                                  .size = packet->size,
                                  .peer = packet->peer,
                                  .local = packet->local,
                                  .truncated = packet->truncated };

  link_queue_take (&packets->queue, packet);
  arrive (packets, packet->door, &datagram, &packet->fate);
  free (packet);
}

/* Nothing holds those packets back any more: they come out when they are ready but not before
 * that time, the last one first.  What is due by now does so at once. */
static void
let_go (struct link_packets *packets, struct flow *flow, enum direction direction, int64_t time,
        int64_t now)
{
  struct packet *held = flow->way[direction].held;

  flow->way[direction].held = NULL;
  while (held != NULL)
    {
      struct packet *below = held->below;
      int64_t due = held->ready > time ? held->ready : time;

      held->flow = NULL;
      link_queue_move (&packets->queue, held, due);
      if (due <= now)
        come_out (packets, held);
      held = below;
    }
}

/* Its peer counts as a new one if it comes again. */
static void
forget_flow (struct link_packets *packets, struct flow *flow)
{
  let_go (packets, flow, DIRECTION_IN, 0, INT64_MIN);
  let_go (packets, flow, DIRECTION_OUT, 0, INT64_MIN);
  flows_end (&packets->flows, flow);
}

/* The flow that a datagram belongs to; begun if it is the first of it.  NULL: no memory. */
static struct flow *
flow_of (struct link_packets *packets, const struct door *door, const struct pl_address *peer)
{
  static const struct pl_address none;
  uint64_t session = door->session != NULL ? door->session->ordinal : 0;
  struct flow *flow, *oldest;

  if (door->session != NULL)
    peer = &none;
  flow = flows_find (&packets->flows, session, peer);
  if (flow != NULL)
    return flow;
  if (packets->flows.count >= packets->endpoint->lab->limits.sessions
      && (oldest = flows_oldest (&packets->flows)) != NULL)
    forget_flow (packets, oldest);
  return flows_begin (&packets->flows, session, peer);
}

/* ------------------------------------------------------------------- telling -- */

static void
tell (const struct link_packets *packets, enum event_type type, struct session *session,
      struct door *door, const struct pl_datagram *datagram, const struct fate *fate)
{
  if (endpoint_wants (packets->endpoint, type))
    endpoint_tell_event (packets->endpoint, session, door,
                         (struct event){ .type = type,
                                         .data = datagram->data,
                                         .size = datagram->size,
                                         .asked = datagram->size,
                                         .peer = datagram->peer,
                                         .local = datagram->local,
                                         .fate = *fate });
}

static void
tell_crowded (struct link_packets *packets, struct door *door)
{
  if (!packets->crowded)
    endpoint_tell (packets->endpoint, EVENT_LIMIT, NULL, door, NULL, 0,
                   "more packets are on their way than the link holds: others are dropped");
  packets->crowded = true;
}

/* --------------------------------------------------------------------- fates -- */

static unsigned
copies_of (const struct fate *fate)
{
  return fate->what & FATE_DUPLICATE ? 2 : 1;
}

/* When a packet that comes now is through. */
static int64_t
ready_at (const struct link_packets *packets, struct flow *flow, const struct fate *fate,
          size_t size, int64_t now)
{
  int64_t *busy = &flow->way[fate->direction].busy;

  if (packets->link->rate_kbps == 0 || !link_covers (packets->link, fate->direction))
    return now + fate->delay;
  *busy = (*busy > now ? *busy : now) + link_passing_time (packets->link, size);
  return *busy + fate->delay;
}

static void
set_timer (struct link_packets *packets)
{
  const struct packet *next = link_queue_next (&packets->queue);
  struct loop *loop = packets->endpoint->loop;

  if (next == NULL)
    loop_timer_clear (loop, &packets->timer);
  else if (loop_timer (loop, &packets->timer, next->due) == -1)
    endpoint_tell (packets->endpoint, EVENT_TROUBLE, NULL, NULL, NULL, 0,
                   "out of memory: the link's packets wait");
}

/* Keeps a packet until it is due, and a reordered one until another has overtaken it. */
static void
send_on_its_way (struct link_packets *packets, struct flow *flow, struct door *door,
                 const struct pl_datagram *datagram, const struct fate *fate, int64_t ready)
{
  bool held = fate->what & FATE_REORDER;
  struct packet *packet = link_queue_add (&packets->queue, datagram->data, datagram->size,
                                          held ? ready + HELD_BACK_MS * INT64_C (1000000) : ready);

  if (packet == NULL)
    {
      endpoint_tell (packets->endpoint, EVENT_TROUBLE, NULL, door, NULL, 0,
                     "out of memory: the link lost a packet");
      return;
    }
  packet->ready = ready;
  packet->door = door;
  packet->fate = *fate;
  packet->peer = datagram->peer;
  packet->local = datagram->local;
  packet->truncated = datagram->truncated;
  if (!held)
    return;
  packet->flow = flow;
  packet->below = flow->way[fate->direction].held;
  flow->way[fate->direction].held = packet;
}

/* What the fate says happens to the datagram, whose bytes are ours to change. */
static void
undergo (struct link_packets *packets, struct flow *flow, struct door *door,
         struct pl_datagram *datagram, struct fate *fate)
{
  int64_t now = loop_clock (packets->endpoint->loop);
  unsigned copies = copies_of (fate);
  int64_t ready;
  bool waits;

  if (fate->what & (FATE_DROP | FATE_CROWDED))
    return;
  flow->users++;
  datagram->size = fate_change (fate, datagram->data, datagram->size);
  ready = ready_at (packets, flow, fate, datagram->size, now);
  waits = ready > now || (fate->what & FATE_REORDER);
  for (unsigned i = 0; i < copies; i++)
    if (waits)
      send_on_its_way (packets, flow, door, datagram, fate, ready);
    else
      arrive (packets, door, datagram, fate);
  if (!(fate->what & FATE_REORDER))
    let_go (packets, flow, fate->direction, ready, now);
  flow->users--;
  set_timer (packets);
}

/* Whether it does not arrive at once. */
static bool
will_wait (const struct link_packets *packets, const struct fate *fate)
{
  return (fate->what & (FATE_DELAY | FATE_REORDER))
         || (packets->link->rate_kbps > 0 && link_covers (packets->link, fate->direction));
}

/* Decides on the next packet of the flow.  Whether there is room for it to wait is the only thing
 * that hangs on others. */
static struct fate
decide (struct link_packets *packets, struct flow *flow, struct door *door,
        enum direction direction, size_t size)
{
  uint64_t index = ++flow->way[direction].count;
  struct fate fate = link_fate (packets->link, direction, flow->ordinal, index, size);

  if ((fate.what & FATE_DROP) || !will_wait (packets, &fate)
      || link_queue_has_room (&packets->queue, copies_of (&fate), size))
    return fate;
  tell_crowded (packets, door);
  return (struct fate){ .what = FATE_CROWDED,
                        .direction = direction,
                        .flow = flow->ordinal,
                        .index = index,
                        .bit = FATE_ANY,
                        .kept = FATE_ANY };
}

static void
receive (struct link_packets *packets, struct door *door, struct pl_datagram *datagram)
{
  struct flow *flow = flow_of (packets, door, &datagram->peer);
  struct fate fate;

  if (flow == NULL)
    {
      endpoint_tell_of_peer (packets->endpoint, &datagram->peer,
                             "out of memory: the link lost a packet");
      return;
    }
  if (!link_meets (packets->link, packets->towards_us))
    {
      datagram_hand_over (door, datagram, NULL);
      return;
    }
  fate = decide (packets, flow, door, packets->towards_us, datagram->size);
  tell (packets, EVENT_PACKET, door->session, door, datagram, &fate);
  undergo (packets, flow, door, datagram, &fate);
}

void
link_packets_receive (struct door *door, struct pl_datagram *datagrams, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    receive (door->endpoint->packets, door, &datagrams[i]);
}

void
link_packets_send (struct session *session, uint8_t *data, size_t n)
{
  struct link_packets *packets = session->endpoint->packets;
  struct door *door = session->door;
  struct pl_datagram datagram = { .data = data, .size = n, .local = session->local };
  struct flow *flow = flow_of (packets, door, &session->peer);
  struct fate fate = { .index = 0 };
  bool meets = flow != NULL && link_meets (packets->link, packets->from_us);

  if (door->session == NULL)
    datagram.peer = session->peer;
  if (meets)
    fate = decide (packets, flow, door, packets->from_us, n);
  tell (packets, EVENT_SENT, session, door, &datagram, &fate);
  tell (packets, EVENT_SEND, session, door, &datagram, &fate);
  if (meets)
    {
      tell (packets, EVENT_PACKET, session, door, &datagram, &fate);
      undergo (packets, flow, door, &datagram, &fate);
    }
  else
    datagram_put (door, &datagram);
}

/* ---------------------------------------------------------------------- time -- */

static void
fire (struct timer *timer)
{
  struct link_packets *packets = container_of (timer, struct link_packets, timer);
  int64_t now = loop_now (packets->endpoint->loop);
  struct packet *next;

  while ((next = link_queue_next (&packets->queue)) != NULL && next->due <= now)
    if (next->flow != NULL)
      let_go (packets, next->flow, next->fate.direction, next->due, now);
    else
      come_out (packets, next);
  if (next == NULL)
    packets->crowded = false;
  datagram_flush (packets->endpoint);
  set_timer (packets);
}

/* --------------------------------------------------------------- begin, end -- */

int
link_packets_begin (struct endpoint *endpoint)
{
  struct link_packets *packets = calloc (1, sizeof *packets);
  bool server = endpoint->side == SIDE_SERVER;

  if (packets == NULL)
    return -1;
  packets->endpoint = endpoint;
  packets->link = &endpoint->lab->link;
  packets->towards_us = server ? DIRECTION_IN : DIRECTION_OUT;
  packets->from_us = server ? DIRECTION_OUT : DIRECTION_IN;
  packets->timer.fire = fire;
  packets->flows.key[0] = endpoint->random;
  endpoint->packets = packets;
  return link_queue_begin (&packets->queue);
}

void
link_packets_forget (struct door *door)
{
  struct link_packets *packets = door->endpoint->packets;

  for (struct flow *flow = packets->flows.newest; flow != NULL; flow = flow->older)
    for (int direction = 0; direction < 2; direction++)
      if (flow->way[direction].held != NULL && flow->way[direction].held->door == door)
        flow->way[direction].held = NULL;
  link_queue_forget (&packets->queue, door);
  set_timer (packets);
}

void
link_packets_stop (struct endpoint *endpoint)
{
  struct link_packets *packets = endpoint->packets;
  struct packet *next;

  for (struct flow *flow = packets->flows.newest; flow != NULL; flow = flow->older)
    flow->way[DIRECTION_IN].held = flow->way[DIRECTION_OUT].held = NULL;
  while ((next = link_queue_next (&packets->queue)) != NULL)
    if (next->fate.direction == packets->from_us)
      come_out (packets, next);
    else
      {
        link_queue_take (&packets->queue, next);
        free (next);
      }
  loop_timer_clear (endpoint->loop, &packets->timer);
  datagram_flush (endpoint);
}

void
link_packets_end (struct endpoint *endpoint)
{
  struct link_packets *packets = endpoint->packets;

  if (packets == NULL)
    return;
  loop_timer_clear (endpoint->loop, &packets->timer);
  while (packets->flows.oldest != NULL)
    forget_flow (packets, packets->flows.oldest);
  link_queue_end (&packets->queue);
  free (packets);
  endpoint->packets = NULL;
}

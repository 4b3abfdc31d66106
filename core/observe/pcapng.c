#include "observe/pcapng.h"

#include "host/address.h"
#include "observe/pcapng_blocks.h"
#include "observe/segments.h"
#include "observe/sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum
{
  HELD_MAX = 256, /* packets of a round that are held */
  HELD_BYTES = 1 << 20
};

#define WANTS (OBSERVE_ALL & ~(1u << EVENT_RECEIVED | 1u << EVENT_SENT))

static const struct pl_address nobody = { .length = 0 };

/* A packet of this round: what is to be said of it may still come. */
struct held
{
  int64_t time;
  struct packet packet; /* its data stands in pcapng.data ... */
  size_t at;            /* ... here, and may move */
  bool outgoing;
  bool twice;
  struct remarks remarks;
};

struct pcapng
{
  struct observer observer;
  struct sink *sink;
  const struct scene *scene;
  const struct event *event; /* that is told now */
  int64_t last;              /* time of a packet */
  struct segments segments;
  struct held held[HELD_MAX];
  size_t count;           /* of held */
  size_t before_timer;    /* of them: what is said now is not about these */
  struct buffer data;     /* of held */
  struct buffer block;    /* that is being written */
  struct remarks waiting; /* for a packet to come */
  bool server;            /* its view is the one that is written */
  bool no_memory;         /* something is missing */
};

/* ----------------------------------------------------------------- writing -- */

/* Hands over the block that stands in pcapng->block, unless there was no memory for it. */
static void
write_block (struct pcapng *pcapng, int status)
{
  FILE *to = status == 0 ? sink_begin (pcapng->sink) : NULL;

  pcapng->no_memory |= status == -1;
  if (to != NULL)
    {
      fwrite (buffer_bytes (&pcapng->block), 1, buffer_size (&pcapng->block), to);
      sink_put (pcapng->sink);
    }
  pcapng->block.end = pcapng->block.start;
}

static void
write_packet (struct pcapng *pcapng, struct held *held)
{
  struct packet *packet = &held->packet;
  uint8_t head[PACKET_HEAD_MAX];
  size_t head_size;

  packet->data = packet->size > 0 ? buffer_bytes (&pcapng->data) + held->at : NULL;
  head_size = packet_head (packet, head);
  for (int i = 0; i < (held->twice ? 2 : 1); i++)
    write_block (pcapng, pcapng_packet (&pcapng->block, held->time, held->outgoing, head, head_size,
                                        packet->data, packet->size, &held->remarks));
}

static void
write_held (struct pcapng *pcapng)
{
  for (size_t i = 0; i < pcapng->count; i++)
    {
      write_packet (pcapng, &pcapng->held[i]);
      remarks_free (&pcapng->held[i].remarks);
    }
  pcapng->count = pcapng->before_timer = 0;
  pcapng->data.end = pcapng->data.start;
}

static void
settle (struct observer *observer)
{
  struct pcapng *pcapng = (struct pcapng *) observer;

  write_held (pcapng);
  sink_flush (pcapng->sink);
}

static void
write_beginning (struct pcapng *pcapng)
{
  const struct scene *scene = pcapng->scene;
  struct remarks remarks = { .count = 0 };
  char text[1024];

  snprintf (text, sizeof text, "lab %s%s%s: transport %s, framing %s, transform %s", scene->lab,
            scene->title != NULL ? ", " : "", scene->title != NULL ? scene->title : "",
            scene->transport, scene->framing, scene->transform);
  if (remarks_add (&remarks, &nobody, text) == -1)
    pcapng->no_memory = true;
  write_block (pcapng, pcapng_section (&pcapng->block, "protolab", &remarks));
  write_block (pcapng,
               pcapng_interface (&pcapng->block, "protolab",
                                 "the lab's sockets; headers are made from their addresses"));
  remarks_free (&remarks);
  sink_flush (pcapng->sink);
}

/* ----------------------------------------------------------------- packets -- */

/* Whoever reads the capture too slowly misses some. */
static void
tell_of_gap (struct pcapng *pcapng)
{
  uint64_t missing = sink_left_out (pcapng->sink);
  char text[96];

  if (missing == 0)
    return;
  snprintf (text, sizeof text,
            "%" PRIu64 " packets before this are missing: the reader was too slow", missing);
  if (remarks_add (&pcapng->waiting, &nobody, text) == -1)
    pcapng->no_memory = true;
}

/* Takes a packet in.  NULL: no memory. */
static struct held *
hold (struct pcapng *pcapng, const struct packet *packet, bool outgoing)
{
  struct held *held;

  if (pcapng->count == HELD_MAX || buffer_size (&pcapng->data) > HELD_BYTES)
    write_held (pcapng);
  held = &pcapng->held[pcapng->count];
  *held = (struct held){ .packet = *packet,
                         .at = buffer_size (&pcapng->data),
                         .outgoing = outgoing,
                         .time = (int64_t) ((uint64_t) pcapng->scene->wall
                                            + (uint64_t) pcapng->event->time
                                            - (uint64_t) pcapng->scene->monotonic) };
  if (buffer_append (&pcapng->data, packet->data, packet->size) == -1)
    {
      pcapng->no_memory = true;
      return NULL;
    }
  tell_of_gap (pcapng);
  remarks_move (&pcapng->waiting, &pcapng->event->peer, &held->remarks);
  pcapng->last = held->time;
  pcapng->count++;
  return held;
}

static void
pass (void *self, const struct packet *packet, bool outgoing)
{
  hold (self, packet, outgoing);
}

/* The last packet of this round from or to the peer; of anybody where the peer is not known. */
static struct held *
last_of (struct pcapng *pcapng, const struct pl_address *peer)
{
  for (size_t i = pcapng->count; i > pcapng->before_timer; i--)
    {
      struct held *held = &pcapng->held[i - 1];

      if (peer->length == 0
          || address_equal (peer, held->outgoing ? &held->packet.to : &held->packet.from))
        return held;
    }
  return NULL;
}

/* ----------------------------------------------------------------- remarks -- */

static void
remark_on (struct pcapng *pcapng, struct held *held, const char *text)
{
  struct remarks *to = held != NULL ? &held->remarks : &pcapng->waiting;

  if (remarks_add (to, &pcapng->event->peer, text) == -1)
    pcapng->no_memory = true;
}

/* What was said last is about the packet that was there last: the message that the transform
 * works on, or its answer.  Where there is none, it is about the next. */
static void
remark (struct pcapng *pcapng, const char *what)
{
  const struct event *event = pcapng->event;
  char text[4096];

  if (event->text == NULL)
    return;
  snprintf (text, sizeof text, "%s%s", what, event->text);
  remark_on (pcapng, last_of (pcapng, &event->peer), text);
}

static void
remark_fate (struct pcapng *pcapng, struct held *held, const struct fate *fate)
{
  char text[REMARK_FATE];

  if (held != NULL && fate->what != 0)
    remark_on (pcapng, held, remark_of_fate (fate, text));
}

/* --------------------------------------------------------------- datagrams -- */

static struct held *
datagram (struct pcapng *pcapng, bool outgoing)
{
  const struct event *event = pcapng->event;
  struct packet packet = {
    .from = outgoing ? event->local : event->peer,
    .to = outgoing ? event->peer : event->local,
    .data = event->data,
    .size = event->size,
  };
  size_t most = packet_data_max (&packet);
  struct held *held;
  char text[128];

  if (packet.size > most)
    packet.size = most;
  held = hold (pcapng, &packet, outgoing);
  if (held != NULL && event->size > most)
    {
      snprintf (text, sizeof text, "%zu of %zu bytes: a datagram carries no more", most,
                event->size);
      remark_on (pcapng, held, text);
    }
  return held;
}

static void
decided (struct pcapng *pcapng)
{
  const struct event *event = pcapng->event;
  const struct fate *fate = &event->fate;
  bool lost = fate->what & (FATE_DROP | FATE_CROWDED);
  bool outgoing = (fate->direction == DIRECTION_OUT) == (event->side == SIDE_SERVER);
  struct held *held;

  if (event->stream)
    return;
  if (!outgoing)
    {
      /* What is not lost is told again when it arrives. */
      if (lost)
        remark_fate (pcapng, datagram (pcapng, false), fate);
      return;
    }
  held = last_of (pcapng, &event->peer);
  if (held == NULL || !held->outgoing)
    return;
  /* It is held as it was sent. */
  if (!lost && held->packet.size > 0)
    held->packet.size
        = fate_change (fate, buffer_bytes (&pcapng->data) + held->at, held->packet.size);
  held->twice = fate->what & FATE_DUPLICATE;
  remark_fate (pcapng, held, fate);
}

/* ------------------------------------------------------------------ events -- */

/* Where a run has both sides, each packet is told by both. */
static bool
is_seen (struct pcapng *pcapng, const struct event *event)
{
  if (event->side == SIDE_SERVER)
    pcapng->server = true;
  return event->side == SIDE_SERVER || !pcapng->server;
}

static void
talk (struct pcapng *pcapng, const struct event *event)
{
  if (event->stream)
    segments_event (&pcapng->segments, event);
  else if (event->type == EVENT_SEND)
    datagram (pcapng, true);
  else if (event->type == EVENT_RECV)
    remark_fate (pcapng, datagram (pcapng, false), &event->fate);
}

static void
see (struct observer *observer, const struct event *event)
{
  struct pcapng *pcapng = (struct pcapng *) observer;

  if (!is_seen (pcapng, event))
    return;
  pcapng->event = event;
  switch (event->type)
    {
    case EVENT_PACKET:
      decided (pcapng);
      break;
    case EVENT_NOTE:
      remark (pcapng, "");
      break;
    case EVENT_LIMIT:
      remark (pcapng, "limit: ");
      break;
    case EVENT_TROUBLE:
      remark (pcapng, "trouble: ");
      break;
    case EVENT_TIMER:
      /* What comes now is no answer to the packets before. */
      if (event->text != NULL && strcmp (event->text, "due") == 0)
        pcapng->before_timer = pcapng->count;
      break;
    case EVENT_RESET:
    case EVENT_CLOSED:
      talk (pcapng, event);
      remark (pcapng, event->type == EVENT_CLOSED ? "closed: " : "reset: ");
      break;
    default:
      talk (pcapng, event);
      break;
    }
}

static void
pcapng_free (struct pcapng *pcapng)
{
  segments_free (&pcapng->segments);
  remarks_free (&pcapng->waiting);
  buffer_free (&pcapng->data);
  buffer_free (&pcapng->block);
  free (pcapng);
}

static int
end (struct observer *observer, char *error, size_t size)
{
  struct pcapng *pcapng = (struct pcapng *) observer;
  int status;

  write_held (pcapng);
  if (pcapng->waiting.count > 0)
    write_block (pcapng, pcapng_statistics (&pcapng->block, pcapng->last, &pcapng->waiting));
  status = sink_close (pcapng->sink, error, size);
  if (status == 0 && (pcapng->no_memory || pcapng->segments.failed))
    {
      snprintf (error, size, "capture: out of memory; packets are missing");
      status = -1;
    }
  pcapng_free (pcapng);
  return status;
}

struct observer *
pcapng_open (const char *path, const struct scene *scene, char *error, size_t size)
{
  struct pcapng *pcapng = calloc (1, sizeof *pcapng);

  if (pcapng == NULL)
    {
      snprintf (error, size, "out of memory");
      return NULL;
    }
  pcapng->observer
      = (struct observer){ .wants = WANTS, .event = see, .settle = settle, .end = end };
  pcapng->scene = scene;
  pcapng->segments = (struct segments){ .pass = pass, .self = pcapng };
  if (strcmp (path, "-") == 0 && isatty (STDOUT_FILENO))
    snprintf (error, size, "a capture is not for a terminal: give it to  wireshark -k -i -");
  else
    pcapng->sink = sink_open (path, error, size);
  if (pcapng->sink == NULL)
    {
      pcapng_free (pcapng);
      return NULL;
    }
  write_beginning (pcapng);
  return &pcapng->observer;
}

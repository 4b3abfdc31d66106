/* path.c - the way of a message: a whole server between a network that is only memory and
 * transforms.
 *
 * The input: six bytes for the lab, or nine with a link, then what happens: peers come, speak in
 * pieces, read or do not, end, reset; calls fail; time passes.  At its end all peers have their say
 * and leave, and nothing may be left of them. */
#include "path.h"

#include "fuzz.h"

#include <errno.h>

enum
{
  ROUNDS_MAX = 200000
};

static struct
{
  struct fuzz_input input;
  struct lab lab;
  struct loop *loop;
  struct endpoint *server;
  bool abrupt;  /* the server is freed where it stands when the input ends */
  bool leaving; /* the peers are */
  unsigned rounds;
} run;

/* An observer that looks at everything. */
static void
look (struct observer *observer, const struct event *event)
{
  size_t sum = 0;

  (void) observer;
  for (size_t i = 0; i < event->size; i++)
    sum += event->data[i];
  if (event->text != NULL)
    sum += strlen (event->text);
  FUZZ_EXPECT (sum != SIZE_MAX);
}

/* ------------------------------------------------------------------- steps -- */

static struct peer *
some_peer (uint8_t byte)
{
  return net.peer_count == 0 ? NULL : &net.peers[byte % net.peer_count];
}

static void
come (uint8_t byte)
{
  if (net.peer_count < PEERS_MAX)
    net.peers[net.peer_count++].room = byte % 4 == 0 ? byte : SIZE_MAX;
}

/* The bytes stand in the input, behind their number. */
static void
speak (struct peer *peer)
{
  size_t n = fuzz_byte (&run.input);

  if (n > run.input.left)
    n = run.input.left;
  net_say (peer, run.input.at, n, net.datagrams);
  run.input.at += n;
  run.input.left -= n;
}

/* Many bytes for few of the input: a letter again and again, with its end. */
static void
speak_long (struct peer *peer, uint8_t byte)
{
  uint8_t bytes[255 * 32 + 1];
  size_t n = (size_t) fuzz_byte (&run.input) * 32 + 1;

  memset (bytes, byte, n);
  bytes[n - 1] = '\n';
  net_say (peer, bytes, n, net.datagrams);
}

static void
take_more (struct peer *peer, uint8_t byte)
{
  if (net.datagrams)
    net.datagram_room = byte % 16;
  else if (byte == 255)
    peer->room = SIZE_MAX;
  else if (peer->room != SIZE_MAX)
    peer->room += byte;
}

static void
fail_next (uint8_t byte)
{
  static const int of_accept[] = { EMFILE, ECONNABORTED, EINTR, ENOBUFS };
  static const int of_recv[] = { EINTR, EAGAIN, ECONNREFUSED, ENOMEM };
  static const int of_send[] = { EINTR, ENOBUFS, EPIPE, EMSGSIZE };

  if (byte % 3 == 0)
    net.accept_error = of_accept[byte / 3 % 4];
  else if (byte % 3 == 1)
    net.send_error = of_send[byte / 3 % 4];
  else
    {
      net.recv_error = of_recv[byte / 3 % 4];
      /* It may end whichever session comes first. */
      net.disturbed |= net.recv_error != EINTR && net.recv_error != EAGAIN;
    }
  net.disturbed |= net.datagrams;
}

static void
do_with_peer (unsigned what, struct peer *peer, uint8_t byte)
{
  if (peer == NULL)
    return;
  switch (what)
    {
    case 1:
    case 2:
    case 3:
      speak (peer);
      break;
    case 4:
      speak_long (peer, byte);
      break;
    case 5:
      peer->ended = !net.datagrams;
      break;
    case 6:
      peer->reset = !net.datagrams && peer->accepted;
      break;
    default:
      take_more (peer, byte);
      net.disturbed |= net.datagrams;
    }
}

/* One thing happens.  True: the host is to see it before the next one. */
static bool
one_step (void)
{
  uint8_t what = fuzz_byte (&run.input), byte = fuzz_byte (&run.input);

  switch (what % 16)
    {
    case 0:
      come (byte);
      break;
    case 8:
      net.now += (int64_t) byte * 10 * 1000000;
      return true;
    case 9:
      net.quantum = byte % 64 + 1u;
      break;
    case 10:
      fail_next (byte);
      break;
    case 11:
      if (byte < 16)
        {
          net.disturbed = true;
          endpoint_stop (run.server);
          loop_again (run.loop);
        }
      return true;
    default:
      if (what % 16 > 11)
        return true;
      do_with_peer (what % 16, some_peer (byte), fuzz_byte (&run.input));
    }
  return false;
}

/* ----------------------------------------------------------------- the end -- */

/* Everybody has said what there was to say, and reads what comes. */
static void
everybody_leaves (void)
{
  run.leaving = true;
  net.accept_error = net.recv_error = net.send_error = 0;
  net.datagram_room = SIZE_MAX;
  for (size_t i = 0; i < net.peer_count; i++)
    {
      net.peers[i].room = SIZE_MAX;
      net.peers[i].ended = !net.peers[i].reset;
    }
}

/* Nothing is to be done and nothing will be: all conversations must be over. */
static void
all_is_quiet (void)
{
  if (!run.server->stopping)
    {
      FUZZ_EXPECT (net.datagrams || run.server->session_count == 0);
      endpoint_stop (run.server);
      loop_again (run.loop);
      return;
    }
  FUZZ_EXPECT (endpoint_stopped (run.server) && run.server->session_count == 0);
  loop_stop (run.loop);
}

/* Goes on until the host waits; then time jumps to what it waits for. */
static bool
step (int timeout)
{
  FUZZ_EXPECT (++run.rounds < ROUNDS_MAX);
  /* A transport may accept a few before the host can stop it. */
  FUZZ_EXPECT (run.server->session_count < run.lab.limits.sessions + ACCEPTS_AT_ONCE);
  while (run.input.left > 0)
    if (one_step ())
      return true;
  if (run.abrupt)
    {
      loop_stop (run.loop);
      return false;
    }
  if (!run.leaving)
    everybody_leaves ();
  if (timeout == 0 || epoll_ready_now ())
    return true;
  if (timeout > 0)
    net.now += (int64_t) timeout * 1000000;
  else
    all_is_quiet ();
  return true;
}

/* -------------------------------------------------------------------- start -- */

/* A network that delays, cuts up and loses, by three more bytes. */
static void
read_link (struct fuzz_input *input, struct lab_link *link)
{
  uint8_t kind = fuzz_byte (input), much = fuzz_byte (input), more = fuzz_byte (input);

  link->seed = more;
  link->direction = kind % 3;
  link->delay_ms = kind & 4 ? much : 0;
  link->jitter_ms = kind & 8 ? more : 0;
  link->rate_kbps = kind & 16 ? 1 + much * 16 : 0;
  if (net.datagrams)
    {
      link->loss = kind & 32 ? 0.25 : 0;
      link->duplicate = kind & 64 ? 0.25 : 0;
      link->reorder = kind & 128 ? 0.5 : 0;
      link->corrupt = link->truncate = much / 512.0;
      model_sense = SENSE_NONE;
    }
  else
    {
      link->slice = kind & 32 ? 1 + more % 64 : 0;
      link->reset_after = kind & 64 ? 1 + much * 16 : 0;
    }
  /* All else that becomes of a stream, nobody can tell by what arrives. */
  net.disturbed |= net.datagrams || link->reset_after > 0;
}

static void
read_lab (struct fuzz_input *input)
{
  static const enum framing_kind kinds[]
      = { FRAMING_LINE, FRAMING_LINE, FRAMING_LENGTH16, FRAMING_LENGTH32,
          FRAMING_EOF,  FRAMING_RECV, FRAMING_FIXED,    FRAMING_LINE };
  uint8_t flags = fuzz_byte (input), size = fuzz_byte (input), more = fuzz_byte (input);
  unsigned chain = fuzz_byte (input) % CHAINS;
  struct lab *lab = &run.lab;

  net.datagrams = flags & 1;
  lab->transport.plugin = net.datagrams ? &net_datagrams : &net_stream;
  lab->framing.kind = net.datagrams ? FRAMING_DATAGRAM : kinds[flags >> 1 & 7];
  lab->framing.size = size % 8 + 1;
  lab->limits.message_bytes = 8 + (size_t) size * (size < 128 ? 1 : 200);
  lab->limits.sessions = more % 8 + 1;
  lab->limits.unsent_bytes = more & 8 ? more : 65536;
  lab->limits.idle_ms = more & 16 ? more : 0;
  lab->close_after_reply = (flags & 16) && !net.datagrams;
  lab->workers = 1;
  run.abrupt = flags & 32;
  net.local_known = flags & 64;
  model_sense = transforms_choose (lab, chain);
  if (lab->transforms[0].plugin->transform->frame != NULL && !net.datagrams && (flags & 128))
    lab->framing.kind = FRAMING_PLUGIN;
  if (more & 32)
    lab->limits.sessions = PEERS_MAX;
  net.disturbed = lab->limits.idle_ms > 0 || run.abrupt
                  || (net.datagrams && lab->limits.sessions < PEERS_MAX);
  if (more & 64)
    read_link (input, &lab->link);
}

static void
after_round (void *self)
{
  endpoint_after_round (self);
}

static void
begin (void)
{
  static const struct pl_address anywhere;
  char error[REASON_SIZE];

  run.loop = loop_new ();
  FUZZ_EXPECT (run.loop != NULL);
  run.server = endpoint_new (run.loop, &run.lab, SIDE_SERVER, &chain_application, NULL, error,
                             sizeof error);
  FUZZ_EXPECT (run.server != NULL);
  FUZZ_EXPECT (endpoint_play_link (run.server) == 0);
  FUZZ_EXPECT (endpoint_listen (run.server, &anywhere, error, sizeof error) == 0);
  loop_after_round (run.loop, after_round, run.server);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct observer observer = { .wants = OBSERVE_ALL, .event = look };
  struct audience audience = { .first = NULL };
  uint8_t greeting, seen;

  memset (&run, 0, sizeof run);
  run.input = (struct fuzz_input){ data, size };
  net_reset ();
  net.step = step;
  read_lab (&run.input);
  greeting = fuzz_byte (&run.input);
  seen = fuzz_byte (&run.input);
  transforms_begin (greeting);
  begin ();
  if (seen & 1)
    {
      audience_add (&audience, &observer);
      endpoint_observe (run.server, &audience);
    }
  FUZZ_EXPECT (loop_run (run.loop) == 0);
  endpoint_free (run.server);
  loop_free (run.loop);
  FUZZ_EXPECT (!net.listening);
  transforms_check ();
  for (size_t i = 0; i < net.peer_count; i++)
    {
      FUZZ_EXPECT (net.peers[i].closed == net.peers[i].accepted);
      if (!net.datagrams)
        model_check_stream (&run.lab, model_sense, &net.peers[i]);
    }
  net_free ();
  return 0;
}

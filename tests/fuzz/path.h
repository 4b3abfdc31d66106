/* path.h - the parts of the target path: a network that is only memory, transforms, and a model of
 * what must come out.
 *
 *   path.c             the input, and a server's life by it
 *   path_net.c         peers, and the transport between them and the host
 *   path_epoll.c       epoll and the clock
 *   path_transforms.c  transforms that do all that a transform may do
 *   path_model.c       what the peers must have been told
 */
#ifndef PL_TESTS_FUZZ_PATH_H
#define PL_TESTS_FUZZ_PATH_H

#include "host/endpoint.h"

#include "fuzz.h"

enum
{
  FD_BASE = 1 << 20, /* no descriptor of the system's; the peers' follow it */
  PEERS_MAX = 24,
  ACCEPTS_AT_ONCE = 2,
  BYTES_MAX = 65536, /* that one peer sends */
  PEER_PORT = 1000   /* of the first peer */
};

/* Bytes that are only added to. */
struct pile
{
  uint8_t *bytes;
  size_t size, room;
};

void pile_add (struct pile *pile, const void *bytes, size_t n);

/* A datagram in a pile. */
struct piece
{
  size_t at, size;
};

struct peer
{
  bool accepted;
  struct pile says;  /* all that it has ever sent */
  size_t taken;      /* of it, by the host */
  struct pile hears; /* all that the host has sent to it */
  size_t room;       /* bytes that its socket takes */
  bool ended, reset;
  bool finished, closed; /* by the host */
  bool disturbed;        /* something was done that may cut off what it hears */

  struct piece *datagrams; /* of says, those that were delivered */
  size_t datagram_count, next_answer;
};

/* What a chain makes of a message. */
enum sense
{
  SENSE_SAME,
  SENSE_REVERSED,
  SENSE_NONE /* no simple model tells */
};

/* --- path_net.c --- */

struct net
{
  struct peer peers[PEERS_MAX];
  size_t peer_count, next_accepted;
  size_t quantum;                           /* the most bytes, or datagrams, that one recv gives */
  size_t datagram_room;                     /* datagrams that the socket takes */
  int accept_error, recv_error, send_error; /* the next one's errno; 0: none */
  bool local_known;                         /* datagrams say where they came to */
  bool datagrams, listening;
  bool disturbed;         /* all peers are */
  unsigned long activity; /* whatever changes counts */
  struct pile queue;      /* datagrams on their way in: struct queued */
  size_t queue_taken;
  int64_t now;
  /* What is to be done before the host is woken; false: it is to stop. */
  bool (*step) (int timeout);
};

extern struct net net;
extern const struct pl_plugin net_stream, net_datagrams;

void net_reset (void);
/* The peer sends these bytes, or this datagram. */
void net_say (struct peer *peer, const uint8_t *bytes, size_t n, bool datagram);
void net_free (void);

/* --- path_epoll.c --- */

void epoll_reset (void);
bool epoll_knows (int fd);
/* Whether the host has anything to do at once. */
bool epoll_ready_now (void);

/* --- path_transforms.c --- */

enum
{
  CHAINS = 9
};

/* Puts a chain into the lab. */
enum sense transforms_choose (struct lab *lab, unsigned chain);
/* What the actor does when a peer comes. */
void transforms_begin (uint8_t greeting);
/* Every hook that must have been called has been. */
void transforms_check (void);

/* --- path_model.c --- */

void model_check_stream (const struct lab *lab, enum sense sense, const struct peer *peer);
/* A datagram goes to the peer. */
void model_hear (enum sense sense, struct peer *peer, const uint8_t *data, size_t n);

extern enum sense model_sense; /* of the chain of this run */

#endif

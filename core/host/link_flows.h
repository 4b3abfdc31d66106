/* link_flows.h - whose packets pass a link: one flow for each peer, or for each socket of a
 * client, numbered in the order of their coming. */
#ifndef PL_HOST_LINK_FLOWS_H
#define PL_HOST_LINK_FLOWS_H

#include "observe/fate.h"
#include "protolab.h"

struct packet;

/* What one peer sends to us and we to it. */
struct flow
{
  uint64_t ordinal;
  struct
  {
    uint64_t count;      /* packets that met the link */
    int64_t busy;        /* when the last of them has passed, at the link's rate */
    struct packet *held; /* the newest of those that are held back */
  } way[2];              /* by enum direction */
  unsigned users;        /* functions that are at work with it */

  uint64_t session;       /* what it is known by: of a client's socket, else 0 */
  struct pl_address peer; /* and of a server's peer, else of length 0 */
  struct flow *next_in_bucket;
  struct flow *older, *newer; /* by their last packet */
};

enum
{
  FLOW_BUCKETS = 4096
};

/* All zero but the key: empty. */
struct flows
{
  uint64_t key[2]; /* random: nobody can choose peers that share a bucket */
  struct flow *buckets[FLOW_BUCKETS];
  struct flow *newest, *oldest;
  size_t count;
  uint64_t last_ordinal;
};

/* NULL: it is not known.  The one that is found is the newest from here on. */
struct flow *flows_find (struct flows *flows, uint64_t session, const struct pl_address *peer);

/* Begins a flow.  NULL: no memory. */
struct flow *flows_begin (struct flows *flows, uint64_t session, const struct pl_address *peer);

/* The one that was quiet for longest, of those that nobody is at work with.  NULL: none is. */
struct flow *flows_oldest (const struct flows *flows);

/* Forgets and frees it. */
void flows_end (struct flows *flows, struct flow *flow);

#endif

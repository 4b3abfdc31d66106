#include "host/link_flows.h"

#include "host/address.h"
#include "host/siphash.h"

#include <stdlib.h>

static struct flow **
bucket_of (struct flows *flows, uint64_t session, const struct pl_address *peer)
{
  uint64_t words[1 + (sizeof peer->as + 7) / 8] = { session };

  memcpy (&words[1], &peer->as, peer->length);
  return &flows
              ->buckets[siphash (flows->key, words, sizeof words / sizeof words[0]) % FLOW_BUCKETS];
}

static void
take_out (struct flows *flows, struct flow *flow)
{
  *(flow->newer != NULL ? &flow->newer->older : &flows->newest) = flow->older;
  *(flow->older != NULL ? &flow->older->newer : &flows->oldest) = flow->newer;
}

static void
put_first (struct flows *flows, struct flow *flow)
{
  flow->older = flows->newest;
  flow->newer = NULL;
  *(flow->older != NULL ? &flow->older->newer : &flows->oldest) = flow;
  flows->newest = flow;
}

struct flow *
flows_find (struct flows *flows, uint64_t session, const struct pl_address *peer)
{
  struct flow *flow = *bucket_of (flows, session, peer);

  while (flow != NULL && (flow->session != session || !address_equal (&flow->peer, peer)))
    flow = flow->next_in_bucket;
  if (flow != NULL)
    {
      take_out (flows, flow);
      put_first (flows, flow);
    }
  return flow;
}

struct flow *
flows_begin (struct flows *flows, uint64_t session, const struct pl_address *peer)
{
  struct flow **bucket = bucket_of (flows, session, peer);
  struct flow *flow = calloc (1, sizeof *flow);

  if (flow == NULL)
    return NULL;
  flow->ordinal = ++flows->last_ordinal;
  flow->session = session;
  flow->peer = *peer;
  flow->next_in_bucket = *bucket;
  *bucket = flow;
  put_first (flows, flow);
  flows->count++;
  return flow;
}

struct flow *
flows_oldest (const struct flows *flows)
{
  struct flow *flow = flows->oldest;

  while (flow != NULL && flow->users > 0)
    flow = flow->newer;
  return flow;
}

void
flows_end (struct flows *flows, struct flow *flow)
{
  struct flow **at = bucket_of (flows, flow->session, &flow->peer);

  while (*at != flow)
    at = &(*at)->next_in_bucket;
  *at = flow->next_in_bucket;
  take_out (flows, flow);
  flows->count--;
  free (flow);
}

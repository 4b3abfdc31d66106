#include "host/endpoint.h"

#include "host/address.h"
#include "host/guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum
{
  OUTLET_SIZE = 1024
};

static int
prepare_stage (struct endpoint *endpoint, size_t index, const struct lab_plugin *chosen)
{
  struct stage *stage = &endpoint->stages[index];
  struct outlet *outlet = &stage->outlet;

  stage->instance.index = index;
  stage->instance.plugin = chosen->plugin;
  outlet->bytes = malloc (OUTLET_SIZE + PL_PADDING);
  if (outlet->bytes == NULL)
    {
      snprintf (stage->instance.reason, REASON_SIZE, "out of memory");
      return -1;
    }
  outlet->capacity = OUTLET_SIZE;
  outlet->out = (struct pl_out){ outlet->bytes, outlet->bytes + OUTLET_SIZE, -1, 0 };
  return instance_setup (&stage->instance, endpoint, chosen);
}

/* Sets up the transport, and on the server's side the transforms.  NULL, or the instance
 * that failed. */
static struct instance *
prepare_plugins (struct endpoint *endpoint)
{
  const struct lab *lab = endpoint->lab;

  if (instance_setup (&endpoint->transport, endpoint, &lab->transport) == -1)
    return &endpoint->transport;
  if (endpoint->side == SIDE_CLIENT)
    return NULL;
  for (size_t i = 0; i < lab->transform_count; i++)
    {
      endpoint->stage_count = i + 1;
      if (prepare_stage (endpoint, i, &lab->transforms[i]) == -1)
        return &endpoint->stages[i].instance;
      if (lab->transforms[i].plugin->transform->drained != NULL)
        endpoint->tells_drained = true;
    }
  return NULL;
}

struct endpoint *
endpoint_new (struct loop *loop, const struct lab *lab, enum side side,
              const struct application *application, void *self, char *error, size_t size)
{
  struct endpoint *endpoint = calloc (1, sizeof *endpoint);
  struct instance *failed;

  if (endpoint == NULL)
    {
      snprintf (error, size, "out of memory");
      return NULL;
    }
  *endpoint = (struct endpoint){ .loop = loop,
                                 .lab = lab,
                                 .side = side,
                                 .application = application,
                                 .self = self,
                                 .carrier = lab->transport.plugin->transport };
  endpoint->stream = endpoint->carrier->carries == PL_STREAM;
  if (getrandom (&endpoint->random, sizeof endpoint->random, 0) == -1)
    endpoint->random = (uint64_t) loop_now (loop);
  failed = prepare_plugins (endpoint);
  if (failed != NULL)
    {
      snprintf (error, size, "%s: %s", failed->plugin->name, instance_reason (failed));
      endpoint_free (endpoint);
      return NULL;
    }
  if ((endpoint->stream ? stream_prepare (endpoint) : datagram_prepare (endpoint)) == -1)
    {
      snprintf (error, size, "out of memory");
      endpoint_free (endpoint);
      return NULL;
    }
  return endpoint;
}

int
endpoint_play_link (struct endpoint *endpoint)
{
  endpoint->plays_link = lab_plays_link (endpoint->lab);
  return endpoint->plays_link && !endpoint->stream ? link_packets_begin (endpoint) : 0;
}

void
endpoint_observe (struct endpoint *endpoint, struct audience *audience)
{
  endpoint->audience = audience;
  endpoint->wanted = audience->wants;
}

/* listen or connect, as told. */
static int
open_door (struct endpoint *endpoint, int (*hook) (struct pl_lab *, const struct pl_address *),
           const struct pl_address *address, char *error, size_t size)
{
  struct instance *transport = &endpoint->transport;
  struct guard before = guard_enter (transport->plugin->name, "listen or connect");
  int status, saved;

  transport->reason[0] = '\0';
  status = hook (&transport->lab, address);
  saved = errno;
  guard_leave (before);
  if (status == 0)
    return 0;
  snprintf (error, size, "%s", instance_reason (transport));
  errno = saved;
  return -1;
}

int
endpoint_listen (struct endpoint *endpoint, const struct pl_address *at, char *error, size_t size)
{
  if (open_door (endpoint, endpoint->carrier->listen, at, error, size) == -1)
    return -1;
  if (endpoint->welcoming != NULL)
    return 0;
  snprintf (error, size, "%s: listen made no socket", endpoint->transport.plugin->name);
  errno = 0;
  return -1;
}

int
endpoint_connect (struct endpoint *endpoint, const struct pl_address *to, char *error, size_t size)
{
  return open_door (endpoint, endpoint->carrier->connect, to, error, size);
}

struct pl_address
endpoint_address (const struct endpoint *endpoint)
{
  if (endpoint->welcoming == NULL)
    return (struct pl_address){ .length = 0 };
  return address_of_socket (endpoint->welcoming->socket.fd);
}

void
endpoint_stop (struct endpoint *endpoint)
{
  endpoint->stopping = true;
  loop_timer_clear (endpoint->loop, &endpoint->pause);
  if (endpoint->packets != NULL)
    link_packets_stop (endpoint);
  if (endpoint->welcoming != NULL && endpoint->stream)
    door_free (endpoint->welcoming);
  else if (endpoint->welcoming != NULL && datagram_idle (endpoint))
    loop_watch (endpoint->loop, &endpoint->welcoming->watch, 0);
  for (struct session *at = endpoint->sessions; at != NULL; at = at->next)
    if (at->finished)
      linger_wait (at);
    else
      session_close (at);
}

bool
endpoint_stopped (const struct endpoint *endpoint)
{
  return endpoint->stopping && endpoint->sessions == NULL
         && (endpoint->stream || datagram_idle (endpoint));
}

void
endpoint_let_go (struct endpoint *endpoint)
{
  for (struct door *at = endpoint->doors; at != NULL; at = at->next)
    {
      close (at->socket.fd);
      at->socket.fd = -1;
      at->watch.known = false;
    }
}

/* Says good-bye for the sessions that nothing more is sent to, and frees those that are
 * over.  The application may bring others to their end meanwhile. */
static void
reap (struct endpoint *endpoint)
{
  while (endpoint->finished != NULL || endpoint->doomed != NULL)
    {
      struct session *session = endpoint->finished;

      if (session != NULL)
        {
          endpoint->finished = session->next_finished;
          session_bid_farewell (session);
          linger_aside (session);
          continue;
        }
      session = endpoint->doomed;
      endpoint->doomed = session->next_doomed;
      session_free (session);
    }
}

void
endpoint_after_round (struct endpoint *endpoint)
{
  bool any;

  linger_look (endpoint);
  any = endpoint->doomed != NULL;
  reap (endpoint);
  if (!endpoint->stream && !datagram_idle (endpoint))
    datagram_flush (endpoint);
  if (any)
    {
      endpoint->short_of_something = false;
      door_welcome (endpoint);
    }
  if (endpoint->audience != NULL)
    audience_settle (endpoint->audience);
}

void
endpoint_free (struct endpoint *endpoint)
{
  if (endpoint == NULL)
    return;
  for (struct session *at = endpoint->sessions; at != NULL; at = at->next)
    session_doom (at, NULL);
  reap (endpoint);
  while (endpoint->doors != NULL)
    door_free (endpoint->doors);
  loop_timer_clear (endpoint->loop, &endpoint->pause);
  loop_timer_clear (endpoint->loop, &endpoint->aside);
  for (size_t i = endpoint->stage_count; i-- > 0;)
    {
      instance_teardown (&endpoint->stages[i].instance);
      free (endpoint->stages[i].outlet.bytes);
    }
  instance_teardown (&endpoint->transport);
  link_packets_end (endpoint);
  datagram_end (endpoint);
  free (endpoint->inbox);
  free (endpoint->live.bytes);
  free (endpoint);
}

size_t
endpoint_answer_max (const struct endpoint *endpoint)
{
  /* Upper case may be three times as long: U+0390 is two bytes, its capitals six. */
  size_t most = 3 * endpoint->lab->limits.message_bytes;

  return most < 65536 ? 65536 : most;
}

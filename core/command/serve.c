#include "command/lab.h"
#include "command/log.h"
#include "command/watch.h"
#include "host/address.h"
#include "host/guard.h"
#include "host/lockdown.h"
#include "host/workers.h"

#include <errno.h>
#include <stdlib.h>

/* One worker's server.  Made before the workers are started, so that one that
 * dies leaves its socket, and who waits at it, to the next. */
struct place
{
  struct loop *loop;
  struct endpoint *server;
};

struct serving
{
  struct opened opened;
  struct watching watching;
  struct place *places; /* one a worker */
  unsigned count;
  struct place *mine; /* in the process that serves */
  bool is_open;       /* no lock-down */
  bool asked;         /* to end */
};

/* The first signal ends the server when what is queued has gone, the second at once. */
static void
caught (void *self, int signal)
{
  struct serving *serving = self;

  (void) signal;
  if (serving->asked)
    loop_stop (serving->mine->loop);
  else
    endpoint_stop (serving->mine->server);
  serving->asked = true;
}

static void
after_round (void *self)
{
  struct place *mine = self;

  endpoint_after_round (mine->server);
  if (endpoint_stopped (mine->server))
    loop_stop (mine->loop);
}

static int
our_fault (const char *where)
{
  complain (where, "%s", strerror (errno));
  return STATUS_OUR_FAULT;
}

/* Those that ask a server to end. */
static sigset_t
end_signals (void)
{
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGHUP);
  return signals;
}

/* Serves at one place, until it is asked to end. */
static int
serve (void *self, unsigned index)
{
  struct serving *serving = self;
  struct loop *loop = serving->places[index].loop;
  char error[REASON_SIZE];
  sigset_t signals = end_signals ();

  for (unsigned i = 0; i < serving->count; i++)
    if (i != index)
      endpoint_let_go (serving->places[i].server);
  serving->mine = &serving->places[index];
  if (loop_signals (loop, &signals, caught, serving) == -1)
    return our_fault ("signals");
  if (guard_time () == -1)
    return our_fault ("timer");
  if (!serving->is_open && lockdown (serving->opened.lab, error, sizeof error) == -1)
    complain ("lock-down", "%s", error);
  loop_after_round (loop, after_round, serving->mine);
  if (loop_run (loop) == -1)
    return our_fault ("loop");
  log_end ();
  return STATUS_DONE;
}

/* The supervisor's own copies would keep the port open. */
static void
ending (void *self)
{
  struct serving *serving = self;

  for (unsigned i = 0; i < serving->count; i++)
    endpoint_let_go (serving->places[i].server);
}

static void
tell (void *self, const char *text)
{
  (void) self;
  complain (NULL, "%s", text);
}

static int
serve_with_workers (struct serving *serving)
{
  struct workers workers
      = { .count = serving->count, .work = serve, .ending = ending, .tell = tell, .self = serving };
  int status = workers_run (&workers);

  if (status == -1)
    return our_fault ("workers");
  return status == 0 ? STATUS_DONE : STATUS_OUR_FAULT;
}

/* Binds a server for each worker, all at the port that the first one got. */
static enum status
take_places (struct serving *serving)
{
  struct lab *lab = serving->opened.lab;
  enum status status = STATUS_OUR_FAULT;

  serving->places = calloc (lab->workers, sizeof *serving->places);
  if (serving->places == NULL)
    return (enum status) our_fault ("workers");
  for (unsigned i = 0; i < lab->workers; i++)
    {
      struct place *place = &serving->places[i];
      struct pl_address at;

      /* Observers work on the first one's loop. */
      place->loop = i == 0 ? serving->opened.loop : loop_new ();
      if (place->loop == NULL)
        return (enum status) our_fault ("loop");
      serving->count = i + 1;
      place->server = opened_server (&serving->opened, place->loop, &serving->watching.audience, &status);
      if (place->server == NULL)
        return status;
      at = endpoint_address (place->server);
      lab->port = address_port (&at);
    }
  return STATUS_DONE;
}

/* Says "ready".  Whoever reads that may ask it to end at once: the signals wait from here on. */
static void
announce (const struct serving *serving)
{
  struct pl_address at = endpoint_address (serving->places[0].server);
  sigset_t signals = end_signals ();
  char where[ADDRESS_TEXT + 64];

  sigprocmask (SIG_BLOCK, &signals, NULL);
  opened_where (&serving->opened, &at, where, sizeof where);
  if (at.length > 0 && !address_is_loopback (&at))
    complain (where, "open to every machine that reaches this one; --host 127.0.0.1 closes it");
  printf ("ready: %s on %s\n", serving->opened.lab->name, where);
  fflush (stdout);
}

/* Whether there are several processes, each of which would number the link's packets anew. */
static bool
would_split_link (const struct lab *lab)
{
  if (lab->workers == 1 || !lab_plays_link (lab))
    return false;
  complain ("serve", "--workers %u: a link numbers the packets of one process, not of several",
            lab->workers);
  return true;
}

/* An observer sees the events of its own process alone. */
static void
keep_together (struct serving *serving)
{
  if (serving->watching.audience.first == NULL || serving->opened.lab->workers == 1)
    return;
  complain ("serve", "what %u workers see cannot be shown in one place: one worker serves",
            serving->opened.lab->workers);
  serving->opened.lab->workers = 1;
}

int
command_serve (struct invocation *in)
{
  struct serving serving = { .is_open = in->no_lockdown };
  int status = opened_lab (&serving.opened, in, in->argv[0]);

  if (status == STATUS_DONE && would_split_link (serving.opened.lab))
    status = STATUS_USAGE;

  if (status == STATUS_DONE)
    status = watching_begin (&serving.watching, in, &serving.opened, NULL);
  if (status == STATUS_DONE)
    keep_together (&serving);
  /* A diagram tells of trouble too. */
  if (in->trace == NULL)
    audience_add (&serving.watching.audience, &log_observer);
  if (status == STATUS_DONE)
    status = take_places (&serving);
  if (status == STATUS_DONE)
    {
      announce (&serving);
      status = serving.count == 1 ? serve (&serving, 0) : serve_with_workers (&serving);
    }
  for (unsigned i = 0; i < serving.count; i++)
    {
      endpoint_free (serving.places[i].server);
      if (i > 0)
        loop_free (serving.places[i].loop);
    }
  free (serving.places);
  if (watching_end (&serving.watching) == -1 && status == STATUS_DONE)
    status = STATUS_FAILED;
  opened_close (&serving.opened);
  return status;
}

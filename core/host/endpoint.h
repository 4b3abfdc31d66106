/* endpoint.h - one side of a lab, server or client: its transport, its sockets,
 * its sessions and the application at the right end of the way of a message.
 *
 *   door.c       sockets, and the transport that looks after them
 *   stream.c     bytes to messages, and how a stream ends
 *   stream_out.c messages to bytes
 *   datagram.c   the same for datagrams, in batches
 *   link_packets.c, link_stream.c   the network that the host plays, between socket and message
 *   session.c    conversations: beginning and end
 *   deadline.c   how long they may take
 *   linger.c     connections that only the peer has still to finish
 *   chain.c      the server's application: the lab's transforms
 *   services.c   what plugins may ask of the host
 *   tell.c       what the observers are told
 *   endpoint.c   making, starting, stopping
 */
#ifndef PL_HOST_ENDPOINT_H
#define PL_HOST_ENDPOINT_H

#include "host/buffer.h"
#include "host/framer.h"
#include "host/loop.h"
#include "lab/lab.h"
#include "observe/event.h"

#define container_of(member_pointer, type, member) \
  ((type *) ((char *) (member_pointer) -offsetof (type, member)))

enum
{
  DATAGRAMS_A_BATCH = 64,
  REASON_SIZE = 512
};

struct endpoint;
struct link_packets;
struct link_stream;
struct session;

/* A loaded plugin at work in a lab. */
struct instance
{
  struct pl_lab lab; /* what the plugin sees */
  struct endpoint *endpoint;
  const struct pl_plugin *plugin;
  size_t index;             /* in the chain */
  bool set_up;              /* teardown is owed */
  char reason[REASON_SIZE]; /* by pl_fail; "": none given */
};

/* Where one plugin's answers are put together. */
struct outlet
{
  struct pl_out out; /* what the plugin sees: the free part of bytes */
  uint8_t *bytes;
  size_t capacity; /* without the padding */
};

struct stage
{
  struct instance instance;
  struct outlet outlet; /* what it hands to the next stage; the last one's is for sessions
                           that are not active */
};

struct door
{
  struct pl_socket socket; /* what the transport sees */
  struct endpoint *endpoint;
  struct watch watch;
  struct session *session; /* PL_CONNECTION, PL_CLIENT */
  struct door *previous, *next;
  bool connected;
};

/* The timer that pl_timer sets for one stage of a session. */
struct stage_timer
{
  struct timer timer;
  struct session *session;
  size_t index;
};

struct session
{
  struct endpoint *endpoint;
  struct door *door;
  struct session *previous, *next; /* among the endpoint's */
  struct session *next_doomed, *next_finished, *previous_aside;
  struct session *next_in_bucket; /* datagrams: see datagram.c */
  uint64_t ordinal;

  struct buffer in;     /* the beginning of a message that has not wholly come */
  size_t scanned;       /* of in: struct cut */
  struct buffer unsent; /* what the socket would not take yet */
  struct link_stream *link; /* NULL: it meets none */
  int64_t began, last_active;
  struct timer deadline;            /* idle, or lingering after finish */
  struct stage_timer *stage_timers; /* one a stage; NULL until the first pl_timer */
  struct pl_address peer, local;

  bool spoken;     /* a first message has come */
  bool opened;     /* the application's open has succeeded: close is owed */
  bool drain_owed; /* the drained hooks are to be told */
  bool answered;   /* a message has gone out since the last came in */
  bool peer_ended; /* the peer has finished sending */
  bool closing;    /* no more messages; ends when unsent has gone */
  bool half_close; /* we finish sending once unsent has gone, and go on receiving */
  bool finished;   /* we have finished sending */
  bool aside;      /* and nobody waits for the peer to: see linger.c */
  bool doomed;     /* ends at the end of this round */
  const char *why; /* it ended, where there is a reason; static, or what follows */
  char *told;      /* the reason that a hook told */

  struct pl_session stage[]; /* then each stage's state */
};

/* The right end of the way of a message. */
struct application
{
  /* 0, or -1: the session cannot be. */
  int (*open) (struct session *session);
  /* Messages for it, at least one, in order.  Returns how many it took: fewer where the session
   * does not take more, see session_takes. */
  size_t (*messages) (struct session *session, const struct message *messages, size_t count);
  /* The session is over. */
  void (*close) (struct session *session);
  /* All that was sent over a stream has gone; NULL: nobody asks. */
  int (*drained) (struct session *session);
  /* The server cannot be reached; errno value.  Clients only, else NULL. */
  void (*unreachable) (struct endpoint *endpoint, int error);
};

struct endpoint
{
  struct loop *loop;
  const struct lab *lab;
  enum side side;
  const struct application *application;
  void *self; /* the application's */
  struct audience *audience; /* NULL: nobody watches */
  unsigned wanted;           /* by any of them: bits of EVENT_... */

  struct instance transport;
  const struct pl_transport *carrier; /* the transport's hooks */
  bool stream;
  struct stage stages[LAB_CHAIN_MAX];
  size_t stage_count; /* a client has none */
  bool tells_drained; /* a stage has a drained hook */

  struct door *doors;
  struct door *welcoming; /* the server's own: welcoming socket or datagram socket */
  struct session *sessions;
  struct session *doomed;
  struct session *finished; /* by us, in this round: the application is to be told */
  struct session *first_aside, *last_aside; /* finished by us, not by their peers: linger.c */
  struct timer aside;                       /* until they have been there too long */
  size_t session_count;
  uint64_t last_ordinal;
  size_t session_state_size; /* of all stages */

  struct session *active; /* the one whose answers go to live; streams only */
  struct outlet live;
  uint8_t *inbox;      /* where a stream's bytes are received */
  size_t room, received; /* of it: lent to the transport, and filled, in its last recv */
  struct batch *batch; /* datagrams: see datagram.c */
  bool plays_link;
  struct link_packets *packets; /* datagrams: NULL where they meet no link */

  struct timer pause;      /* until the welcoming socket is watched again */
  bool short_of_something; /* accept failed, and it was told */
  bool full;               /* limits.sessions is reached, and was told */
  bool stopping;
  uint64_t random;
  char problem[REASON_SIZE];
};

/* --- endpoint.c --- */

/* Sets up one side of a lab; lab, loop and application live longer.  NULL with the reason in
 * error. */
struct endpoint *endpoint_new (struct loop *loop, const struct lab *lab, enum side side,
                               const struct application *application, void *self, char *error,
                               size_t size);
/* Plays the network of the lab's "link", where it has one: before any socket is made.  0, or -1:
 * no memory. */
int endpoint_play_link (struct endpoint *endpoint);
/* The audience is complete, and lives longer than the endpoint. */
void endpoint_observe (struct endpoint *endpoint, struct audience *audience);
/* 0, or -1 with the reason in error; where the address is taken errno is EADDRINUSE. */
int endpoint_listen (struct endpoint *endpoint, const struct pl_address *at, char *error,
                     size_t size);
int endpoint_connect (struct endpoint *endpoint, const struct pl_address *to, char *error,
                      size_t size);
/* Where the server is; length 0 before endpoint_listen. */
struct pl_address endpoint_address (const struct endpoint *endpoint);
/* No new sessions; the open ones end when what is queued has gone. */
void endpoint_stop (struct endpoint *endpoint);
/* Whether endpoint_stop has come to its end. */
bool endpoint_stopped (const struct endpoint *endpoint);
/* In a process that was forked: closes its sockets here; the other process has them still.
 * No hook is called. */
void endpoint_let_go (struct endpoint *endpoint);
/* Ends all at once. */
void endpoint_free (struct endpoint *endpoint);
/* Ends the doomed sessions and sends what was put together meanwhile: after every round. */
void endpoint_after_round (struct endpoint *endpoint);

/* Whether anybody wants to know of such events: the path asks before it tells. */
static inline bool
endpoint_wants (const struct endpoint *endpoint, enum event_type type)
{
  return PL_UNLIKELY (endpoint->wanted >> type & 1);
}

/* The longest answer that a lab lets a transform give. */
size_t endpoint_answer_max (const struct endpoint *endpoint);

/* --- tell.c --- */

/* Tells the observers.  Side, time, socket, session and addresses are filled in from session
 * and door, either of which may be NULL; a peer and our own address that are there already stay. */
void endpoint_tell_event (struct endpoint *endpoint, struct session *session, struct door *door,
                          struct event event);
/* The same for an event that has no more than bytes or a text.  A trouble whose text names one of
 * the lab's limits is told as EVENT_LIMIT. */
void endpoint_tell (struct endpoint *endpoint, enum event_type type, struct session *session,
                    struct door *door, const uint8_t *data, size_t n, const char *text);
/* EVENT_TROUBLE with a peer that has no session. */
void endpoint_tell_of_peer (struct endpoint *endpoint, const struct pl_address *peer,
                            const char *text);
/* That the transport has made this socket: the calls that it took, in the book's order. */
void endpoint_tell_of_calls (struct endpoint *endpoint, struct door *door);

/* --- instance.c --- */

/* Gives the plugin its parameters and calls its setup hook.  0, or -1 with the
 * reason in instance->reason. */
int instance_setup (struct instance *instance, struct endpoint *endpoint,
                    const struct lab_plugin *chosen);
void instance_teardown (struct instance *instance);
/* Why its hook failed: what it said, or that it said nothing.  Lent until it fails again. */
const char *instance_reason (struct instance *instance);

/* --- services.c --- */

/* Room for n bytes at the start of an outlet that holds nothing.  NULL: no memory. */
uint8_t *outlet_reserve (struct outlet *outlet, size_t n);

/* The table that every plugin is handed. */
extern const struct pl_host services;

/* --- door.c --- */

struct door *door_open (struct endpoint *endpoint, int fd, enum pl_role role,
                        const struct pl_address *peer);
void door_connected (struct door *door);
/* A system call has failed with that errno. */
void door_failed (struct door *door, const char *call, int error);
void door_free (struct door *door);
/* Watches the welcoming socket again, where the sessions' limit allows. */
void door_welcome (struct endpoint *endpoint);

/* Calls the transport's ready hook. */
void door_call_ready (struct door *door, unsigned events);

/* --- stream.c --- */

/* 0, or -1: no memory. */
int stream_prepare (struct endpoint *endpoint);
uint8_t *stream_room (struct door *door, size_t *n);
/* Something waits at the socket. */
void stream_readable (struct door *door);
void stream_received (struct door *door, size_t n);
/* The same behind the link. */
uint8_t *stream_place (struct session *session, size_t *n);
void stream_arrived (struct session *session, size_t n);
/* Sends of what is unsent as much as the socket takes. */
void stream_drain (struct session *session);
/* The socket takes bytes again. */
void stream_writable (struct session *session);
/* The session's answers go to the live outlet from here to stream_leave, which sends them. */
void stream_enter (struct session *session);
void stream_leave (struct session *session);
/* pl_reserve and pl_commit for the live outlet. */
uint8_t *stream_reserve (struct session *session, size_t n);
int stream_commit (struct session *session, size_t n);
/* Sends one message, framed, whoever is active.  0, or -1 with session->why. */
int stream_send (struct session *session, const uint8_t *data, size_t n);
/* Watches for what the session waits for, and finishes it when it is time. */
void stream_settle (struct session *session);

/* --- linger.c --- */

/* We have finished sending: the peer may take a while to finish too, a short one where the
 * endpoint stops. */
void linger_wait (struct session *session);
/* The same without waiting for it yet. */
void linger_aside (struct session *session);
/* Looks whether those that were put aside have ended. */
void linger_look (struct endpoint *endpoint);
/* The session is about to be freed. */
void linger_forget (struct session *session);

/* --- datagram.c --- */

struct pl_datagram *datagram_lend (struct door *door, unsigned *count);
void datagram_deliver (struct door *door, unsigned count);
uint8_t *datagram_reserve (struct session *session, size_t n);
int datagram_commit (struct session *session, size_t n);
int datagram_send (struct session *session, const uint8_t *data, size_t n);
/* Behind the link: one has arrived here; one leaves for its peer, copied.  fate: NULL where it met
 * none. */
void datagram_hand_over (struct door *door, struct pl_datagram *datagram, const struct fate *fate);
void datagram_put (struct door *door, const struct pl_datagram *datagram);
/* Sends what was put together. */
void datagram_flush (struct endpoint *endpoint);
void datagram_forget (struct session *session);
/* The socket is about to be closed: what waited to be sent from it is lost. */
void datagram_leave (struct door *door);
/* Whether nothing waits to be sent. */
bool datagram_idle (const struct endpoint *endpoint);
/* 0, or -1: no memory. */
int datagram_prepare (struct endpoint *endpoint);
void datagram_end (struct endpoint *endpoint);

/* --- link_packets.c: where endpoint->packets is not NULL --- */

/* 0, or -1: no memory. */
int link_packets_begin (struct endpoint *endpoint);
/* They came in at that door.  Their bytes may be changed. */
void link_packets_receive (struct door *door, struct pl_datagram *datagrams, unsigned count);
/* An answer, which stands in the live outlet and may be changed. */
void link_packets_send (struct session *session, uint8_t *data, size_t n);
/* What came in at the door or was to go out by it is lost. */
void link_packets_forget (struct door *door);
/* What is on its way to the peers goes now; what is on its way here is lost. */
void link_packets_stop (struct endpoint *endpoint);
void link_packets_end (struct endpoint *endpoint);

/* --- link_stream.c: where session->link is not NULL --- */

/* 0, or -1: no memory. */
int link_stream_begin (struct session *session);
void link_stream_end (struct session *session);
/* How many of n bytes that there is room for may be received at once; at least 1. */
size_t link_stream_room (const struct session *session, size_t n);
/* n bytes have been received, and stand where stream_place said; 0: the peer has finished. */
void link_stream_receive (struct session *session, const uint8_t *data, size_t n);
/* n more bytes stand in unsent. */
void link_stream_enter (struct session *session, size_t n);
/* How many of the n bytes in unsent may be sent now. */
size_t link_stream_sendable (const struct session *session, size_t n);
/* So many of them were. */
void link_stream_sent (struct session *session, size_t n);
/* Whether we have finished sending, and the network has not carried that to the peer yet. */
bool link_stream_holds_end (struct session *session);
/* Waits for what the session waits for at its socket, and for what is due. */
void link_stream_watch (struct session *session);

/* --- deadline.c --- */

/* Sets the timer that ends a session which takes longer than the lab's limits allow. */
void deadline_set (struct session *session);

/* --- session.c --- */

/* Begins a session and calls the application's open.  NULL: it could not be, and
 * the observers know why. */
struct session *session_open (struct endpoint *endpoint, struct door *door,
                              const struct pl_address *peer, const struct pl_address *local);
/* Allocates one that is in no list and is never opened. */
struct session *session_new (struct endpoint *endpoint, struct door *door);
/* Sends one message to the peer.  0, or -1 with session->why. */
int session_send (struct session *session, const uint8_t *data, size_t n);
/* Ends it when what is queued has gone. */
void session_close (struct session *session);
/* The same where something is wrong with it; the observers are told at once. */
void session_end (struct session *session, const char *why);
/* Ends it at the end of this round, whatever is queued; why is a static string, or NULL. */
void session_doom (struct session *session, const char *why);
/* Calls the application's close, once. */
void session_bid_farewell (struct session *session);
void session_free (struct session *session);
/* Something came or went: its idle time begins anew. */
void session_touch (struct session *session);
struct session *session_of (const struct pl_session *stage);

/* Whether a stream's session still takes messages: not while its peer leaves too much unread. */
static inline bool
session_takes (const struct session *session)
{
  return !session->closing
         && buffer_size (&session->unsent) <= session->endpoint->lab->limits.unsent_bytes;
}

/* --- chain.c --- */

extern const struct application chain_application;
/* Hands a message to one stage.  0, or -1 with session->why. */
int chain_message (struct session *session, size_t index, const uint8_t *data, size_t n);
/* Passes on what a hook of that stage returned; where it failed, the session learns why. */
int chain_judge (struct session *session, size_t index, int status);
int chain_timer (struct session *session, size_t index, int64_t ms);
struct instance *instance_of (const struct pl_lab *lab);

#endif

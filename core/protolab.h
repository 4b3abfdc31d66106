/* protolab.h - all that a plugin may use of protolab; protolab-plugin(3)
 * teaches it by examples.
 *
 * Growth   A struct marked [grows] begins with struct_size, set by whoever
 *          made it, and gains members at its end only; its reader looks no
 *          further.  Everything else keeps its shape while PL_ABI keeps its
 *          value.  PL_ABI must be equal on both sides.
 * Thread   Every call, both ways, is made on the host's one loop thread.  No
 *          call may block.
 * Memory   A pointer that is passed is lent until the call returns, unless its
 *          comment says longer.  Neither side frees what the other made.
 * Errors   A hook that cannot go on tells why and fails at once:
 *            return pl_fail (lab, "no room for %u names", n);
 *          The host shows that reason; a hook never prints.
 * Time     pl_now and pl_random are the only clock and the only dice, so that
 *          a run can be repeated.
 *
 * The words (welcoming socket, connection socket, client, server) are those of
 * Kurose and Ross, Computer Networking, section 2.7.
 */
#ifndef PROTOLAB_H
#define PROTOLAB_H

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PL_ABI 1
#define PL_MAGIC 0x504c4142u /* "PLAB" */

/* So many bytes past the end of a message may be read, and past the end of a
 * reserved answer be written: a loop over whole blocks needs no tail.  What
 * stands there means nothing. */
#define PL_PADDING 64

/* The most that a UDP datagram over IPv4 carries: RFC 768 and RFC 791,
 * 65535 - 20 - 8. */
#define PL_DATAGRAM_MAX 65507

#if defined __GNUC__
#define PL_PUBLIC __attribute__ ((__visibility__ ("default")))
#define PL_PRINTF(fmt, first) __attribute__ ((__format__ (__printf__, fmt, first)))
#define PL_UNLIKELY(x) __builtin_expect (!!(x), 0)
#else
#define PL_PUBLIC
#define PL_PRINTF(fmt, first)
#define PL_UNLIKELY(x) (x)
#endif

/* ------------------------------------------------------------ parameters -- */

enum pl_type
{
  PL_INTEGER = 1, /* int64_t */
  PL_BOOLEAN = 2, /* bool */
  PL_STRING = 3   /* const char *, UTF-8, ends in NUL, lives as long as the lab */
};

/* One parameter that a lab may give to a plugin.  The host checks the value and
 * puts it into the plugin's lab state, at offset, before setup is called.  An
 * array of these ends with PL_PARAMS_END.  Write rows with the macros below:
 * the parameter has the name of the member that receives it. */
struct pl_param
{
  const char *name;
  uint32_t type;       /* enum pl_type */
  uint32_t offset;     /* of the member in the lab state */
  const char *preset;  /* the default as text: "s", "false", "512"; NULL: the lab must give it */
  int64_t min, max;    /* PL_INTEGER: the range; PL_STRING: the length in bytes */
  const char *choices; /* PL_STRING: NULL, or all that is allowed: "low|high" */
  const char *help;    /* half a sentence: "the letter that is counted" */
};

#define PL_OFFSET_(state, member, ctype) \
  ((uint32_t) (offsetof (state, member) \
               + 0 * sizeof (&((state *) 0)->member == (ctype *) 0)))
#define PL_INTEGER_PARAM(state, member, preset, min, max, help) \
  { #member, PL_INTEGER, PL_OFFSET_ (state, member, int64_t), preset, min, max, NULL, help }
#define PL_BOOLEAN_PARAM(state, member, preset, help) \
  { #member, PL_BOOLEAN, PL_OFFSET_ (state, member, bool), preset, 0, 0, NULL, help }
#define PL_STRING_PARAM(state, member, preset, min, max, help) \
  { #member, PL_STRING, PL_OFFSET_ (state, member, const char *), preset, min, max, NULL, help }
#define PL_CHOICE_PARAM(state, member, preset, choices, help) \
  { #member, PL_STRING, PL_OFFSET_ (state, member, const char *), preset, 0, 0, choices, help }
#define PL_PARAMS_END { NULL, 0, 0, NULL, 0, 0, NULL, NULL }

/* ------------------------------------------- what the host hands to hooks -- */

struct pl_host;

/* A plugin's place in one lab.  Lives from setup until teardown has returned. */
struct pl_lab
{
  const struct pl_host *host;
  void *state; /* lab_size bytes: parameters filled in, all else zero; NULL where lab_size is 0 */
};

/* Where answers go; for pl_reserve and pl_commit below, and nobody else. */
struct pl_out
{
  uint8_t *next;      /* the next free byte; never NULL */
  uint8_t *end;       /* at least PL_PADDING bytes before the true end */
  int32_t terminator; /* a byte to put after each answer; -1: the host commits */
  uint32_t reserved;
};

/* One conversation with one peer.  Lives from open until close has returned.
 * Where datagrams are carried to a transform without session state, without
 * open, close and timer, and without PL_SHARED_STATE, there are no conversations: every
 * datagram comes in the same struct, and it means nothing after the call. */
struct pl_session
{
  struct pl_lab *lab;
  void *state; /* session_size bytes, zero before open; NULL where session_size is 0 */
  struct pl_out *out;
};

/* An Internet address with a port, ready for the socket calls.
 * length 0: no address. */
struct pl_address
{
  uint32_t length;
  union
  {
    struct sockaddr any;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
  } as;
};

/* What a socket is for. */
enum pl_role
{
  PL_WELCOMING = 1,  /* a server's door that all clients knock at: accept, no messages */
  PL_CONNECTION = 2, /* a server's door for one client */
  PL_SERVER = 3,     /* a server's datagram socket: one door for all */
  PL_CLIENT = 4      /* a client's door */
};

/* One socket, given to the host by pl_adopt.  Lives until the close hook has
 * returned. */
struct pl_socket
{
  struct pl_lab *lab;
  void *state; /* socket_size bytes, zero at first; NULL where socket_size is 0 */
  int fd;
  uint32_t role;          /* enum pl_role */
  struct pl_address peer; /* PL_CONNECTION, PL_CLIENT */
};

enum
{
  PL_READABLE = 1,
  PL_WRITABLE = 2
};

enum
{
  PL_LAST = 1 /* the end of the stream is behind these bytes */
};

/* One datagram.  To be filled: data is the host's, room bytes long, with
 * PL_PADDING more behind it.  To be sent: size bytes of data. */
struct pl_datagram
{
  uint8_t *data;
  size_t room;
  size_t size;
  struct pl_address peer;  /* whom it is from, or to; length 0: the socket is connected */
  struct pl_address local; /* the address of ours that it came to or leaves from; length 0: any */
  uint32_t truncated;      /* not 0: the datagram was longer than room */
  uint32_t reserved;
};

/* ------------------------------------------------------------------ hooks -- */

/* An application: a message comes in, messages go out.  [grows]
 * message is required, each other hook may be NULL.
 *
 *   setup -> { open -> { message | timer | drained }... -> close }... -> teardown
 *
 * int hooks return 0, or -1 after pl_fail: setup's failure ends the program,
 * another's ends that session.  close is called once for each open that
 * returned 0, teardown once if setup returned 0. */
struct pl_transform
{
  uint32_t struct_size;
  uint32_t flags;                /* PL_SHARED_STATE */
  uint32_t needs;                /* PL_NEEDS_..., what it must be allowed to do after setup */
  uint32_t lab_size;             /* bytes of pl_lab.state */
  uint32_t session_size;         /* bytes of pl_session.state */
  uint32_t reserved;
  const struct pl_param *params; /* NULL: none */

  int (*setup) (struct pl_lab *lab);
  /* The peer has arrived: over a stream before it has said a word, over datagrams
   * with its first one. */
  int (*open) (struct pl_session *s);
  /* One whole message, without what the framing put around it; n may be 0. */
  int (*message) (struct pl_session *s, const uint8_t *in, size_t n);
  /* The time that was set by pl_timer has come. */
  int (*timer) (struct pl_session *s);
  /* The session is over; nothing can be sent to it any more. */
  void (*close) (struct pl_session *s);
  void (*teardown) (struct pl_lab *lab);
  /* For framing "plugin": n bytes of the stream are here.  Returns how many of
   * them make up the first message; 0: more must come first, and it is called
   * again with the same bytes and more; -1 after pl_fail: this is not
   * the protocol.  message is then given all of these bytes, and what the transform
   * sends goes out as it is. */
  ssize_t (*frame) (struct pl_session *s, const uint8_t *in, size_t n);
  /* All that was sent has gone, and the peer takes more: for a transform that
   * speaks without being asked and must not run ahead of its peer.  Called once after each time
   * that something was sent over a stream; never over datagrams. */
  int (*drained) (struct pl_session *s);
};

enum
{
  PL_SHARED_STATE = 1 /* sessions change pl_lab.state, or speak to each other: one worker only */
};

enum
{
  PL_NEEDS_FILES = 1,   /* opens files after setup */
  PL_NEEDS_NETWORK = 2, /* opens sockets of its own after setup */
  PL_NEEDS_EXEC = 4     /* runs programs after setup */
};

enum pl_carries
{
  PL_STREAM = 1,  /* bytes in order; the lab's framing cuts them into messages */
  PL_DATAGRAMS = 2 /* whole messages */
};

/* Moves bytes between sockets and the host, and knows nothing of their
 * meaning.  [grows]  listen, connect, ready and close are required, and send or
 * send_datagrams, by what it carries.
 *
 *   setup -> { listen | connect } -> { ready | send }... -> finish -> close -> teardown
 *
 * All descriptors are non-blocking.  A system call that failed is handed to
 * pl_failed, which knows what to make of each errno. */
struct pl_transport
{
  uint32_t struct_size;
  uint32_t carries;              /* enum pl_carries */
  uint32_t needs;                /* as in pl_transform */
  uint32_t lab_size;             /* bytes of pl_lab.state */
  uint32_t socket_size;          /* bytes of pl_socket.state */
  uint32_t reserved;
  const struct pl_param *params; /* NULL: none */

  int (*setup) (struct pl_lab *lab);
  /* Makes the server's socket at that address (port 0: any free one) and
   * hands it over by pl_adopt.  -1 with errno after pl_fail. */
  int (*listen) (struct pl_lab *lab, const struct pl_address *at);
  /* Makes a client's socket towards that address; pl_adopt, and once the way is
   * open pl_connected, at once or from ready.  -1 with errno after pl_fail. */
  int (*connect) (struct pl_lab *lab, const struct pl_address *to);
  /* Something waits at the socket: PL_READABLE, and PL_WRITABLE while a client
   * socket is not yet connected.  A welcoming socket lets in one client a call. */
  void (*ready) (struct pl_socket *socket, unsigned events);
  /* PL_STREAM: sends as much as goes now.  Returns that number of bytes; -1
   * with errno.  The host keeps the rest and calls again when there is room.  With
   * PL_LAST in flags, finish or close follows at once. */
  ssize_t (*send) (struct pl_socket *socket, const uint8_t *data, size_t n, unsigned flags);
  /* PL_DATAGRAMS: sends the first of count datagrams, as many as go now.
   * Returns that number; -1 with errno: the first one cannot be sent. */
  int (*send_datagrams) (struct pl_socket *socket, const struct pl_datagram *d, unsigned count);
  /* PL_STREAM: nothing more will be sent; the peer is told so (half-close).
   * NULL: the host closes at once. */
  void (*finish) (struct pl_socket *socket);
  void (*close) (struct pl_socket *socket);
  void (*teardown) (struct pl_lab *lab);
  /* PL_STREAM: close, which follows, is to reset the connection (RST) instead of ending it in
   * order.  NULL: a lab's link cannot reset connections. */
  void (*reset) (struct pl_socket *socket);
};

enum pl_kind
{
  PL_KIND_TRANSPORT = 1,
  PL_KIND_TRANSFORM = 2
};

/* What a plugin says of itself.  [grows]  Static: lives as long as the .so. */
struct pl_plugin
{
  uint32_t magic, abi, struct_size, kind;
  const char *name; /* [a-z0-9_]+, the file's name without ".so" */
  const char *version;
  const char *summary; /* half a sentence, for lists */
  const struct pl_transform *transform;
  const struct pl_transport *transport;
};

/* The one symbol that a plugin exports.  NULL: this host's ABI is not mine. */
PL_PUBLIC const struct pl_plugin *protolab_plugin (uint32_t host_abi);

#ifndef PL_PLUGIN_VERSION
#define PL_PLUGIN_VERSION "1"
#endif

#define PL_PLUGIN_(kind, name, summary, transform, transport) \
  static const struct pl_plugin name##_plugin_ \
      = { PL_MAGIC, PL_ABI,  (uint32_t) sizeof (struct pl_plugin), kind, \
          #name,    PL_PLUGIN_VERSION, summary, transform, transport }; \
  const struct pl_plugin *protolab_plugin (uint32_t host_abi) \
  { \
    return host_abi == PL_ABI ? &name##_plugin_ : NULL; \
  }

/* At the foot of a plugin (C99):
 *   PL_TRANSFORM (rot13, "Turns each letter ...", .message = rot13_message) */
#define PL_TRANSFORM(name, summary, ...) \
  static const struct pl_transform name##_transform_ \
      = { .struct_size = (uint32_t) sizeof (struct pl_transform), __VA_ARGS__ }; \
  PL_PLUGIN_ (PL_KIND_TRANSFORM, name, summary, &name##_transform_, NULL)
#define PL_TRANSPORT(name, summary, ...) \
  static const struct pl_transport name##_transport_ \
      = { .struct_size = (uint32_t) sizeof (struct pl_transport), __VA_ARGS__ }; \
  PL_PLUGIN_ (PL_KIND_TRANSPORT, name, summary, NULL, &name##_transport_)

/* --------------------------------------------------------------- services -- */

/* The host's side of the functions below; plugins call those.  A test may hand
 * a plugin a table of its own.  [grows] */
struct pl_host
{
  uint32_t struct_size, abi;

  int64_t (*now) (const struct pl_lab *lab);
  uint64_t (*random) (const struct pl_lab *lab);
  PL_PRINTF (2, 0) void (*reason) (struct pl_lab *lab, const char *format, va_list args);

  uint8_t *(*reserve) (struct pl_session *s, size_t n);
  int (*commit) (struct pl_session *s, size_t n);
  int (*send) (struct pl_session *s, const void *data, size_t n);
  PL_PRINTF (2, 0) int (*sendf) (struct pl_session *s, const char *format, va_list args);
  PL_PRINTF (2, 0) void (*note) (struct pl_session *s, const char *format, va_list args);
  int (*timer) (struct pl_session *s, int64_t ms);
  void (*close) (struct pl_session *s);
  struct pl_session *(*next_session) (struct pl_lab *lab, struct pl_session *after);
  const char *(*peer) (struct pl_session *s);

  struct pl_socket *(*adopt) (struct pl_lab *lab, int fd, uint32_t role,
                              const struct pl_address *peer);
  void (*connected) (struct pl_socket *socket);
  void (*failed) (struct pl_socket *socket, const char *call);
  uint8_t *(*room) (struct pl_socket *socket, size_t *n);
  void (*received) (struct pl_socket *socket, size_t n);
  struct pl_datagram *(*lend) (struct pl_socket *socket, unsigned *count);
  void (*deliver) (struct pl_socket *socket, unsigned count);
  bool (*shares_port) (const struct pl_lab *lab);
};

/* Whether this host has a service that PL_ABI gained later. */
#define PL_HOST_HAS(host, member) \
  ((host)->struct_size >= offsetof (struct pl_host, member) + sizeof ((host)->member))

/* --- for every plugin --- */

/* Nanoseconds on a clock that only goes forward; its zero means nothing. */
static inline int64_t
pl_now (const struct pl_lab *lab)
{
  return lab->host->now (lab);
}

/* 64 random bits.  Every run begins with others, unless the lab fixes a seed. */
static inline uint64_t
pl_random (const struct pl_lab *lab)
{
  return lab->host->random (lab);
}

/* Says why the hook is about to fail; returns -1, for the hook to return. */
PL_PRINTF (2, 3)
static inline int
pl_fail (struct pl_lab *lab, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  lab->host->reason (lab, format, args);
  va_end (args);
  return -1;
}

/* --- for transforms --- */

/* Room for an answer of up to n bytes, which pl_commit sends.  Lent until the
 * next call that names any session.  NULL, with the reason told: the answer is
 * longer than the lab allows or the session is over; return -1. */
static inline uint8_t *
pl_reserve (struct pl_session *s, size_t n)
{
  struct pl_out *out = s->out;

  if (PL_UNLIKELY (n > (size_t) (out->end - out->next)))
    return s->lab->host->reserve (s, n);
  return out->next;
}

/* Sends the first n bytes of what was reserved as one message.  0, or -1 with
 * the reason told. */
static inline int
pl_commit (struct pl_session *s, size_t n)
{
  struct pl_out *out = s->out;

  if (PL_UNLIKELY (out->terminator < 0 || n >= (size_t) (out->end - out->next)))
    return s->lab->host->commit (s, n);
  out->next[n] = (uint8_t) out->terminator;
  out->next += n + 1;
  return 0;
}

/* Sends a copy of n bytes as one message, to this or to another session.
 * 0, or -1 with the reason told. */
static inline int
pl_send (struct pl_session *s, const void *data, size_t n)
{
  uint8_t *to = pl_reserve (s, n);

  if (to == NULL)
    return -1;
  if (n > 0)
    memcpy (to, data, n);
  return pl_commit (s, n);
}

/* The same for text, written as printf writes it. */
PL_PRINTF (2, 3)
static inline int
pl_sendf (struct pl_session *s, const char *format, ...)
{
  va_list args;
  int status;

  va_start (args, format);
  status = s->lab->host->sendf (s, format, args);
  va_end (args);
  return status;
}

/* A remark for whoever watches, at this point of the trace. */
PL_PRINTF (2, 3)
static inline void
pl_note (struct pl_session *s, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  s->lab->host->note (s, format, args);
  va_end (args);
}

/* Calls the timer hook once, in ms milliseconds; takes the place of an earlier
 * one.  ms 0: no timer.  0, or -1 with the reason told. */
static inline int
pl_timer (struct pl_session *s, int64_t ms)
{
  return s->lab->host->timer (s, ms);
}

/* Ends the session once all that was sent has gone; no message comes any more.  What
 * the same hook sends after it still goes. */
static inline void
pl_close (struct pl_session *s)
{
  s->lab->host->close (s);
}

/* Goes through the open sessions of the lab: the first for after == NULL; NULL
 * at the end.  A session that ends meanwhile is passed over. */
static inline struct pl_session *
pl_next_session (struct pl_lab *lab, struct pl_session *after)
{
  return lab->host->next_session (lab, after);
}

/* The peer's address as text, "127.0.0.1:51324" or "[::1]:51324".  Lent until
 * the next call of pl_peer. */
static inline const char *
pl_peer (struct pl_session *s)
{
  return s->lab->host->peer (s);
}

/* --- for transports --- */

/* For listen: whether several worker processes serve the lab, each with a socket of
 * its own at the same port (SO_REUSEPORT). */
static inline bool
pl_shares_port (const struct pl_lab *lab)
{
  return lab->host->shares_port (lab);
}

/* For listen and connect: the named system call has failed, with errno.  Tells so,
 * closes fd unless it is -1, and returns -1 with errno kept. */
static inline int
pl_give_up (struct pl_lab *lab, const char *call, int fd)
{
  int error = errno;

  pl_fail (lab, "%s: %s", call, strerror (error));
  if (fd != -1)
    close (fd);
  errno = error;
  return -1;
}

/* Gives a descriptor to the host, which watches it from now on; peer may be
 * NULL.  For PL_CONNECTION the session begins before this returns, and send may be
 * called.  NULL with errno: the host cannot take it (EINVAL: the role is not for what
 * the transport carries), and the descriptor is still the caller's to close. */
static inline struct pl_socket *
pl_adopt (struct pl_lab *lab, int fd, uint32_t role, const struct pl_address *peer)
{
  return lab->host->adopt (lab, fd, role, peer);
}

/* A client's socket has reached its server. */
static inline void
pl_connected (struct pl_socket *socket)
{
  socket->lab->host->connected (socket);
}

/* The named system call on the socket has failed, with errno.  The host
 * waits where that helps, pauses where descriptors ran out, and ends the session where
 * the peer is gone: socket may be closed when this returns. */
static inline void
pl_failed (struct pl_socket *socket, const char *call)
{
  socket->lab->host->failed (socket, call);
}

/* Where the next bytes of the stream go, *n of them at the most. */
static inline uint8_t *
pl_room (struct pl_socket *socket, size_t *n)
{
  return socket->lab->host->room (socket, n);
}

/* n bytes have been put there; 0: the peer has finished sending.  socket may be
 * closed when this returns. */
static inline void
pl_received (struct pl_socket *socket, size_t n)
{
  socket->lab->host->received (socket, n);
}

/* *count datagrams to be filled, without size and addresses.  For one socket they are always the
 * same, with the same data and room. */
static inline struct pl_datagram *
pl_lend (struct pl_socket *socket, unsigned *count)
{
  return socket->lab->host->lend (socket, count);
}

/* The first count of them have been filled. */
static inline void
pl_deliver (struct pl_socket *socket, unsigned count)
{
  socket->lab->host->deliver (socket, count);
}

#ifdef __cplusplus
}
#endif

#endif /* PROTOLAB_H */

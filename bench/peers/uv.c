/* uv.c - the uppercase server on libuv, written as its guide does it.
 *
 * Upper-casing and framing are limit_tcp.c's, so that what differs is libuv. */
#include "../limit.h"

#include <stdbool.h>
#include <uv.h>

enum
{
  LINE = 65536,    /* the longest, newline included */
  RECEIVE = 65536, /* what libuv suggests; for datagrams so much each */
  BACKLOG = 4096
};

struct connection
{
  uv_tcp_t stream;
  uint8_t *partial; /* the beginning of a line that has not wholly come; NULL: none */
  size_t partial_size;
};

/* What the socket would not take at once. */
struct unsent
{
  uv_write_t request;
  uint8_t bytes[];
};

static uint8_t buffer[BATCH * RECEIVE + BLOCK];
static uv_loop_t *loop;
static bool closes, unframed;

static void
check (int status, const char *what)
{
  if (status >= 0)
    return;
  fprintf (stderr, "%s: %s\n", what, uv_strerror (status));
  exit (1);
}

/* ---------------------------------------------------------------- datagrams -- */

static void
lend_datagrams (uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
  (void) handle;
  (void) suggested;
  *room = uv_buf_init ((char *) buffer, BATCH * RECEIVE);
}

static void
answer_datagram (uv_udp_t *server, ssize_t n, const uv_buf_t *datagram, const struct sockaddr *peer,
                 unsigned flags)
{
  uv_buf_t reply;

  (void) flags;
  if (n < 0 || peer == NULL)
    return;
  uppercase ((uint8_t *) datagram->base, (size_t) n);
  reply = uv_buf_init (datagram->base, (unsigned) n);
  uv_udp_try_send (server, &reply, 1, peer);
}

static void
serve_udp (const struct sockaddr *at)
{
  static uv_udp_t server;

  check (uv_udp_init_ex (loop, &server, AF_INET | UV_UDP_RECVMMSG), "uv_udp_init_ex");
  check (uv_udp_bind (&server, at, 0), "uv_udp_bind");
  check (uv_udp_recv_start (&server, lend_datagrams, answer_datagram), "uv_udp_recv_start");
}

/* ------------------------------------------------------------------ streams -- */

static void
forget (uv_handle_t *handle)
{
  struct connection *connection = (struct connection *) handle;

  free (connection->partial);
  free (connection);
}

static void
hang_up (struct connection *connection)
{
  if (!uv_is_closing ((uv_handle_t *) connection))
    uv_close ((uv_handle_t *) connection, forget);
}

static void
lend (uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
  struct connection *connection = (struct connection *) handle;

  (void) suggested;
  if (connection->partial != NULL)
    memcpy (buffer, connection->partial, connection->partial_size);
  *room = uv_buf_init ((char *) buffer + connection->partial_size, RECEIVE);
}

/* How many of the N bytes in the buffer are whole lines; -1: a line is too long. */
static ssize_t
whole_lines (size_t n)
{
  size_t done = 0;
  const uint8_t *newline;

  if (unframed)
    return (ssize_t) n;
  while ((newline = memchr (buffer + done, '\n', n - done)) != NULL)
    {
      done = (size_t) (newline - buffer) + 1;
      if (closes)
        break;
    }
  return n - done < LINE ? (ssize_t) done : -1;
}

static int
keep_partial (struct connection *connection, const uint8_t *bytes, size_t n)
{
  free (connection->partial);
  connection->partial = NULL;
  connection->partial_size = n;
  if (n == 0)
    return 0;
  connection->partial = malloc (n);
  if (connection->partial == NULL)
    return -1;
  memcpy (connection->partial, bytes, n);
  return 0;
}

static void receive (uv_stream_t *stream, ssize_t received, const uv_buf_t *room);

static void
was_sent (uv_write_t *request, int status)
{
  struct connection *connection = (struct connection *) request->handle;

  if (status < 0 || closes)
    hang_up (connection);
  else
    uv_read_start (request->handle, lend, receive);
  free (request->data);
}

/* Sends later what the socket does not take now; until then nothing more is received. */
static int
send_later (struct connection *connection, const uint8_t *bytes, size_t n)
{
  uv_stream_t *stream = (uv_stream_t *) connection;
  struct unsent *unsent = malloc (sizeof *unsent + n);
  uv_buf_t rest;

  if (unsent == NULL)
    return -1;
  memcpy (unsent->bytes, bytes, n);
  rest = uv_buf_init ((char *) unsent->bytes, (unsigned) n);
  unsent->request.data = unsent;
  uv_read_stop (stream);
  return uv_write (&unsent->request, stream, &rest, 1, was_sent);
}

/* -1: the connection is over. */
static int
reply (struct connection *connection, size_t n)
{
  uv_buf_t answer = uv_buf_init ((char *) buffer, (unsigned) n);
  int sent;

  if (n == 0)
    return 0;
  uppercase (buffer, n);
  sent = uv_try_write ((uv_stream_t *) connection, &answer, 1);
  if (sent == UV_EAGAIN)
    sent = 0;
  if (sent < 0)
    return -1;
  if ((size_t) sent < n)
    return send_later (connection, buffer + sent, n - (size_t) sent);
  return closes ? -1 : 0;
}

static void
receive (uv_stream_t *stream, ssize_t received, const uv_buf_t *room)
{
  struct connection *connection = (struct connection *) stream;
  size_t n = connection->partial_size + (received > 0 ? (size_t) received : 0);
  ssize_t answer;

  (void) room;
  if (received == 0)
    return;
  answer = received < 0 ? -1 : whole_lines (n);
  if (answer == -1 || keep_partial (connection, buffer + answer, n - (size_t) answer) == -1
      || reply (connection, (size_t) answer) < 0)
    hang_up (connection);
}

static void
welcome (uv_stream_t *welcoming, int status)
{
  struct connection *connection = calloc (1, sizeof *connection);

  check (status, "accept");
  if (connection == NULL)
    give_up ("connection");
  check (uv_tcp_init (loop, &connection->stream), "uv_tcp_init");
  check (uv_accept (welcoming, (uv_stream_t *) connection), "uv_accept");
  uv_tcp_nodelay (&connection->stream, 1);
  uv_read_start ((uv_stream_t *) connection, lend, receive);
}

static void
serve_tcp (const struct sockaddr *at)
{
  static uv_tcp_t welcoming;

  check (uv_tcp_init (loop, &welcoming), "uv_tcp_init");
  check (uv_tcp_bind (&welcoming, at, 0), "uv_tcp_bind");
  check (uv_listen ((uv_stream_t *) &welcoming, BACKLOG, welcome), "uv_listen");
}

int
main (int argc, char **argv)
{
  uint16_t port = argc == 3 ? read_port (argv[2]) : 0;
  struct sockaddr_in at;

  if (port == 0)
    usage ("uv udp|lines|close|recv PORT");
  loop = uv_default_loop ();
  check (uv_ip4_addr ("127.0.0.1", port, &at), "address");
  closes = strcmp (argv[1], "close") == 0;
  unframed = strcmp (argv[1], "recv") == 0;
  if (strcmp (argv[1], "udp") == 0)
    serve_udp ((struct sockaddr *) &at);
  else
    serve_tcp ((struct sockaddr *) &at);
  return uv_run (loop, UV_RUN_DEFAULT);
}

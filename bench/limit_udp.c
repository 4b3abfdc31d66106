/* limit_udp.c - the UDP uppercase server by hand: what the host is measured against.
 *
 * Datagrams are received, changed and sent 64 at a time, in the same buffers.
 * With --segment, replies of one size that follow one another to one peer are
 * given to the kernel as one large datagram that it cuts up (UDP_SEGMENT, Linux 4.18). */
#include "limit.h"

#include <netinet/udp.h>
#include <stdbool.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum
{
  DATAGRAM = 65507, /* the most that UDP over IPv4 carries */
  /* Not a multiple of 4096: the beginnings of all buffers would share one cache set. */
  ROOM = 65536 + 2 * BLOCK
};

union control
{
  struct cmsghdr align;
  uint8_t space[CMSG_SPACE (sizeof (uint16_t))];
};

static uint8_t buffers[BATCH][ROOM];
static struct sockaddr_in peers[BATCH];
static struct iovec bytes[BATCH];
static struct mmsghdr received[BATCH], replies[BATCH];
static union control controls[BATCH];

static int
receive (int server_socket)
{
  for (int i = 0; i < BATCH; i++)
    {
      bytes[i] = (struct iovec){ buffers[i], DATAGRAM };
      received[i].msg_hdr = (struct msghdr){
        .msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &bytes[i], .msg_iovlen = 1
      };
    }
  return recvmmsg (server_socket, received, BATCH, MSG_WAITFORONE, NULL);
}

static bool
same_peer (const struct sockaddr_in *a, const struct sockaddr_in *b)
{
  return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
}

/* How many datagrams from FIRST on one reply can answer: of one peer and one size, the last may
 * be shorter. */
static int
run_of (int first, int end)
{
  size_t size = bytes[first].iov_len, total = size;
  int next = first + 1;

  while (next < end && bytes[next - 1].iov_len == size && bytes[next].iov_len <= size
         && bytes[next].iov_len > 0 && total + bytes[next].iov_len <= DATAGRAM
         && same_peer (&peers[next], &peers[first]))
    total += bytes[next++].iov_len;
  return next - first;
}

static void
put_segment_size (struct msghdr *reply, union control *control, uint16_t size)
{
  control->align = (struct cmsghdr){
    .cmsg_len = CMSG_LEN (sizeof size), .cmsg_level = IPPROTO_UDP, .cmsg_type = UDP_SEGMENT
  };
  memcpy (CMSG_DATA (&control->align), &size, sizeof size);
  reply->msg_control = control;
  reply->msg_controllen = sizeof *control;
}

/* Changes COUNT datagrams where they are; the number of replies that they make. */
static unsigned
answer (int count, bool segment)
{
  unsigned made = 0;

  for (int i = 0; i < count; i++)
    {
      bytes[i].iov_len = received[i].msg_len;
      uppercase (buffers[i], received[i].msg_len);
    }
  for (int i = 0, run; i < count; i += run, made++)
    {
      struct msghdr *reply = &replies[made].msg_hdr;

      run = segment ? run_of (i, count) : 1;
      *reply = (struct msghdr){
        .msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &bytes[i],
        .msg_iovlen = (size_t) run
      };
      if (run > 1)
        put_segment_size (reply, &controls[made], (uint16_t) bytes[i].iov_len);
    }
  return made;
}

/* A reply that cannot be sent is lost, as UDP's may be. */
static void
send_replies (int server_socket, unsigned count)
{
  for (unsigned done = 0; done < count;)
    {
      int sent = sendmmsg (server_socket, replies + done, count - done, 0);

      done += sent == -1 ? 1 : (unsigned) sent;
    }
}

int
main (int argc, char **argv)
{
  bool segment = argc == 3 && strcmp (argv[2], "--segment") == 0;
  uint16_t port = argc == 2 + segment ? read_port (argv[1]) : 0;
  int server_socket;

  if (port == 0)
    usage ("limit_udp PORT [--segment]");
  server_socket = server_socket_at (port, SOCK_DGRAM);
  for (;;)
    {
      int count = receive (server_socket);

      if (count == -1 && errno != EINTR)
        give_up ("recvmmsg");
      if (count > 0)
        send_replies (server_socket, answer (count, segment));
    }
}

/* limit.h - what the two hand-written servers share. */
#ifndef LIMIT_H
#define LIMIT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
  BLOCK = 64, /* uppercase() works on whole blocks: as many bytes of room must follow a message */
  BATCH = 64  /* datagrams or events at a time */
};

static inline void
uppercase (uint8_t *bytes, size_t n)
{
  for (size_t i = 0; i < n; i += BLOCK)
    for (size_t j = 0; j < BLOCK; j++)
      {
        uint8_t c = bytes[i + j];
        bytes[i + j] = c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
      }
}

/* Does not return. */
static inline void
give_up (const char *what)
{
  perror (what);
  exit (1);
}

/* Does not return. */
static inline void
usage (const char *usage_line)
{
  fprintf (stderr, "usage: %s\n", usage_line);
  exit (2);
}

/* The number in TEXT, or 0 where there is no port's. */
static inline uint16_t
read_port (const char *text)
{
  char *end;
  unsigned long port = strtoul (text, &end, 10);

  return *text < '0' || *text > '9' || *end != '\0' || port > UINT16_MAX ? 0 : (uint16_t) port;
}

/* A socket of TYPE bound to PORT of 127.0.0.1; ends the program where there is none. */
static inline int
server_socket_at (uint16_t port, int type)
{
  struct sockaddr_in at = { .sin_family = AF_INET,
                            .sin_port = htons (port),
                            .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int on = 1;
  int server_socket = socket (AF_INET, type, 0);

  if (server_socket == -1)
    give_up ("socket");
  if ((type & SOCK_STREAM) != 0
      && setsockopt (server_socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
    give_up ("setsockopt");
  if (bind (server_socket, (struct sockaddr *) &at, sizeof at) == -1)
    give_up ("bind");
  return server_socket;
}

#endif

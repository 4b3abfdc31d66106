#include "command/spawn.h"

#include "host/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A server at every address is reached at the loopback one. */
static void
host_for_client (const struct pl_address *server, char *host)
{
  bool six = server->length > 0 && server->as.any.sa_family == AF_INET6;

  if (server->length == 0 || address_is_any (server))
    strcpy (host, six ? "::1" : "127.0.0.1");
  else if (six)
    inet_ntop (AF_INET6, &server->as.in6.sin6_addr, host, INET6_ADDRSTRLEN);
  else
    inet_ntop (AF_INET, &server->as.in4.sin_addr, host, INET6_ADDRSTRLEN);
}

pid_t
spawn (char **argv, const struct pl_address *server)
{
  char host[INET6_ADDRSTRLEN], port[8];
  posix_spawnattr_t attributes;
  sigset_t none, defaults;
  pid_t pid;
  int error;

  host_for_client (server, host);
  snprintf (port, sizeof port, "%u", (unsigned) address_port (server));
  if (setenv ("PROTOLAB_HOST", host, 1) == -1 || setenv ("PROTOLAB_PORT", port, 1) == -1)
    return -1;
  sigemptyset (&none);
  sigemptyset (&defaults);
  sigaddset (&defaults, SIGPIPE);
  errno = posix_spawnattr_init (&attributes);
  if (errno != 0)
    return -1;
  posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigmask (&attributes, &none);
  posix_spawnattr_setsigdefault (&attributes, &defaults);
  error = posix_spawnp (&pid, argv[0], NULL, &attributes, argv, environ);
  posix_spawnattr_destroy (&attributes);
  errno = error;
  return error == 0 ? pid : -1;
}

bool
spawn_ended (pid_t pid, int *status)
{
  int wait_status;

  if (waitpid (pid, &wait_status, WNOHANG) != pid)
    return false;
  *status = WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : 128 + WTERMSIG (wait_status);
  return true;
}

/* faults.c - makes the N-th call that may fail do so; preloaded with LD_PRELOAD.
 *
 *   PROTOLAB_FAULT         N, from 1
 *   PROTOLAB_FAULT_KIND    interrupted: calls that a signal can interrupt fail with EINTR; or else
 *                          each call fails with the first errno that stands with it below
 *   PROTOLAB_FAULT_REPORT  a file that is told which call it was, once it is reached
 *
 * Only the process that is started so counts; its children run undisturbed.  It may use three
 * seconds of the processor, so that one that spins is ended by SIGXCPU. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum
{
  CPU_SECONDS = 3
};

/* glibc's own, below the names that are taken here. */
void *__libc_malloc (size_t n);
void *__libc_calloc (size_t count, size_t n);
void *__libc_realloc (void *from, size_t n);

static long left; /* calls until the one that fails; 0: none will */
static pid_t counting;
static bool interrupted;
static bool resting; /* calls are not counted */
static int report = -1;

__attribute__ ((constructor)) static void
begin (void)
{
  const char *n = getenv ("PROTOLAB_FAULT");
  const char *kind = getenv ("PROTOLAB_FAULT_KIND");
  const char *path = getenv ("PROTOLAB_FAULT_REPORT");
  struct rlimit limit = { CPU_SECONDS, CPU_SECONDS + 2 };

  /* It is removed from the environment, and so from that of the children. */
  unsetenv ("LD_PRELOAD");
  if (n == NULL)
    return;
  setrlimit (RLIMIT_CPU, &limit);
  if (path != NULL)
    report = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  interrupted = kind != NULL && strcmp (kind, "interrupted") == 0;
  counting = getpid ();
  left = strtol (n, NULL, 10);
}

/* Whether this call is the one.  may_wait: a signal can interrupt it. */
static bool
is_the_one (const char *call, int error, bool may_wait)
{
  if (left == 0 || resting || (interrupted && !may_wait) || --left > 0 || getpid () != counting)
    return false;
  if (report != -1)
    {
      ssize_t n = write (report, call, strlen (call));

      (void) n;
    }
  errno = interrupted ? EINTR : error;
  return true;
}

/* libseccomp 2.5.4 goes round for ever where its filter has no memory: it is left in peace. */
static bool
is_the_one_here (const char *call, const void *caller)
{
  Dl_info info;

  if (left > 0 && dladdr (caller, &info) != 0 && strstr (info.dli_fname, "libseccomp") != NULL)
    return false;
  return is_the_one (call, ENOMEM, false);
}

/* ------------------------------------------------------------------ memory -- */

#define IS_THE_ONE(call) is_the_one_here (call, __builtin_return_address (0))

void *
malloc (size_t n)
{
  return IS_THE_ONE ("malloc") ? NULL : __libc_malloc (n);
}

void *
calloc (size_t count, size_t n)
{
  return IS_THE_ONE ("calloc") ? NULL : __libc_calloc (count, n);
}

void *
realloc (void *from, size_t n)
{
  return IS_THE_ONE ("realloc") ? NULL : __libc_realloc (from, n);
}

/* ------------------------------------------------------------ system calls -- */

/* Takes the place of a call: with its parameters, it fails or goes to the real one. */
#define TAKE(type, name, failed, error, may_wait, parameters, arguments) \
  type name parameters \
  { \
    static type (*real) parameters; \
\
    if (is_the_one (#name, error, may_wait)) \
      return failed; \
    if (real == NULL) \
      *(void **) &real = dlsym (RTLD_NEXT, #name); \
    return real arguments; \
  }

TAKE (int, socket, -1, EMFILE, false, (int domain, int type, int protocol),
      (domain, type, protocol))
TAKE (int, bind, -1, EADDRINUSE, false, (int fd, const struct sockaddr *at, socklen_t n),
      (fd, at, n))
TAKE (int, listen, -1, EADDRINUSE, false, (int fd, int backlog), (fd, backlog))
TAKE (int, accept4, -1, EMFILE, true, (int fd, struct sockaddr *peer, socklen_t *n, int flags),
      (fd, peer, n, flags))
TAKE (int, connect, -1, ECONNREFUSED, false, (int fd, const struct sockaddr *to, socklen_t n),
      (fd, to, n))
TAKE (int, setsockopt, -1, ENOPROTOOPT, false,
      (int fd, int level, int option, const void *value, socklen_t n),
      (fd, level, option, value, n))
TAKE (int, getsockopt, -1, ENOBUFS, false,
      (int fd, int level, int option, void *value, socklen_t *n), (fd, level, option, value, n))
TAKE (int, getsockname, -1, ENOBUFS, false, (int fd, struct sockaddr *at, socklen_t *n),
      (fd, at, n))
TAKE (int, shutdown, -1, ENOTCONN, false, (int fd, int how), (fd, how))
TAKE (ssize_t, recv, -1, ECONNRESET, true, (int fd, void *to, size_t n, int flags),
      (fd, to, n, flags))
TAKE (ssize_t, send, -1, EPIPE, true, (int fd, const void *from, size_t n, int flags),
      (fd, from, n, flags))
TAKE (int, recvmmsg, -1, ECONNREFUSED, true,
      (int fd, struct mmsghdr *to, unsigned n, int flags, struct timespec *timeout),
      (fd, to, n, flags, timeout))
TAKE (int, sendmmsg, -1, ENOBUFS, true, (int fd, struct mmsghdr *from, unsigned n, int flags),
      (fd, from, n, flags))
TAKE (ssize_t, read, -1, EIO, true, (int fd, void *to, size_t n), (fd, to, n))
TAKE (int, epoll_create1, -1, EMFILE, false, (int flags), (flags))
TAKE (int, epoll_ctl, -1, ENOSPC, false, (int epoll, int what, int fd, struct epoll_event *event),
      (epoll, what, fd, event))
TAKE (int, epoll_wait, -1, EINTR, true, (int epoll, struct epoll_event *events, int n, int timeout),
      (epoll, events, n, timeout))
TAKE (int, signalfd, -1, EMFILE, false, (int fd, const sigset_t *mask, int flags),
      (fd, mask, flags))
TAKE (ssize_t, getrandom, -1, ENOSYS, false, (void *to, size_t n, unsigned flags), (to, n, flags))
TAKE (int, timer_create, -1, EAGAIN, false,
      (clockid_t clock, struct sigevent *event, timer_t *timer), (clock, event, timer))
TAKE (int, timer_settime, -1, EINVAL, false,
      (timer_t timer, int flags, const struct itimerspec *value, struct itimerspec *old),
      (timer, flags, value, old))
TAKE (int, sigaltstack, -1, ENOMEM, false, (const stack_t *stack, stack_t *old), (stack, old))
TAKE (pid_t, fork, -1, EAGAIN, false, (void), ())
TAKE (int, getaddrinfo, EAI_MEMORY, ENOMEM, false,
      (const char *host, const char *service, const struct addrinfo *hints,
       struct addrinfo **found),
      (host, service, hints, found))
TAKE (int, posix_spawnp, EAGAIN, EAGAIN, false,
      (pid_t * pid, const char *file, const posix_spawn_file_actions_t *actions,
       const posix_spawnattr_t *attributes, char *const argv[], char *const environment[]),
      (pid, file, actions, attributes, argv, environment))
TAKE (int, setenv, -1, ENOMEM, false, (const char *name, const char *value, int over),
      (name, value, over))

/* glibc 2.36 crashes where it reads nsswitch.conf and has no memory: only the whole call fails. */
struct passwd *
getpwnam (const char *name)
{
  static struct passwd *(*real) (const char *name);
  struct passwd *found;

  if (is_the_one ("getpwnam", ENOMEM, false))
    return NULL;
  if (real == NULL)
    *(void **) &real = dlsym (RTLD_NEXT, "getpwnam");
  resting = true;
  found = real (name);
  resting = false;
  return found;
}

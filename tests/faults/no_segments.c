/* no_segments.c - a kernel that knows nothing of UDP_SEGMENT, as before 4.18; preloaded with
 * LD_PRELOAD. */
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <sys/socket.h>

int
sendmmsg (int fd, struct mmsghdr *messages, unsigned count, int flags)
{
  int (*real) (int, struct mmsghdr *, unsigned, int);

  for (unsigned i = 0; i < count; i++)
    {
      struct msghdr *header = &messages[i].msg_hdr;

      for (struct cmsghdr *at = CMSG_FIRSTHDR (header); at != NULL; at = CMSG_NXTHDR (header, at))
        if (at->cmsg_level == IPPROTO_UDP && at->cmsg_type == UDP_SEGMENT)
          {
            errno = EINVAL;
            return i > 0 ? (int) i : -1;
          }
    }
  *(void **) &real = dlsym (RTLD_NEXT, "sendmmsg");
  return real (fd, messages, count, flags);
}

/* web_absent.c - in the place of the live page, where libmicrohttpd was not there to build it. */
#include "observe/web.h"

#include <stdio.h>

struct observer *
web_open (struct loop *loop, uint16_t port, const struct scene *scene, char *error, size_t size)
{
  (void) loop;
  (void) port;
  (void) scene;
  snprintf (error, size,
            "protolab was built without libmicrohttpd: install libmicrohttpd-dev, then run "
            "./configure and make again; --report FILE writes the same page at the end");
  return NULL;
}

uint16_t
web_port (const struct observer *web)
{
  (void) web;
  return 0;
}

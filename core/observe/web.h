/* web.h - a live page of a lab, on loopback: HTTP by libmicrohttpd, events by server-sent events.
 *
 *   web.c         the server, driven by the loop
 *   web_stream.c  one browser that follows the events
 *   web_page.c    requests: the page's files, and who may ask for them
 *   web_absent.c  in the place of these three, where libmicrohttpd is not there
 */
#ifndef PL_OBSERVE_WEB_H
#define PL_OBSERVE_WEB_H

#include "host/loop.h"
#include "observe/event.h"

/* Serves at 127.0.0.1, at that port (0: any free one), on the loop.  scene is lent until the end.
 * NULL with the reason in error.  Ended, and freed, by its end, which gives the browsers a moment
 * to take what they have not yet taken. */
struct observer *web_open (struct loop *loop, uint16_t port, const struct scene *scene, char *error,
                           size_t size);
/* Where it serves. */
uint16_t web_port (const struct observer *web);

#endif

/* http_hello.c - a web server with one page (RFC 9112). */
#define _GNU_SOURCE
#include <protolab.h>
#include <stdio.h>
#include <stdlib.h>

#define HEAD_MAX 8192
#define BODY_MAX 65536
#define TOKEN "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct http_hello_request
{
  const char *status; /* what is wrong with it; NULL: nothing */
  bool lost, last;    /* the next one is not found; none is answered on this connection */
  bool head, counted; /* HEAD; with a Content-Length */
  size_t body;
};

static void
http_hello_lose (struct http_hello_request *r, const char *status)
{
  r->status = status;
  r->lost = r->last = true;
}

/* "METHOD TARGET VERSION" */
static void
http_hello_first_line (struct http_hello_request *r, char *line)
{
  const char *method = strsep (&line, " "), *target = strsep (&line, " ");

  r->last = line != NULL && strcmp (line, "HTTP/1.0") == 0;
  r->head = strcmp (method, "HEAD") == 0;
  if (*method == '\0' || method[strspn (method, TOKEN)] != '\0' || line == NULL
      || (!r->last && strcmp (line, "HTTP/1.1") != 0))
    http_hello_lose (r, "400 Bad Request");
  else if (!r->head && strcmp (method, "GET") != 0)
    r->status = "405 Method Not Allowed\r\nAllow: GET, HEAD";
  else if (strcmp (target, "/") != 0)
    r->status = "404 Not Found";
}

/* "NAME: VALUE".  Whoever found another length in it than we would see other requests than we
 * (request smuggling), so a length that is in doubt is refused. */
static void
http_hello_field (struct http_hello_request *r, char *line)
{
  const char *name = strsep (&line, ":"), *value = line;
  size_t digits, size;

  if (value == NULL || *name == '\0' || name[strspn (name, TOKEN)] != '\0')
    http_hello_lose (r, "400 Bad Request");
  else if (strcasecmp (name, "Transfer-Encoding") == 0)
    http_hello_lose (r, "501 Not Implemented");
  else if (strcasecmp (name, "Connection") == 0 && strcasestr (value, "close") != NULL)
    r->last = true;
  if (r->lost || strcasecmp (name, "Content-Length") != 0)
    return;
  value += strspn (value, " \t");
  digits = strspn (value, "0123456789");
  size = digits == 0 ? 0 : strtoul (value, NULL, 10);
  if (digits == 0 || value[digits + strspn (value + digits, " \t")] != '\0'
      || (r->counted && size != r->body) || size > BODY_MAX)
    http_hello_lose (r, size > BODY_MAX ? "413 Content Too Large" : "400 Bad Request");
  r->counted = true;
  r->body = size;
}

/* The size of the first request; n where it is lost; 0 or more than n where more must come. */
static size_t
http_hello_parse (struct http_hello_request *r, const uint8_t *in, size_t n)
{
  char line[HEAD_MAX + 1];

  for (size_t at = 0, size; !r->lost; at += size)
    {
      const uint8_t *newline = memchr (in + at, '\n', n - at);

      size = newline == NULL ? n - at : (size_t) (newline + 1 - in) - at;
      if (newline == NULL && n <= HEAD_MAX && (n == 0 || *in > ' '))
        return 0;
      snprintf (line, sizeof line, "%.*s", (int) size, (const char *) in + at);
      if (at + size > HEAD_MAX || strcspn (line, "\r") + 2 != size)
        http_hello_lose (r, at + size <= HEAD_MAX ? "400 Bad Request"
                                                  : "431 Request Header Fields Too Large");
      else if (at > 0 && size == 2)
        return at + size + r->body;
      line[strcspn (line, "\r")] = '\0';
      if (!r->lost)
        (at == 0 ? http_hello_first_line : http_hello_field) (r, line);
    }
  return n;
}

static ssize_t
http_hello_frame (struct pl_session *s, const uint8_t *in, size_t n)
{
  struct http_hello_request r = { .status = NULL };
  size_t whole = http_hello_parse (&r, in, n);

  (void) s;
  return whole <= n ? (ssize_t) whole : 0;
}

static int
http_hello_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  struct http_hello_request r = { .status = NULL };

  if (n == 0 || http_hello_parse (&r, in, n) != n)
    return pl_fail (s->lab, "not one whole request; write \"framing\": \"plugin\"");
  if (r.last)
    pl_close (s);
  return pl_sendf (s, "HTTP/1.1 %s\r\n%sContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s",
                   r.status == NULL ? "200 OK" : r.status, r.last ? "Connection: close\r\n" : "",
                   r.status == NULL ? 6 : 0, r.status == NULL && !r.head ? "hello\n" : "");
}

PL_TRANSFORM (http_hello, "A web server", .message = http_hello_message, .frame = http_hello_frame)

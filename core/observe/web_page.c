/* web_page.c - requests: the page's files, and who may ask for them.
 *
 * Any web page that a browser shows can send requests to 127.0.0.1.  A name of its own that it has
 * made to stand for this address (DNS rebinding) shows in Host, another origin in Origin or in
 * Sec-Fetch-Site.  A port other than ours is let pass in Host: it may have been forwarded. */
#include "observe/page.h"
#include "observe/web_parts.h"

#include <strings.h>

#define POLICY \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " \
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " \
  "require-trusted-types-for 'script'; trusted-types 'none'"

void
page_protect (struct MHD_Response *response)
{
  static const char *const headers[][2] = {
    { "Content-Security-Policy", POLICY },
    { "X-Content-Type-Options", "nosniff" },
    { "X-Frame-Options", "DENY" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cache-Control", "no-store" },
  };

  for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
    MHD_add_response_header (response, headers[i][0], headers[i][1]);
}

/* The bytes stay where they are for as long as the program runs. */
static enum MHD_Result
answer (struct MHD_Connection *connection, unsigned status, const char *type, const void *bytes,
        size_t size)
{
  /* It does not write there: MHD_RESPMEM_PERSISTENT. */
  struct MHD_Response *response
      = MHD_create_response_from_buffer (size, (void *) (uintptr_t) bytes, MHD_RESPMEM_PERSISTENT);
  enum MHD_Result result;

  if (response == NULL)
    return MHD_NO;
  MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
  if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
    MHD_add_response_header (response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  page_protect (response);
  result = MHD_queue_response (connection, status, response);
  MHD_destroy_response (response);
  return result;
}

enum MHD_Result
page_refuse (struct MHD_Connection *connection, unsigned status, const char *text)
{
  return answer (connection, status, "text/plain; charset=utf-8", text, strlen (text));
}

static const char *
header (struct MHD_Connection *connection, const char *name)
{
  return MHD_lookup_connection_value (connection, MHD_HEADER_KIND, name);
}

/* "127.0.0.1:8080" and the like. */
static bool
is_here (const char *host)
{
  static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };

  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
      size_t length = strlen (names[i]);

      if (strncasecmp (host, names[i], length) != 0)
        continue;
      if (host[length] == '\0')
        return true;
      if (host[length] == ':')
        return host[length + 1 + strspn (host + length + 1, "0123456789")] == '\0';
    }
  return false;
}

/* Whether the request comes from our page, or from who opens it. */
static bool
is_ours (struct MHD_Connection *connection, const char *host)
{
  const char *origin = header (connection, "Origin");
  const char *site = header (connection, "Sec-Fetch-Site");
  const char *mode = header (connection, "Sec-Fetch-Mode");

  if (origin != NULL
      && (strncasecmp (origin, "http://", 7) != 0 || strcasecmp (origin + 7, host) != 0))
    return false;
  return site == NULL || strcmp (site, "same-origin") == 0 || strcmp (site, "none") == 0
         || (mode != NULL && strcmp (mode, "navigate") == 0);
}

static enum MHD_Result
answer_path (struct web *web, struct MHD_Connection *connection, const char *path)
{
  if (strcmp (path, "/events") == 0)
    return stream_begin (web, connection);
  for (size_t i = 0; i < PAGE_FILES; i++)
    if (strcmp (path, page_files[i].path) == 0)
      return answer (connection, MHD_HTTP_OK, page_files[i].type, page_files[i].bytes,
                     page_files[i].size);
  return page_refuse (connection, MHD_HTTP_NOT_FOUND, "There is no such page: try /\n");
}

enum MHD_Result
page_answer (void *self, struct MHD_Connection *connection, const char *path, const char *method,
             const char *version, const char *upload, size_t *upload_size, void **request)
{
  static char begun;
  const char *host = header (connection, "Host");

  (void) version;
  (void) upload;
  if (strcmp (method, "GET") != 0 && strcmp (method, "HEAD") != 0)
    return page_refuse (connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET is known here.\n");
  /* The first call is told of the headers alone; an answer to it would close the connection. */
  if (*request == NULL)
    {
      *request = &begun;
      return MHD_YES;
    }
  if (*upload_size > 0)
    {
      *upload_size = 0;
      return MHD_YES;
    }
  if (host == NULL || !is_here (host))
    return page_refuse (connection, MHD_HTTP_FORBIDDEN,
                        "This page is for 127.0.0.1 and localhost alone.\n");
  if (!is_ours (connection, host))
    return page_refuse (connection, MHD_HTTP_FORBIDDEN, "Another site may not read this page.\n");
  return answer_path (self, connection, path);
}

#include "command/lab.h"

#include "host/address.h"
#include "host/guard.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

/* As many descriptors as the system lets us have: a session needs one. */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur == limit.rlim_max)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static enum status
override_link (struct lab *lab, const struct invocation *in)
{
  char message[256], remedy[256];
  bool script = false;

  if (in->no_link)
    lab_clear_link (lab);
  for (size_t i = 0; i < in->link_count; i++)
    {
      const struct link_option *option = &in->link[i];

      if (strcmp (option->key, "script") == 0 && !script)
        {
          lab->link.script_count = 0;
          script = true;
        }
      if (lab_set_link (lab, option->key, option->value, message, remedy, sizeof message) == -1)
        {
          complain (in->command->name, "--%s \"%s\": %s", option->name, option->value, message);
          if (remedy[0] != '\0')
            advise ("%s%s", remedy, remedy[strlen (remedy) - 1] == '?' ? "" : ".");
          return STATUS_USAGE;
        }
    }
  return STATUS_DONE;
}

static enum status
override (struct lab *lab, const struct invocation *in)
{
  if (override_link (lab, in) != STATUS_DONE)
    return STATUS_USAGE;
  if (in->workers > 0)
    lab->workers = (unsigned) in->workers;
  if (lab->workers > 1 && lab_sharing_transform (lab) != NULL)
    {
      complain (in->command->name,
                "--workers %u: the sessions of %s share state, which several processes cannot",
                lab->workers, lab_sharing_transform (lab));
      return STATUS_USAGE;
    }
  if (in->port != -1)
    lab->port = (uint16_t) in->port;
  if (in->host != NULL)
    {
      char *host = strdup (in->host);

      if (host == NULL)
        {
          complain (in->command->name, "%s", strerror (errno));
          return STATUS_OUR_FAULT;
        }
      free (lab->host);
      lab->host = host;
    }
  return STATUS_DONE;
}

enum status
opened_lab (struct opened *opened, const struct invocation *in, const char *path)
{
  struct lab_plugins finder = { .find = plugins_find };
  struct report report;
  enum status unread;

  *opened = (struct opened){ .plugins = plugins_new (), .loop = loop_new () };
  if (opened->plugins == NULL || opened->loop == NULL)
    {
      complain (in->command->name, "%s", strerror (errno));
      return STATUS_OUR_FAULT;
    }
  if (guard_crashes (STATUS_OUR_FAULT) == -1)
    {
      complain ("signals", "%s", strerror (errno));
      return STATUS_OUR_FAULT;
    }
  raise_descriptor_limit ();
  finder.self = opened->plugins;
  report_init (&report, path);
  opened->lab = lab_read (&finder, &report);
  report_write (&report, stderr);
  unread = report.out_of_memory ? STATUS_OUR_FAULT : STATUS_USAGE;
  report_free (&report);
  return opened->lab == NULL ? unread : override (opened->lab, in);
}

void
opened_close (struct opened *opened)
{
  loop_free (opened->loop);
  lab_free (opened->lab);
  plugins_free (opened->plugins);
}

size_t
opened_addresses (const struct opened *opened, bool passive, struct pl_address *list)
{
  char error[REASON_SIZE];
  size_t count
      = address_resolve (opened->lab->host, opened->lab->port, passive, list, error, sizeof error);

  if (count == 0)
    {
      complain (opened->lab->host, "%s", error);
      advise ("Give another with --host, or a number such as 127.0.0.1.");
    }
  return count;
}

const char *
opened_where (const struct opened *opened, const struct pl_address *address, char *text,
              size_t size)
{
  char number[ADDRESS_TEXT];

  snprintf (text, size, "%s %s", opened->lab->transport.name, address_text (address, number));
  return text;
}

/* What can be done where the server cannot be at its address. */
static void
advise_on_listen (const struct opened *opened, const struct pl_address *at, int error)
{
  const char *transport = opened->lab->transport.name;
  unsigned port = address_port (at);

  if (error == EADDRINUSE)
    advise ("Another program has that port. \"ss -l%snp 'sport = :%u'\" shows which one; "
            "--port 0 takes any free port.",
            strcmp (transport, "udp") == 0 ? "u" : "t", port);
  else if (error == EACCES)
    advise ("Ports below 1024 are for root: take another with --port.");
  else if (error == EADDRNOTAVAIL)
    advise ("This machine does not have that address: \"ip address\" lists those that it has.");
}

struct endpoint *
opened_server (struct opened *opened, struct loop *loop, struct audience *audience,
               enum status *status)
{
  struct pl_address addresses[ADDRESSES_MAX];
  size_t count = opened_addresses (opened, true, addresses);
  struct endpoint *server;
  char error[REASON_SIZE], where[ADDRESS_TEXT + 64];
  int saved = 0;

  *status = STATUS_USAGE;
  if (count == 0)
    return NULL;
  server = endpoint_new (loop, opened->lab, SIDE_SERVER, &chain_application, NULL, error,
                         sizeof error);
  if (server == NULL)
    {
      complain (opened->lab->path, "%s", error);
      return NULL;
    }
  endpoint_observe (server, audience);
  if (endpoint_play_link (server) == -1)
    {
      complain (opened->lab->path, "out of memory");
      endpoint_free (server);
      *status = STATUS_OUR_FAULT;
      return NULL;
    }
  for (size_t i = 0; i < count; i++)
    {
      if (endpoint_listen (server, &addresses[i], error, sizeof error) == 0)
        return server;
      saved = errno;
    }
  *status = STATUS_FAILED;
  complain (opened_where (opened, &addresses[count - 1], where, sizeof where), "%s", error);
  advise_on_listen (opened, &addresses[count - 1], saved);
  endpoint_free (server);
  return NULL;
}

/* cross.c - what keys must be for each other. */
#include "lab/reader.h"

enum
{
  LENGTH16_MAX = 65535 /* bytes: what two bytes can count */
};

/* A value that is given, where it stands; 0: the default is used. */
static size_t
given (const struct reader *r, const char *object, const char *key)
{
  size_t node = object == NULL ? 0 : reader_member (r, 0, object);

  if (object != NULL && (node == 0 || r->scan.nodes[node].kind != SCAN_OBJECT))
    return 0;
  return reader_member (r, node, key);
}

/* Whether a given number was good, and so is in the lab. */
static bool
is_kept (const struct reader *r, size_t node, size_t kept)
{
  return r->scan.nodes[node].kind == SCAN_NUMBER && r->json[node]->valuedouble == (double) kept;
}

static bool
carries_datagrams (const struct lab *lab)
{
  return lab->transport.plugin->transport->carries == PL_DATAGRAMS;
}

/* limit: where "message_bytes" is given, or 0. */
static void
check_framing (struct reader *r, size_t node, size_t limit)
{
  const struct lab *lab = r->lab;
  const struct lab_plugin *first = &lab->transforms[0];
  bool datagrams = carries_datagrams (lab);
  size_t place = r->scan.nodes[node].at;
  char name[32];

  framing_name (lab->framing, name, sizeof name);
  if (datagrams && lab->framing.kind != FRAMING_DATAGRAM)
    report_add (r->report, place, "Write \"datagram\", or leave the key out",
                "\"framing\": \"%s\" cuts a stream, and %s carries datagrams", name,
                lab->transport.name);
  else if (!datagrams && lab->framing.kind == FRAMING_DATAGRAM)
    report_add (r->report, place,
                "Write \"line\", \"recv\" or another word that says where a message ends",
                "\"framing\": %s carries a stream, which has no datagrams", lab->transport.name);
  else if (lab->framing.kind == FRAMING_PLUGIN && first->plugin != NULL
           && first->plugin->transform->frame == NULL)
    report_add (r->report, place, "Write \"line\" or another word that says where a message ends",
                "\"framing\": the transform %s has no frame hook, so it cannot cut a stream",
                first->name);
  else if (lab->framing.kind == FRAMING_FIXED && lab->framing.size > lab->limits.message_bytes
           && (limit == 0 || is_kept (r, limit, lab->limits.message_bytes)))
    report_add (r->report, place,
                "Raise \"message_bytes\" in \"limits\", or make the messages shorter",
                "\"framing\": messages of %zu bytes, but \"message_bytes\" is %zu",
                lab->framing.size, lab->limits.message_bytes);
}

/* No message can be longer than what carries it. */
static void
check_message_bytes (struct reader *r, size_t node)
{
  struct lab *lab = r->lab;
  bool datagrams = carries_datagrams (lab);
  size_t most = SIZE_MAX;

  if (datagrams)
    most = PL_DATAGRAM_MAX;
  else if (lab->framing.kind == FRAMING_LENGTH16)
    most = LENGTH16_MAX;
  if (lab->limits.message_bytes <= most)
    return;
  if (node == 0)
    lab->limits.message_bytes = most;
  else if (is_kept (r, node, lab->limits.message_bytes))
    report_add (r->report, r->scan.nodes[node].at, NULL,
                "\"message_bytes\": a number from 1 to %zu is wanted, the most that %s", most,
                datagrams ? "a datagram carries" : "two bytes of length can count");
}

const char *
lab_sharing_transform (const struct lab *lab)
{
  for (size_t i = 0; i < lab->transform_count; i++)
    if (lab->transforms[i].plugin != NULL
        && (lab->transforms[i].plugin->transform->flags & PL_SHARED_STATE))
      return lab->transforms[i].name;
  return NULL;
}

/* Processes share no memory: sessions that must know of each other stay in one. */
static void
check_workers (struct reader *r, size_t node)
{
  const char *sharing = lab_sharing_transform (r->lab);

  if (node != 0 && r->lab->workers > 1 && sharing != NULL)
    report_add (r->report, r->scan.nodes[node].at, "Leave the key out",
                "\"workers\": the sessions of %s share state, which several processes cannot",
                sharing);
}

/* Each worker would number the flows anew, and which of them a client meets is the kernel's choice:
 * no packet could be told its fate. */
static void
check_link_workers (struct reader *r, size_t link)
{
  size_t workers = given (r, NULL, "workers");

  if (link != 0 && workers != 0 && r->lab->workers > 1)
    report_add (r->report, r->scan.nodes[workers].at, "Leave the key out",
                "\"workers\": a link numbers the packets of one process, not of several");
}

/* Some of its keys are for datagrams alone, some for streams. */
static void
check_link (struct reader *r, size_t link)
{
  const struct rule *rules = rule_find (lab_rules, "link")->inside;
  char reason[160];

  READER_EACH (r, child, link)
  {
    const struct rule *rule = rule_find (rules, r->scan.nodes[child].name);

    if (rule != NULL && !r->scan.nodes[child].repeated
        && link_misfits (&r->lab->transport, rule, reason, sizeof reason))
      report_add (r->report, r->scan.nodes[child].key, "Leave the key out", "\"%s\": %s", rule->key,
                  reason);
  }
}

void
cross_check (struct reader *r)
{
  struct lab *lab = r->lab;
  size_t framing = given (r, NULL, "framing");
  size_t close = given (r, NULL, "close");
  size_t limit = given (r, "limits", "message_bytes");
  size_t link = given (r, NULL, "link");
  bool datagrams;

  check_workers (r, given (r, NULL, "workers"));
  check_link_workers (r, link);
  /* Without a transport there is nothing to hold the rest against. */
  if (lab->transport.plugin == NULL)
    return;
  datagrams = carries_datagrams (lab);
  if (framing == 0)
    lab->framing.kind = datagrams ? FRAMING_DATAGRAM : FRAMING_LINE;
  else if (r->framing_known)
    check_framing (r, framing, limit);
  check_message_bytes (r, limit);
  if (link != 0 && r->scan.nodes[link].kind == SCAN_OBJECT)
    check_link (r, link);

  if (datagrams && lab->close_after_reply)
    report_add (r->report, r->scan.nodes[close].at, "Leave the key out",
                "\"close\": %s carries datagrams and has no connection that could be closed",
                lab->transport.name);
}

/* rules.c - what a descriptor may say: one row a key. */
#include "lab/rules.h"

#include <ctype.h>

/* ------------------------------------------------------------------ texts -- */

static bool
is_one_line (const char *text)
{
  const unsigned char *p = (const unsigned char *) text;

  for (; *p != '\0'; p++)
    if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0))
      return false;
  return true;
}

static bool
is_name (const char *text)
{
  const char *p = text;

  while (isalnum ((unsigned char) *p) || *p == '.' || *p == '_' || *p == '-')
    p++;
  return p > text && *p == '\0';
}

static bool
is_host (const char *text)
{
  return *text != '\0' && is_one_line (text) && strchr (text, ' ') == NULL;
}

static const struct text_rule one_line
    = { "a text without line breaks and other control characters",
        "^[^\\u0000-\\u001f\\u007f-\\u009f]*$", is_one_line };
static const struct text_rule name
    = { "a name of letters, digits, \".\", \"_\" and \"-\"", "^[A-Za-z0-9._-]+$", is_name };
static const struct text_rule host
    = { "an address or a name without blanks", "^[^\\u0000-\\u0020\\u007f-\\u009f]+$", is_host };

/* ------------------------------------------------------------------- rows -- */

#define KEPT(member) \
  .offset = offsetof (struct lab, member), .width = sizeof (((struct lab *) NULL)->member)
#define RANGE(least, most) .min = (least), .max = (most)

static const struct rule client_rules[] = {
  { "prompt", RULE_TEXT, .text = &one_line, KEPT (client.prompt),
    .preset = "Input lowercase sentence: ", .help = "what the client asks for each sentence with" },
  { "repeat", RULE_BOOLEAN, KEPT (client.repeat), .preset = "true",
    .help = "whether it asks again after the answer" },
  { "timeout_ms", RULE_INTEGER, RANGE (1, 3600000), KEPT (client.timeout_ms), .preset = "2000",
    .help = "how long it waits for an answer, in milliseconds" },
  { .key = NULL },
};

static const struct rule limits_rules[] = {
  { "message_bytes", RULE_INTEGER, RANGE (1, 16777216), KEPT (limits.message_bytes),
    .preset = "1048576", .help = "bytes of the longest message" },
  { "sessions", RULE_INTEGER, RANGE (1, 1000000), KEPT (limits.sessions), .preset = "20000",
    .help = "conversations at one time" },
  { "handshake_ms", RULE_INTEGER, RANGE (0, 86400000), KEPT (limits.handshake_ms),
    .preset = "600000",
    .help = "milliseconds until a session's first message has come; 0: no limit" },
  { "idle_ms", RULE_INTEGER, RANGE (0, 86400000), KEPT (limits.idle_ms), .preset = "600000",
    .help = "milliseconds of silence after which a session is ended; 0: never" },
  { "total_ms", RULE_INTEGER, RANGE (0, 86400000), KEPT (limits.total_ms), .preset = "0",
    .help = "milliseconds that a session may last; 0: no limit" },
  { "unsent_bytes", RULE_INTEGER, RANGE (1, 1073741824), KEPT (limits.unsent_bytes),
    .preset = "1048576", .help = "bytes of answers that a peer may leave unread" },
  { .key = NULL },
};

static const struct rule script_element = { .type = RULE_EVENT };

static const struct rule link_rules[] = {
  { "seed", RULE_INTEGER, RANGE (0, RULE_INTEGER_MAX), KEPT (link.seed), .preset = "1",
    .help = "what all dice of the link follow from" },
  { "loss", RULE_NUMBER, RANGE (0, 1), KEPT (link.loss), .preset = "0", .carries = PL_DATAGRAMS,
    .help = "the share of packets that are lost" },
  { "duplicate", RULE_NUMBER, RANGE (0, 1), KEPT (link.duplicate), .preset = "0",
    .carries = PL_DATAGRAMS, .help = "the share that comes twice" },
  { "corrupt", RULE_NUMBER, RANGE (0, 1), KEPT (link.corrupt), .preset = "0",
    .carries = PL_DATAGRAMS, .help = "the share in which a bit is changed" },
  { "truncate", RULE_NUMBER, RANGE (0, 1), KEPT (link.truncate), .preset = "0",
    .carries = PL_DATAGRAMS, .help = "the share that is cut short" },
  { "reorder", RULE_NUMBER, RANGE (0, 1), KEPT (link.reorder), .preset = "0",
    .carries = PL_DATAGRAMS, .help = "the share that is overtaken by the next" },
  { "delay_ms", RULE_INTEGER, RANGE (0, 3600000), KEPT (link.delay_ms), .preset = "0",
    .help = "milliseconds that each packet is on its way" },
  { "jitter_ms", RULE_INTEGER, RANGE (0, 3600000), KEPT (link.jitter_ms), .preset = "0",
    .help = "milliseconds by which that varies, both ways" },
  { "rate_kbps", RULE_INTEGER, RANGE (1, 1000000000), KEPT (link.rate_kbps),
    .help = "kilobits that pass in a second" },
  { "slice", RULE_INTEGER, RANGE (1, 1073741824), KEPT (link.slice), .carries = PL_STREAM,
    .help = "the most bytes of a stream that travel together" },
  { "reset_after", RULE_INTEGER, RANGE (1, RULE_INTEGER_MAX), KEPT (link.reset_after),
    .carries = PL_STREAM, .help = "bytes of a stream after which it is reset" },
  { "direction", RULE_WORD, .words = "in|out|both", KEPT (link.direction), .preset = "both",
    .help = "in (to the server), out (to the client) or both" },
  { "script", RULE_LIST, .max = LAB_SCRIPT_MAX, .inside = &script_element,
    .carries = PL_DATAGRAMS, .help = "what happens to which packet, like \"drop 3 in\"" },
  { .key = NULL },
};

static const struct rule require_element
    = { .type = RULE_WORD, .words = "unicode|timeout|concurrent|restart" };

static const struct rule check_rules[] = {
  { "tier", RULE_WORD, .words = "textbook|stream|hostile", .preset = "textbook",
    .help = "how hard a student's program is tried" },
  { "require", RULE_LIST, .inside = &require_element,
    .help = "what the exercise asks for beyond its tier" },
  { "points", RULE_INTEGER, RANGE (0, 1000), .help = "what it is worth" },
  { .key = NULL },
};

const struct rule lab_rules[] = {
  { "$schema", RULE_ANY, .help = "where editors find the rules of this file" },
  { "name", RULE_TEXT, .text = &name, KEPT (name),
    .help = "the lab's name; else that of its file" },
  { "title", RULE_TEXT, .text = &one_line, KEPT (title), .help = "the exercise in a few words" },
  { "about", RULE_TEXT, KEPT (about), .help = "the exercise as students read it, in Markdown" },
  { "transport", RULE_TRANSPORT, .example = "\"udp\"", .help = "the plugin that moves bytes" },
  { "transform", RULE_CHAIN, .example = "\"uppercase\"",
    .help = "the plugin that answers messages, or a chain of them" },
  { "port", RULE_INTEGER, RANGE (0, 65535), KEPT (port), .example = "12000",
    .help = "the server's port; 0: any free one" },
  { "host", RULE_TEXT, .text = &host, KEPT (host), .preset = "127.0.0.1",
    .help = "the server's address or name" },
  { "framing", RULE_FRAMING, .words = "datagram|recv|line|eof|length16|length32|fixed:N|plugin",
    .help = "how a stream is cut into messages" },
  { "close", RULE_WORD, .words = "keep|after-reply", KEPT (close_after_reply), .preset = "keep",
    .help = "whether the server closes a connection after its answer" },
  { "client", RULE_OBJECT, .inside = client_rules, .help = "the interactive client" },
  { "link", RULE_OBJECT, .inside = link_rules, .help = "what the network does to packets" },
  { "limits", RULE_OBJECT, .inside = limits_rules, .help = "what the server puts up with" },
  { "workers", RULE_INTEGER, RANGE (1, 64), KEPT (workers), .preset = "1",
    .help = "processes that share the port" },
  { "check", RULE_OBJECT, .inside = check_rules, .help = "how students' programs are checked",
    .not_yet = "this version of protolab cannot check programs" },
  { .key = NULL },
};

const struct rule *
rule_find (const struct rule *rules, const char *key)
{
  for (; rules->key != NULL; rules++)
    if (strcmp (rules->key, key) == 0)
      return rules;
  return NULL;
}

bool
rule_is_free (const char *key)
{
  return strncmp (key, "x-", 2) == 0;
}

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

/* Goes past that word and the blank behind it. */
static bool
skip_word (const char **p, const char *word)
{
  size_t n = strlen (word);

  if (strncmp (*p, word, n) != 0 || ((*p)[n] != ' ' && (*p)[n] != '\0'))
    return false;
  *p += n + ((*p)[n] == ' ');
  return true;
}

/* Goes past a number from 1 up with at most six digits. */
static bool
skip_number (const char **p)
{
  size_t n = strspn (*p, "0123456789");

  if (n == 0 || n > 6 || **p == '0')
    return false;
  *p += n;
  return true;
}

/* "drop 3 in", "delay 2 out 300ms" */
static bool
is_event (const char *text)
{
  static const char *const fates[] = { "drop", "duplicate", "corrupt", "truncate" };
  const char *p = text;
  bool delay = skip_word (&p, "delay");

  for (size_t i = 0; !delay && p == text && i < sizeof fates / sizeof fates[0]; i++)
    skip_word (&p, fates[i]);
  if (p == text || !skip_number (&p) || *p++ != ' ')
    return false;
  if (!skip_word (&p, "in") && !skip_word (&p, "out"))
    return false;
  return !delay ? *p == '\0' && p[-1] != ' ' : skip_number (&p) && strcmp (p, "ms") == 0;
}

static const struct text_rule one_line
    = { "a text without line breaks and other control characters",
        "^[^\\u0000-\\u001f\\u007f-\\u009f]*$", is_one_line };
static const struct text_rule name
    = { "a name of letters, digits, \".\", \"_\" and \"-\"", "^[A-Za-z0-9._-]+$", is_name };
static const struct text_rule host
    = { "an address or a name without blanks", "^[^\\u0000-\\u0020\\u007f-\\u009f]+$", is_host };
static const struct text_rule event
    = { "an event like \"drop 3 in\" or \"delay 2 out 300ms\"",
        "^((drop|duplicate|corrupt|truncate) [1-9][0-9]{0,5} (in|out)"
        "|delay [1-9][0-9]{0,5} (in|out) [1-9][0-9]{0,5}ms)$",
        is_event };

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

static const struct rule script_element = { .type = RULE_TEXT, .text = &event };

static const struct rule link_rules[] = {
  { "seed", RULE_INTEGER, RANGE (0, RULE_INTEGER_MAX), .help = "what the dice begin with" },
  { "loss", RULE_NUMBER, RANGE (0, 1), .help = "the share of packets that are lost" },
  { "duplicate", RULE_NUMBER, RANGE (0, 1), .help = "the share that comes twice" },
  { "corrupt", RULE_NUMBER, RANGE (0, 1), .help = "the share in which a bit is changed" },
  { "truncate", RULE_NUMBER, RANGE (0, 1), .help = "the share that is cut short" },
  { "reorder", RULE_NUMBER, RANGE (0, 1), .help = "the share that is overtaken by the next" },
  { "delay_ms", RULE_INTEGER, RANGE (0, 3600000), .help = "how long each packet is on its way" },
  { "jitter_ms", RULE_INTEGER, RANGE (0, 3600000), .help = "how much that time varies" },
  { "rate_kbps", RULE_INTEGER, RANGE (1, 1000000000), .help = "kilobits that pass in a second" },
  { "slice", RULE_INTEGER, RANGE (1, 1073741824),
    .help = "the most bytes of a stream that travel together" },
  { "reset_after", RULE_INTEGER, RANGE (0, RULE_INTEGER_MAX),
    .help = "bytes of a stream after which the connection is reset" },
  { "direction", RULE_WORD, .words = "in|out|both", .preset = "both",
    .help = "towards the server, towards the client, or both" },
  { "script", RULE_LIST, .inside = &script_element, .help = "what happens to which packet" },
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
  { "link", RULE_OBJECT, .inside = link_rules, .help = "what the network does to packets",
    .not_yet = "this version of protolab cannot play a network" },
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

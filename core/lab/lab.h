/* lab.h - one lab, as its descriptor says; protolab-lab(5). */
#ifndef PL_LAB_LAB_H
#define PL_LAB_LAB_H

#include "lab/report.h"

enum
{
  LAB_CHAIN_MAX = 8,    /* transforms in a chain */
  LAB_SCRIPT_MAX = 256, /* lines of a link's script */
  LAB_PACKET_MAX = 999999 /* the highest number of a packet in one */
};

enum framing_kind
{
  FRAMING_DATAGRAM,
  FRAMING_RECV,
  FRAMING_LINE,
  FRAMING_EOF,
  FRAMING_LENGTH16,
  FRAMING_LENGTH32,
  FRAMING_FIXED,
  FRAMING_PLUGIN
};

struct framing
{
  enum framing_kind kind;
  size_t size; /* FRAMING_FIXED: bytes of every message, at least 1 */
};

/* One parameter with its value, given or preset. */
struct lab_value
{
  const struct pl_param *param; /* the plugin's row */
  bool given;                   /* by the descriptor; else the preset */
  int64_t integer;              /* PL_INTEGER */
  bool boolean;                 /* PL_BOOLEAN */
  char *string;                 /* PL_STRING; the lab's */
};

struct lab_plugin
{
  char *name;
  const struct pl_plugin *plugin; /* loaded; owned by the one who loaded it */
  struct lab_value *values;       /* one a row of its table, in that order */
  size_t count;
};

/* What a line of the script lets happen, in the order of its words. */
enum lab_misfortune
{
  LAB_DROP,
  LAB_DUPLICATE,
  LAB_CORRUPT,
  LAB_TRUNCATE,
  LAB_REORDER,
  LAB_DELAY
};

enum lab_direction
{
  LAB_IN,  /* towards the server */
  LAB_OUT, /* towards the client */
  LAB_BOTH
};

/* One line of the script, "delay 3-5 in 300ms": to packets of every flow, by their number in it. */
struct lab_event
{
  enum lab_misfortune what;
  enum lab_direction direction; /* LAB_IN or LAB_OUT */
  uint32_t first, last;         /* from 1 */
  uint32_t every;               /* not 0: each packet whose number it divides, and no first and last */
  int64_t amount;               /* LAB_DELAY: milliseconds; LAB_TRUNCATE: bytes, -1: by the dice */
};

/* What the network does: protolab-lab(5), "link".  The keys by their names; 0 stands for no
 * rate, slice or reset. */
struct lab_link
{
  int64_t seed;
  double loss, duplicate, corrupt, truncate, reorder;
  int64_t delay_ms, jitter_ms, rate_kbps, slice, reset_after;
  enum lab_direction direction;
  struct lab_event script[LAB_SCRIPT_MAX];
  size_t script_count;
};

struct lab
{
  char *path;
  char *name, *title, *about; /* title and about may be NULL */

  struct lab_plugin transport;
  struct lab_plugin transforms[LAB_CHAIN_MAX];
  size_t transform_count; /* at least 1 */

  char *host;
  uint16_t port; /* 0: any free one */
  struct framing framing;
  bool close_after_reply;

  struct
  {
    char *prompt;
    bool repeat;
    int64_t timeout_ms;
  } client;

  struct
  {
    size_t message_bytes; /* the longest message */
    size_t sessions;      /* at one time */
    int64_t handshake_ms; /* until the first message has come; 0: for ever */
    int64_t idle_ms;      /* between two bytes; 0: for ever */
    int64_t total_ms;     /* a whole session; 0: for ever */
    size_t unsent_bytes;  /* that one session's peer may leave unread */
  } limits;

  struct lab_link link;
  unsigned workers;
};

/* Finds plugins for lab_read, so that lab/ needs no loader. */
struct lab_plugins
{
  /* A plugin of that name and kind, that stays loaded for longer than the lab;
   * or NULL with the reason in message and, where there is one, a remedy (each a
   * buffer of size bytes). */
  const struct pl_plugin *(*find) (void *self, enum pl_kind kind, const char *name, char *message,
                                   char *remedy, size_t size);
  void *self;
};

/* Reads a descriptor from a file.  NULL: what is wrong is in the report, which
 * the caller has made with report_init for that path.  The lab is ended with
 * lab_free. */
struct lab *lab_read (const struct lab_plugins *plugins, struct report *report);

/* The same for text that is already here. */
struct lab *lab_parse (const char *text, size_t size, const struct lab_plugins *plugins,
                       struct report *report);

void lab_free (struct lab *lab);

/* Whether its link does anything at all. */
bool lab_plays_link (const struct lab *lab);

/* As if the lab had none. */
void lab_clear_link (struct lab *lab);

/* Gives a key of "link" another value, as the descriptor would; a line of "script" is added to
 * those that are there.  0, or -1 with what is wrong with the text and, where there is one, a
 * remedy (each a buffer of size bytes). */
int lab_set_link (struct lab *lab, const char *key, const char *text, char *message, char *remedy,
                  size_t size);

/* The name of a transform whose sessions share state, so that the lab can have one worker
 * only; NULL: there is none. */
const char *lab_sharing_transform (const struct lab *lab);

/* "line", "fixed:4", ...; in a buffer of at least 32 bytes, which it returns. */
const char *framing_name (struct framing framing, char *buffer, size_t size);

/* The word in the list nearest to the given one, or NULL where none is near
 * enough to be meant.  The list ends with NULL. */
const char *suggest (const char *word, const char *const *list);

#endif

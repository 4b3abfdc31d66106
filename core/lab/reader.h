/* reader.h - the parts of the descriptor's reader, for each other. */
#ifndef PL_LAB_READER_H
#define PL_LAB_READER_H

#include "lab/rules.h"
#include "lab/scan.h"

#include <cjson/cJSON.h>

enum
{
  READER_CLIP = 64 /* bytes for a quoted word of the descriptor in a message */
};

/* Values go by their index in scan.nodes and in json alike.  0, the outermost, is
 * inside of nothing, and so stands for "no such member" too. */
struct reader
{
  struct report *report;
  const struct lab_plugins *plugins;
  struct scan scan;
  cJSON *root;
  const cJSON **json;
  struct lab *lab;
  bool framing_known; /* a good one is given */
};

/* Goes through the children of a node. */
#define READER_EACH(r, child, node) \
  for (size_t child = (node) + 1; child < (r)->scan.nodes[node].end; \
       child = (r)->scan.nodes[child].end)

/* tree.c */

/* Reads report->text as JSON.  false: what is wrong is in the report.  To be ended
 * with reader_close either way. */
bool reader_open (struct reader *r);
void reader_close (struct reader *r);

/* The member of an object with that key, the first of repeated ones, or 0. */
size_t reader_member (const struct reader *r, size_t object, const char *key);

/* The key by which messages name a value: its own, or that of the list it is in. */
const char *reader_label (const struct reader *r, size_t node);

/* Where that key stands. */
size_t reader_label_place (const struct reader *r, size_t node);

/* The value of a text, without escapes. */
const char *reader_text (const struct reader *r, size_t node);

/* "5 GHz" as it is, a long text with an ellipsis; in buffer, which it returns. */
const char *reader_clip (char buffer[READER_CLIP], const char *text);

/* words.c */

/* A list of words, taken apart for suggest(): to be freed with one free().
 * NULL: out of memory. */
const char **words_split (const char *words);

/* The index of a word among "one|two|three"; -1: it is none of them. */
int words_index (const char *words, const char *word);

/* The words as a sentence has them: "one", "two" or "three".  To be freed;
 * NULL: out of memory. */
char *words_choice (const char *const *words, const char *last);

/* values.c */

/* Reports "KEY": WANTED is wanted, not what is there. */
void value_refuse (struct reader *r, size_t node, const char *wanted);

/* Reports an unknown word, with the nearest of the known ones or with all. */
void value_unknown (struct reader *r, size_t node, const char *words);

/* Whether a value is what its row says, objects with all that is in them.  Values
 * that are kept go into the lab.  false: what is wrong is in the report. */
bool value_read (struct reader *r, const struct rule *rule, size_t node);

/* Only judges it: for rows that keep nothing. */
bool value_fits (struct reader *r, const struct rule *rule, size_t node);

/* What a row wants: "a number from 0 to 1"; returns to, or a text that stays. */
const char *value_wanted (const struct rule *rule, char *to, size_t size);

/* A copy of a text in place of the one that *to holds. */
void value_copy (struct report *report, const char *text, char **to);

/* members.c */

/* Reads the members of an object by their rows. */
void members_read (struct reader *r, size_t object, const struct rule *rules);

/* Gives each member of the lab its default. */
void members_preset (struct reader *r, const struct rule *rules);

/* Puts a number that fits its row into the lab. */
void keep_number (const struct rule *rule, struct lab *lab, uint64_t value);
void keep_real (const struct rule *rule, struct lab *lab, double value);

/* params.c */

void plugin_read (struct reader *r, enum pl_kind kind, size_t node, struct lab_plugin *to);
void chain_read (struct reader *r, size_t node);
void plugin_free (struct lab_plugin *plugin);

/* framing.c */

void framing_read (struct reader *r, const struct rule *rule, size_t node);

/* link.c */

/* Whether a key of "link" is a line of the script; where it is not, that is in the report. */
bool event_fits (struct reader *r, size_t node);
/* Keeps a line that fits. */
void event_keep (struct reader *r, size_t node);
/* Why a key of "link" cannot be with a transport, in reason; false: it can be. */
bool link_misfits (const struct lab_plugin *transport, const struct rule *rule, char *reason,
                   size_t size);

/* cross.c */

/* What keys must be for each other, once each has been read by itself. */
void cross_check (struct reader *r);

#endif

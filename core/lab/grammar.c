/* grammar.c - which token of JSON may follow which, RFC 8259 section 2. */
#include "lab/grammar.h"
#include "lab/intruder.h"
#include "lab/lexeme.h"

#include <ctype.h>
#include <stdlib.h>

/* What may come next. */
enum wanted
{
  WANT_VALUE,
  WANT_FIRST_VALUE, /* or the end of the list */
  WANT_KEY,
  WANT_FIRST_KEY, /* or the end of the object */
  WANT_COLON,
  WANT_COMMA, /* or the end of the object or list; outermost, of the file */
};

struct scanner
{
  struct scan *scan;
  struct report *report;
  size_t at;    /* the next byte */
  size_t after; /* behind the last token: where a missing one would have stood */
  size_t comma; /* the last one */
  enum wanted wanted;
  size_t key; /* the member's that is being read */
  char *name;
  char *next_name;
  size_t open[SCAN_DEPTH_MAX]; /* nodes */
  size_t depth;
};

static struct scan_node *
innermost (const struct scanner *s)
{
  return s->depth == 0 ? NULL : &s->scan->nodes[s->open[s->depth - 1]];
}

static bool
in_object (const struct scanner *s)
{
  return s->depth > 0 && innermost (s)->kind == SCAN_OBJECT;
}

/* What closes the innermost object or list. */
static char
closer (const struct scanner *s)
{
  return in_object (s) ? '}' : ']';
}

static char
opener (const struct scanner *s)
{
  return in_object (s) ? '{' : '[';
}

/* ----------------------------------------------------- what is wrong here -- */

/* Something stands here that JSON does not have here. */
static bool
stray (struct scanner *s, const char *wanted)
{
  intruder_report (s->report, s->at, wanted);
  return false;
}

/* The end of the file has come too early. */
static bool
unfinished (struct scanner *s)
{
  char remedy[16];

  if (s->scan->count == 0)
    {
      report_add (s->report, SIZE_MAX,
                  "The smallest lab is { \"transport\": \"udp\", \"transform\": \"uppercase\", "
                  "\"port\": 12000 }",
                  "the file is empty");
      return false;
    }
  snprintf (remedy, sizeof remedy, "Write %c", closer (s));
  report_add (s->report, s->after, remedy, "the file ends before the %c of line %u is closed",
              opener (s), report_line (s->report, innermost (s)->at));
  return false;
}

static bool
comma_too_many (struct scanner *s)
{
  char c = s->report->text[s->at];

  if (c == '}' || c == ']')
    report_add (s->report, s->comma, "Take it away", "a comma before the closing %c", c);
  else
    report_add (s->report, s->at, "Take it away", "a comma too many");
  return false;
}

/* ------------------------------------------------------------------ nodes -- */

static struct scan_node *
add_node (struct scanner *s, enum scan_kind kind)
{
  struct scan *scan = s->scan;
  struct scan_node *node;

  if (scan->count == scan->room)
    {
      size_t room = scan->room == 0 ? 64 : scan->room * 2;
      struct scan_node *nodes = reallocarray (scan->nodes, room, sizeof *nodes);

      if (nodes == NULL)
        {
          report_out_of_memory (s->report);
          return NULL;
        }
      scan->nodes = nodes;
      scan->room = room;
    }
  node = &scan->nodes[scan->count];
  *node = (struct scan_node){ .kind = kind, .at = s->at, .key = s->at };
  if (in_object (s))
    {
      node->key = s->key;
      node->name = s->name;
    }
  node->parent = s->depth == 0 ? 0 : s->open[s->depth - 1];
  node->end = ++scan->count;
  return node;
}

/* Puts a value that ends before that offset; end 0: it was wrong and is
 * reported. */
static bool
put_value (struct scanner *s, enum scan_kind kind, size_t end)
{
  struct scan_node *node = end == 0 ? NULL : add_node (s, kind);

  if (node == NULL)
    return false;
  node->size = end - s->at;
  s->at = end;
  s->wanted = WANT_COMMA;
  return true;
}

static bool
open_node (struct scanner *s, enum scan_kind kind)
{
  if (s->depth == SCAN_DEPTH_MAX)
    {
      report_add (s->report, s->at, NULL, "objects and lists are nested deeper than %d here",
                  SCAN_DEPTH_MAX);
      return false;
    }
  if (!put_value (s, kind, s->at + 1))
    return false;
  s->open[s->depth++] = s->scan->count - 1;
  s->wanted = kind == SCAN_OBJECT ? WANT_FIRST_KEY : WANT_FIRST_VALUE;
  return true;
}

static bool
close_node (struct scanner *s)
{
  struct scan_node *node = innermost (s);

  s->at++;
  node->size = s->at - node->at;
  node->end = s->scan->count;
  s->depth--;
  s->wanted = WANT_COMMA;
  return true;
}

/* ----------------------------------------------------------------- tokens -- */

static bool
literal (struct scanner *s)
{
  static const struct
  {
    const char *word;
    enum scan_kind kind;
  } literals[] = { { "true", SCAN_TRUE }, { "false", SCAN_FALSE }, { "null", SCAN_NULL } };
  size_t n = lexeme_word (s->report, s->at);

  for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++)
    if (n == strlen (literals[i].word)
        && memcmp (s->report->text + s->at, literals[i].word, n) == 0)
      return put_value (s, literals[i].kind, s->at + n);
  intruder_word (s->report, s->at, false);
  return false;
}

static bool
value (struct scanner *s)
{
  char c = s->report->text[s->at];

  if (c == '"')
    return put_value (s, SCAN_TEXT, lexeme_text (s->report, s->at, NULL));
  if (c == '{' || c == '[')
    return open_node (s, c == '{' ? SCAN_OBJECT : SCAN_LIST);
  if (isdigit ((unsigned char) c) || (c != '\0' && strchr ("+-.", c) != NULL))
    return put_value (s, SCAN_NUMBER, lexeme_number (s->report, s->at));
  if (s->depth == 0)
    return stray (s, "the { of a lab");
  if (isalpha ((unsigned char) c) || c == '_')
    return literal (s);
  if (c == closer (s) && s->wanted == WANT_FIRST_VALUE)
    return close_node (s);
  if (in_object (s) && (c == ',' || c == '}'))
    {
      report_add (s->report, s->after, NULL, "the value of \"%s\" is missing", s->name);
      return false;
    }
  if (c == ',' || (c == ']' && !in_object (s)))
    return comma_too_many (s);
  return stray (s, "a value");
}

static bool
key (struct scanner *s)
{
  char c = s->report->text[s->at];
  size_t end;

  if (c == '}' && s->wanted == WANT_FIRST_KEY)
    return close_node (s);
  if (c == ',' || c == '}')
    return comma_too_many (s);
  if (isalnum ((unsigned char) c) || c == '_' || c == '$')
    {
      intruder_word (s->report, s->at, true);
      return false;
    }
  if (c != '"')
    return stray (s, "a key in double quotes");

  end = lexeme_text (s->report, s->at, s->next_name);
  if (end == 0)
    return false;
  s->key = s->at;
  s->name = s->next_name;
  s->next_name += strlen (s->name) + 1;
  s->at = end;
  s->wanted = WANT_COLON;
  return true;
}

static bool
colon (struct scanner *s)
{
  char c = s->report->text[s->at];

  if (c == ':')
    {
      s->at++;
      s->wanted = WANT_VALUE;
      return true;
    }
  if (c == '=')
    report_add (s->report, s->at, "Write a colon", "\"=\" between a key and its value");
  else if (intruder_is_comment (s->report->text + s->at))
    return stray (s, "a colon");
  else
    report_add (s->report, s->after, NULL, "a colon is missing after the key \"%s\"", s->name);
  return false;
}

static bool
comma (struct scanner *s)
{
  const char *p = s->report->text + s->at;

  if (s->depth == 0)
    {
      if (intruder_is_comment (p) || *p == '\0')
        return stray (s, "the end");
      report_add (s->report, s->at, "Take it away", "more text after the end of the lab");
      return false;
    }
  if (*p == closer (s))
    return close_node (s);
  if (*p == ',')
    {
      s->comma = s->at++;
      s->wanted = in_object (s) ? WANT_KEY : WANT_VALUE;
      return true;
    }
  if (*p == '}' || *p == ']')
    report_add (s->report, s->at, closer (s) == '}' ? "Write }" : "Write ]",
                "%c does not close the %c of line %u", *p, opener (s),
                report_line (s->report, innermost (s)->at));
  else if (isalnum ((unsigned char) *p) || (*p != '\0' && strchr ("\"{[-+._$", *p) != NULL))
    report_add (s->report, s->after, NULL, "a comma is missing");
  else
    return stray (s, in_object (s) ? "a comma or }" : "a comma or ]");
  return false;
}

/* One token, or the end of the file; false: no more. */
static bool
token (struct scanner *s)
{
  const struct report *report = s->report;

  s->after = s->at;
  while (s->at < report->size
         && (report->text[s->at] == ' ' || report->text[s->at] == '\n'
             || report->text[s->at] == '\t' || report->text[s->at] == '\r'))
    s->at++;
  if (s->at == report->size)
    return s->depth == 0 && s->scan->count > 0 ? false : unfinished (s);

  switch (s->wanted)
    {
    case WANT_VALUE:
    case WANT_FIRST_VALUE:
      return value (s);
    case WANT_KEY:
    case WANT_FIRST_KEY:
      return key (s);
    case WANT_COLON:
      return colon (s);
    case WANT_COMMA:
      return comma (s);
    }
  return false;
}

bool
grammar_read (struct scan *scan, struct report *report)
{
  struct scanner s = { .scan = scan, .report = report, .next_name = scan->names };

  while (token (&s))
    ;
  return s.at == report->size && s.depth == 0 && scan->count > 0 && !report->out_of_memory;
}

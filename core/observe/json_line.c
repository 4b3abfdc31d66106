#include "observe/json_line.h"

#include "lab/lexeme.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* A value takes memory that is a hundred times its text's: a hostile line must not have many. */
static bool
has_many_values (const char *text, size_t size)
{
  size_t count = 0;
  bool quoted = false;

  for (size_t i = 0; i < size; i++)
    if (text[i] == '"')
      quoted = !quoted;
    else if (quoted)
      i += text[i] == '\\';
    else
      count += text[i] == ',' || text[i] == '[' || text[i] == '{';
  return count > JSON_LINE_VALUES;
}

/* Whether the line is an object; the scan has its own words for a lab. */
static bool
is_object (struct json_line *line)
{
  const char *p = line->report.text + strspn (line->report.text, " \t\r");

  if (*p == '{')
    return true;
  report_add (&line->report, (size_t) (p - line->report.text), NULL,
              *p == '\0' ? "an empty line" : "the { of an event is wanted");
  return false;
}

bool
json_line_open (struct json_line *line, const char *text, size_t size)
{
  memset (line, 0, sizeof *line);
  report_init (&line->report, "");
  report_text (&line->report, text, size);
  line->texts = malloc (size + 1);
  if (line->texts == NULL)
    report_out_of_memory (&line->report);
  if (!report_clean (&line->report) || !is_object (line))
    return false;
  if (has_many_values (text, size))
    {
      report_add (&line->report, SIZE_MAX, NULL, "more than %d values in one line",
                  JSON_LINE_VALUES);
      return false;
    }
  line->broken = !scan_line (&line->scan, &line->report);
  return report_clean (&line->report);
}

void
json_line_close (struct json_line *line)
{
  scan_free (&line->scan);
  report_free (&line->report);
  free (line->texts);
  memset (line, 0, sizeof *line);
}

size_t
json_member (const struct json_line *line, size_t object, const char *key)
{
  const struct scan_node *nodes = line->scan.nodes;

  for (size_t i = object + 1; i < nodes[object].end; i = nodes[i].end)
    if (nodes[i].name != NULL && strcmp (nodes[i].name, key) == 0)
      return i;
  return 0;
}

void
json_refuse (struct json_line *line, size_t node, const char *key, const char *wanted)
{
  report_add (&line->report, line->scan.nodes[node].at, NULL, "\"%s\": %s is wanted", key, wanted);
}

void
json_require (struct json_line *line, size_t object, const char *key)
{
  if (json_member (line, object, key) == 0)
    report_add (&line->report, line->scan.nodes[object].at, NULL, "\"%s\" is missing", key);
}

/* The member, if it is of that kind; 0: it is not there, or refused. */
static size_t
member_of_kind (struct json_line *line, size_t object, const char *key, enum scan_kind kind,
                const char *wanted)
{
  size_t node = json_member (line, object, key);

  if (node == 0 || line->scan.nodes[node].kind == kind)
    return node;
  json_refuse (line, node, key, wanted);
  return 0;
}

uint64_t
json_number (struct json_line *line, size_t object, const char *key, uint64_t most, uint64_t preset)
{
  size_t node;
  const char *text;
  char *end, wanted[64];
  uint64_t value;

  snprintf (wanted, sizeof wanted, "a whole number from 0 to %" PRIu64, most);
  node = member_of_kind (line, object, key, SCAN_NUMBER, wanted);
  if (node == 0)
    return preset;
  text = line->report.text + line->scan.nodes[node].at;
  errno = 0;
  value = strtoull (text, &end, 10);
  if (!isdigit ((unsigned char) *text) || errno != 0 || value > most
      || end != text + line->scan.nodes[node].size)
    {
      json_refuse (line, node, key, wanted);
      return preset;
    }
  return value;
}

bool
json_truth (struct json_line *line, size_t object, const char *key, bool preset)
{
  size_t node = json_member (line, object, key);
  enum scan_kind kind = line->scan.nodes[node].kind;

  if (node == 0)
    return preset;
  if (kind != SCAN_TRUE && kind != SCAN_FALSE)
    json_refuse (line, node, key, "true or false");
  return kind == SCAN_TRUE;
}

const char *
json_string (struct json_line *line, size_t object, const char *key, size_t *size,
             const char *preset)
{
  size_t node = member_of_kind (line, object, key, SCAN_TEXT, "a text");
  char *to = line->texts + line->scan.nodes[node].at;

  if (node == 0)
    return preset;
  /* Never longer than it stands in the line, with its quotes. */
  lexeme_text (&line->report, line->scan.nodes[node].at, to);
  if (size != NULL)
    *size = strlen (to);
  return to;
}

/* The index of the text at a node; -1 after it has reported that it is none of the words. */
static int
word_at (struct json_line *line, size_t node, const char *key, const char *const *words)
{
  char *word = line->texts + line->scan.nodes[node].at;
  char wanted[200] = "";
  size_t n = 0;

  if (line->scan.nodes[node].kind == SCAN_TEXT)
    {
      lexeme_text (&line->report, line->scan.nodes[node].at, word);
      for (int i = 0; words[i] != NULL; i++)
        if (strcmp (words[i], word) == 0)
          return i;
    }
  for (int i = 0; words[i] != NULL && n < sizeof wanted; i++)
    n += (size_t) snprintf (wanted + n, sizeof wanted - n, "%s\"%s\"",
                            i == 0                 ? ""
                            : words[i + 1] != NULL ? ", "
                                                   : " or ",
                            words[i]);
  json_refuse (line, node, key, wanted);
  return -1;
}

int
json_word (struct json_line *line, size_t object, const char *key, const char *const *words,
           int preset)
{
  size_t node = json_member (line, object, key);
  int index = node == 0 ? -1 : word_at (line, node, key, words);

  return index == -1 ? preset : index;
}

unsigned
json_words (struct json_line *line, size_t object, const char *key, const char *const *words)
{
  size_t list = member_of_kind (line, object, key, SCAN_LIST, "a list");
  const struct scan_node *nodes = line->scan.nodes;
  unsigned set = 0;

  if (list == 0)
    return 0;
  for (size_t i = list + 1; i < nodes[list].end; i = nodes[i].end)
    {
      int index = word_at (line, i, key, words);

      if (index != -1)
        set |= 1u << index;
    }
  return set;
}

static int
digit (char c)
{
  static const char digits[] = "0123456789abcdef";
  const char *at = c == '\0' ? NULL : strchr (digits, tolower ((unsigned char) c));

  return at == NULL ? -1 : (int) (at - digits);
}

const uint8_t *
json_bytes (struct json_line *line, size_t object, const char *key, size_t *size)
{
  char *text = (char *) json_string (line, object, key, size, NULL);
  uint8_t *bytes = (uint8_t *) text;

  if (text == NULL)
    return NULL;
  for (size_t i = 0; i < *size; i += 2)
    {
      int high = digit (text[i]), low = digit (text[i + 1]);

      if (high == -1 || low == -1)
        {
          json_refuse (line, json_member (line, object, key), key,
                       "an even number of hexadecimal digits");
          return NULL;
        }
      bytes[i / 2] = (uint8_t) (high << 4 | low);
    }
  *size /= 2;
  return bytes;
}

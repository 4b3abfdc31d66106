/* intruder.c - what people write into JSON that JSON does not have. */
#include "lab/intruder.h"
#include "lab/lab.h"
#include "lab/lexeme.h"

/* Marks that are often taken for the quotes of JSON. */
static bool
is_foreign_quote (uint32_t code)
{
  return code == '\'' || code == '`' || (code >= 0x2018 && code <= 0x201f) || code == 0xab
         || code == 0xbb;
}

bool
intruder_is_comment (const char *p)
{
  return *p == '#' || (*p == '/' && (p[1] == '/' || p[1] == '*'));
}

/* The word of JSON that another language's word stands for, or NULL. */
static const char *
word_meant (const char *word)
{
  static const char *const words[] = { "true", "false", "null", NULL };

  if (strcmp (word, "None") == 0 || strcmp (word, "nil") == 0)
    return "null";
  if (strcmp (word, "NaN") == 0 || strcmp (word, "Infinity") == 0)
    return "a number in digits";
  return suggest (word, words);
}

void
intruder_word (struct report *report, size_t at, bool is_key)
{
  size_t n = lexeme_word (report, at);
  const char *meant;
  char word[48];
  char remedy[80];

  snprintf (word, sizeof word, "%.*s", n < 40 ? (int) n : 40, report->text + at);
  meant = is_key ? NULL : word_meant (word);
  if (meant != NULL)
    {
      snprintf (remedy, sizeof remedy, "Write %s", meant);
      report_add (report, at, remedy, "%s: no word of JSON", word);
      return;
    }
  snprintf (remedy, sizeof remedy, "Write \"%s\"", word);
  report_add (report, at, remedy, "%s: %s without quotes", word, is_key ? "a key" : "a text");
}

void
intruder_report (struct report *report, size_t at, const char *wanted)
{
  const char *p = report->text + at;
  const char *remedy = NULL;
  uint32_t code;
  size_t n;

  if (!lexeme_character (report, at, &code, &n))
    return;
  if (intruder_is_comment (p))
    report_add (report, at, "Keep remarks in keys that begin with \"x-\": \"x-remark\": \"...\"",
                "JSON has no comments");
  else if (is_foreign_quote (code))
    report_add (report, at, "Write \"", "%.*s is no quote of JSON", (int) n, p);
  else if (code < 0x20 || code == 0x7f || code == 0xa0 || code >= 0x2000)
    report_add (report, at, "Take it out", "the character U+%04X where %s is wanted",
                (unsigned) code, wanted);
  else
    {
      if (code == ';')
        remedy = "Write a comma";
      report_add (report, at, remedy, "\"%.*s\" where %s is wanted", (int) n, p, wanted);
    }
}

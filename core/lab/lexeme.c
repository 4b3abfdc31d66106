/* lexeme.c - the texts and numbers of JSON, RFC 8259 sections 6 and 7. */
#include "lab/lexeme.h"
#include "lab/utf8.h"

#include <ctype.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

enum
{
  NUMBER_MAX = 60 /* characters; cJSON's buffer has 64 bytes */
};

#define INTEGER_MAX (UINT64_C (1) << 53) /* from here on a double skips integers */

bool
lexeme_character (struct report *report, size_t at, uint32_t *code, size_t *n)
{
  const char *p = report->text + at;

  *n = utf8_decode (p, report->size - at, code);
  if (*n == 0)
    report_add (report, at, "Save the file as UTF-8", "the byte 0x%02x is not UTF-8 here",
                (unsigned) (unsigned char) *p);
  else if (*code == 0)
    report_add (report, at, "Take it out", "a NUL byte");
  else
    return true;
  return false;
}

/* Four hexadecimal digits as a number; -1: they are not. */
static int32_t
hex4 (const char *p)
{
  int32_t value = 0;

  for (int i = 0; i < 4; i++)
    {
      /* The NUL behind the text ends this too. */
      if (!isxdigit ((unsigned char) p[i]))
        return -1;
      value = value * 16 + (isdigit ((unsigned char) p[i]) ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
    }
  return value;
}

/* \uXXXX, and a second one where the first is half of a pair. */
static size_t
unicode_escape (struct report *report, size_t at, uint32_t *code)
{
  const char *p = report->text + at;
  int32_t first = hex4 (p + 2);
  int32_t second = -1;

  if (first == -1)
    report_add (report, at, "Four hexadecimal digits follow it: \\u00e9", "\\u without a number");
  else if (first == 0)
    report_add (report, at, "Take it out", "\\u0000 would end the text in the middle");
  else if (first < 0xd800 || first > 0xdfff)
    {
      *code = (uint32_t) first;
      return at + 6;
    }
  else
    {
      if (first < 0xdc00 && p[6] == '\\' && p[7] == 'u')
        second = hex4 (p + 8);
      if (second >= 0xdc00 && second <= 0xdfff)
        {
          *code = 0x10000 + ((uint32_t) (first - 0xd800) << 10) + (uint32_t) (second - 0xdc00);
          return at + 12;
        }
      report_add (report, at, "Write the character itself",
                  "\\u%.4s is half of a surrogate pair, and the other half is not there", p + 2);
    }
  return 0;
}

static size_t
escape (struct report *report, size_t at, uint32_t *code)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char meant[] = "\"\\/\b\f\n\r\t";
  char c = report->text[at + 1];
  const char *known = c == '\0' ? NULL : strchr (letters, c);
  uint32_t character;
  size_t n;

  if (c == 'u')
    return unicode_escape (report, at, code);
  if (known != NULL)
    {
      *code = (uint32_t) meant[known - letters];
      return at + 2;
    }
  /* At the end of a line or of the file, the missing quote is the mistake. */
  if (at + 1 == report->size || c == '\n' || c == '\r')
    {
      *code = '\\';
      return at + 1;
    }
  if (lexeme_character (report, at + 1, &character, &n))
    report_add (report, at, "A backslash itself is written \\\\", "\\%.*s is no escape of JSON",
                (int) n, report->text + at + 1);
  return 0;
}

/* A character that stands for itself. */
static size_t
plain (struct report *report, size_t at, uint32_t *code)
{
  char remedy[32];
  size_t n;

  if (!lexeme_character (report, at, code, &n))
    return 0;
  if (*code >= 0x20)
    return at + n;
  if (*code == '\t')
    report_add (report, at, "Write \\t", "a raw tab in a text");
  else
    {
      snprintf (remedy, sizeof remedy, "Write \\u%04x", (unsigned) *code);
      report_add (report, at, remedy, "a raw control character in a text");
    }
  return 0;
}

size_t
lexeme_text (struct report *report, size_t at, char *to)
{
  const char *text = report->text;
  size_t start = at++;
  uint32_t code;

  while (at < report->size && text[at] != '"' && text[at] != '\n' && text[at] != '\r')
    {
      at = text[at] == '\\' ? escape (report, at, &code) : plain (report, at, &code);
      if (at == 0)
        return 0;
      if (to != NULL)
        to += utf8_encode (code, to);
    }
  if (at == report->size || text[at] != '"')
    {
      report_add (report, start, "A text ends in the line it begins in; a line break in it is \\n",
                  "the text that begins here has no closing quote");
      return 0;
    }
  if (to != NULL)
    *to = '\0';
  return at + 1;
}

size_t
lexeme_word (const struct report *report, size_t at)
{
  size_t end = at;

  while (end < report->size
         && (isalnum ((unsigned char) report->text[end])
             || (report->text[end] != '\0' && strchr ("+-._$", report->text[end]) != NULL)))
    end++;
  return end - at;
}

static const char *
skip_digits (const char *p)
{
  while (isdigit ((unsigned char) *p))
    p++;
  return p;
}

/* Why a word is no number of JSON's grammar, with a remedy; NULL: it is one. */
static const char *
number_fault (const char *word, char *remedy, size_t size)
{
  const char *p = word + (*word == '-');
  const char *digits = p;

  snprintf (remedy, size, "A text stands in double quotes: \"%s\"", word);
  if (*p == '+' && isdigit ((unsigned char) p[1]))
    {
      snprintf (remedy, size, "Write %s", p + 1);
      return "a number has no plus sign";
    }
  if (*p == '.' && isdigit ((unsigned char) p[1]))
    {
      snprintf (remedy, size, "Write %.*s0%s", (int) (p - word), word, p);
      return "a digit is missing before the point";
    }
  if (strcmp (word, "-") == 0)
    {
      snprintf (remedy, size, "Write a digit after it");
      return "a minus sign alone";
    }
  if (!isdigit ((unsigned char) *p))
    return "not a number";
  if (*p == '0' && (p[1] | 0x20) == 'x' && isxdigit ((unsigned char) p[2]))
    {
      snprintf (remedy, size, "Write %.*s%llu", (int) (p - word), word, strtoull (p, NULL, 16));
      return "JSON has no hexadecimal numbers";
    }
  p = skip_digits (p);
  if (*digits == '0' && p > digits + 1)
    {
      for (; digits < p - 1 && *digits == '0'; digits++)
        ;
      snprintf (remedy, size, "Write %s%s", *word == '-' ? "-" : "", digits);
      return "a number does not begin with 0";
    }
  if (*p == '.')
    {
      digits = skip_digits (p + 1);
      if (digits == p + 1 && (*digits == '\0' || (*digits | 0x20) == 'e'))
        {
          snprintf (remedy, size, "Write %.*s", (int) (p - word), word);
          return "a digit is missing behind the point";
        }
      p = digits;
    }
  if ((*p | 0x20) == 'e' && p[-1] != '.')
    {
      p += 1 + (p[1] == '+' || p[1] == '-');
      if (*p == '\0')
        {
          snprintf (remedy, size, "Write %s0", word);
          return "a digit is missing behind the e";
        }
      p = skip_digits (p);
    }
  return *p == '\0' && isdigit ((unsigned char) p[-1]) ? NULL : "not a number";
}

/* The same for a number that is well written but cannot be kept. */
static const char *
size_fault (char *word, char *remedy, size_t size)
{
  char *point = strchr (word, '.');
  double value;

  if (word[strcspn (word, ".eE")] == '\0')
    {
      snprintf (remedy, size, "The largest is %" PRIu64, INTEGER_MAX);
      return strtoull (word + (*word == '-'), NULL, 10) > INTEGER_MAX
                 ? "beyond 2^53, where readers of JSON begin to round"
                 : NULL;
    }
  if (point != NULL)
    *point = localeconv ()->decimal_point[0];
  value = strtod (word, NULL);
  if (point != NULL)
    *point = '.';
  snprintf (remedy, size, "The largest is about 1.8e308");
  return isinf (value) ? "too large for a number" : NULL;
}

size_t
lexeme_number (struct report *report, size_t at)
{
  size_t n = lexeme_word (report, at);
  char word[NUMBER_MAX + 1];
  char remedy[2 * NUMBER_MAX];
  const char *fault;

  if (n > NUMBER_MAX)
    {
      report_add (report, at, "Round it", "a number of %zu characters, and %d are the most", n,
                  NUMBER_MAX);
      return 0;
    }
  memcpy (word, report->text + at, n);
  word[n] = '\0';
  fault = number_fault (word, remedy, sizeof remedy);
  if (fault == NULL)
    fault = size_fault (word, remedy, sizeof remedy);
  if (fault == NULL)
    return at + n;
  report_add (report, at, remedy, "%s: %s", word, fault);
  return 0;
}

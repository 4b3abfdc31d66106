/* scan.c - what the scan takes is JSON for cJSON too, with the same values at the same places. */
#include "lab/lexeme.h"
#include "lab/scan.h"

#include "fuzz.h"

#include <cjson/cJSON.h>
#include <regex.h>

static bool
same_kind (enum scan_kind kind, const cJSON *item)
{
  switch (kind)
    {
    case SCAN_OBJECT:
      return cJSON_IsObject (item);
    case SCAN_LIST:
      return cJSON_IsArray (item);
    case SCAN_TEXT:
      return cJSON_IsString (item);
    case SCAN_NUMBER:
      return cJSON_IsNumber (item);
    case SCAN_TRUE:
      return cJSON_IsTrue (item);
    case SCAN_FALSE:
      return cJSON_IsFalse (item);
    case SCAN_NULL:
      return cJSON_IsNull (item);
    }
  return false;
}

static void
compare_text (struct report *report, const struct scan_node *node, const char *value)
{
  char *text = malloc (node->size + 1);

  FUZZ_EXPECT (text != NULL);
  FUZZ_EXPECT (lexeme_text (report, node->at, text) == node->at + node->size);
  FUZZ_EXPECT (strcmp (text, value) == 0);
  free (text);
}

static void
compare_number (const struct report *report, const struct scan_node *node, double value)
{
  static regex_t number;
  static bool compiled;
  char *text = strndup (report->text + node->at, node->size);

  /* cJSON takes more than RFC 8259, section 6. */
  if (!compiled)
    FUZZ_EXPECT (regcomp (&number, "^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?$",
                          REG_EXTENDED | REG_NOSUB)
                 == 0);
  compiled = true;
  FUZZ_EXPECT (text != NULL && regexec (&number, text, 0, NULL, 0) == 0);
  FUZZ_EXPECT (strtod (text, NULL) == value);
  free (text);
}

/* The value at that index; returns the index behind it. */
static size_t
compare (const struct scan *scan, struct report *report, size_t i, const cJSON *item)
{
  const struct scan_node *node = &scan->nodes[i];
  size_t next = i + 1;

  FUZZ_EXPECT (item != NULL && i < scan->count && node->parent <= i);
  FUZZ_EXPECT (node->size > 0 && node->size <= report->size - node->at && node->key <= node->at);
  FUZZ_EXPECT (same_kind (node->kind, item));
  FUZZ_EXPECT ((node->name == NULL) == (item->string == NULL));
  FUZZ_EXPECT (node->name == NULL || strcmp (node->name, item->string) == 0);
  if (node->kind == SCAN_TEXT)
    compare_text (report, node, item->valuestring);
  else if (node->kind == SCAN_NUMBER)
    compare_number (report, node, item->valuedouble);
  for (const cJSON *child = item->child; child != NULL; child = child->next)
    {
      FUZZ_EXPECT (next < node->end && scan->nodes[next].parent == i);
      next = compare (scan, report, next, child);
    }
  FUZZ_EXPECT (node->end == next);
  return next;
}

static void
compare_all (const struct scan *scan, struct report *report)
{
  cJSON *root = cJSON_ParseWithLengthOpts (report->text, report->size + 1, NULL, 1);

  FUZZ_EXPECT (root != NULL);
  FUZZ_EXPECT (compare (scan, report, 0, root) == scan->count);
  cJSON_Delete (root);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct report report;
  struct scan scan;
  bool complete;

  report_init (&report, "fuzz.json");
  report_text (&report, (const char *) data, size);
  complete = scan_text (&scan, &report);
  FUZZ_EXPECT (complete || !report_clean (&report));
  if (complete)
    compare_all (&scan, &report);
  scan_free (&scan);
  report_free (&report);
  return 0;
}

/* tree.c - the JSON tree, with the place of each value. */
#include "lab/reader.h"

#include <stdlib.h>

/* cJSON keeps the order of the file, so its values and the scan's go in step. */
static void
match (struct reader *r)
{
  const cJSON *item = r->root;

  for (size_t i = 0; i < r->scan.count; i++)
    {
      size_t up = i;

      r->json[i] = item;
      if (item->child != NULL)
        {
          item = item->child;
          continue;
        }
      while (up != 0 && r->json[up]->next == NULL)
        up = r->scan.nodes[up].parent;
      item = r->json[up]->next;
    }
}

bool
reader_open (struct reader *r)
{
  const struct report *report = r->report;

  if (!scan_text (&r->scan, r->report))
    return false;
  r->json = calloc (r->scan.count, sizeof *r->json);
  /* cJSON wants to see the NUL behind the text. */
  r->root = cJSON_ParseWithLengthOpts (report->text, report->size + 1, NULL, 1);
  /* All that it can refuse, the scan has refused. */
  if (r->json == NULL || r->root == NULL)
    {
      report_out_of_memory (r->report);
      return false;
    }
  match (r);
  return true;
}

void
reader_close (struct reader *r)
{
  cJSON_Delete (r->root);
  free (r->json);
  scan_free (&r->scan);
}

size_t
reader_member (const struct reader *r, size_t object, const char *key)
{
  READER_EACH (r, child, object)
  if (strcmp (r->scan.nodes[child].name, key) == 0)
    return child;
  return 0;
}

static size_t
labelled (const struct reader *r, size_t node)
{
  while (node != 0 && r->scan.nodes[node].name == NULL)
    node = r->scan.nodes[node].parent;
  return node;
}

const char *
reader_label (const struct reader *r, size_t node)
{
  const char *name = r->scan.nodes[labelled (r, node)].name;

  return name == NULL ? "" : name;
}

size_t
reader_label_place (const struct reader *r, size_t node)
{
  return r->scan.nodes[labelled (r, node)].key;
}

const char *
reader_text (const struct reader *r, size_t node)
{
  return r->json[node]->valuestring;
}

const char *
reader_clip (char buffer[READER_CLIP], const char *text)
{
  size_t n = strlen (text);

  if (n >= READER_CLIP)
    {
      n = READER_CLIP - 4;
      while (n > 0 && (text[n] & 0xc0) == 0x80)
        n--;
      memcpy (buffer, text, n);
      strcpy (buffer + n, "...");
    }
  else
    memcpy (buffer, text, n + 1);
  return buffer;
}

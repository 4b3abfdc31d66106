#include "observe/remark.h"

#include "host/address.h"
#include "lab/show.h"

#include <inttypes.h>
#include <stdlib.h>

enum
{
  CELLS = 500
};

static void
append (struct remarks *remarks, struct remark *remark)
{
  struct remark **link = &remarks->first;

  while (*link != NULL)
    link = &(*link)->next;
  remark->next = NULL;
  *link = remark;
  remarks->count++;
}

/* "text" as it can be shown; NULL: no memory. */
static char *
shown (const char *text, size_t *size)
{
  char *copy = NULL;
  FILE *to = open_memstream (&copy, size);

  if (to == NULL)
    return NULL;
  show_bytes ((const uint8_t *) text, strlen (text), CELLS, to);
  if (fclose (to) == 0)
    return copy;
  free (copy);
  return NULL;
}

int
remarks_add (struct remarks *remarks, const struct pl_address *peer, const char *text)
{
  struct remark *remark;
  size_t size;
  char *copy;

  if (remarks->count == REMARKS_MAX)
    return 0;
  copy = shown (text, &size);
  remark = copy != NULL ? calloc (1, sizeof *remark + size) : NULL;
  if (remark != NULL)
    {
      remark->peer = *peer;
      remark->size = size;
      memcpy (remark->text, copy, size);
      append (remarks, remark);
    }
  free (copy);
  return remark != NULL ? 0 : -1;
}

void
remarks_move (struct remarks *from, const struct pl_address *peer, struct remarks *to)
{
  struct remark **link = &from->first;

  while (*link != NULL)
    {
      struct remark *remark = *link;

      if (remark->peer.length > 0 && !address_equal (&remark->peer, peer))
        {
          link = &remark->next;
          continue;
        }
      *link = remark->next;
      from->count--;
      append (to, remark);
    }
}

const char *
remark_of_fate (const struct fate *fate, char *text)
{
  struct fate plain = *fate;
  char what[FATE_TEXT];

  plain.scripted = false;
  snprintf (text, REMARK_FATE, "%s%s: packet %" PRIu64 " %s of flow %" PRIu64 "%s",
            fate_text (&plain, what), fate->what & FATE_CROWDED ? "" : " by the link", fate->index,
            fate->direction == DIRECTION_IN ? "in" : "out", fate->flow,
            fate->scripted ? ", as the script says" : "");
  return text;
}

void
remarks_free (struct remarks *remarks)
{
  while (remarks->first != NULL)
    {
      struct remark *next = remarks->first->next;

      free (remarks->first);
      remarks->first = next;
    }
  remarks->count = 0;
}

#include "command/plan.h"

#include "host/link.h"
#include "lab/describe.h"
#include "observe/event_json.h"

#include <inttypes.h>

/* Where a plan goes, and whether a line of it stands there already. */
struct sheet
{
  FILE *to;
  bool json, begun;
};

static void
write_line (struct sheet *sheet, const struct fate *fate)
{
  char text[FATE_TEXT];

  if (sheet->json)
    {
      fputs (sheet->begun ? ",\n" : "\n", sheet->to);
      fate_json (fate, sheet->to);
    }
  else
    {
      if (!sheet->begun)
        fputs ("  flow  direction  packet  fate\n", sheet->to);
      fprintf (sheet->to, "%6" PRIu64 "  %-9s  %6" PRIu64 "  %s\n", fate->flow,
               fate->direction == DIRECTION_IN ? "in" : "out", fate->index, fate_text (fate, text));
    }
  sheet->begun = true;
}

static void
write_flow (struct sheet *sheet, const struct lab_link *link, uint64_t flow, int packets)
{
  static const enum direction directions[] = { DIRECTION_IN, DIRECTION_OUT };

  for (size_t i = 0; i < 2; i++)
    for (int index = 1; link_meets (link, directions[i]) && index <= packets; index++)
      {
        struct fate fate = link_fate (link, directions[i], flow, (uint64_t) index, FATE_ANY);

        write_line (sheet, &fate);
      }
}

void
plan_write (const struct lab *lab, const struct invocation *in, FILE *to)
{
  struct sheet sheet = { .to = to, .json = in->json };
  bool packets = lab->transport.plugin->transport->carries == PL_DATAGRAMS;
  int flows = in->flows > 0 ? in->flows : 1;

  if (in->json)
    {
      fputs ("{ \"lab\": ", to);
      text_json (lab->name, to);
      fprintf (to, ", \"seed\": %" PRId64 ", \"packets\": [", lab->link.seed);
    }
  else if (!lab_plays_link (lab))
    fprintf (to, "%s has no link: all passes as it is\n", lab->name);
  else if (!packets)
    {
      fprintf (to, "%s carries a stream, which has no packets that could meet a fate:\n\n",
               lab->transport.name);
      lab_describe_link (lab, to);
    }
  for (int flow = 1; flow <= flows && packets && lab_plays_link (lab); flow++)
    write_flow (&sheet, &lab->link, (uint64_t) flow, in->plan);
  if (in->json)
    fprintf (to, "%s] }\n", sheet.begun ? "\n" : "");
}

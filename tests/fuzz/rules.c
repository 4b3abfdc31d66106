/* rules.c - any text is a lab, or everything that is wrong with it is told at its place. */
#include "lab/describe.h"
#include "../unit/fake_plugins.h"

#include "fuzz.h"

static void
check_diagnostics (const struct report *report)
{
  size_t last = 0;

  for (size_t i = 0; i < report->count; i++)
    {
      const struct diagnostic *d = &report->list[i];

      FUZZ_EXPECT (d->message != NULL && d->message[0] != '\0');
      FUZZ_EXPECT (d->remedy == NULL || d->remedy[0] != '\0');
      FUZZ_EXPECT (d->offset == SIZE_MAX ? d->line == 0 : d->offset <= report->size);
      FUZZ_EXPECT (d->offset == SIZE_MAX || (d->line > 0 && d->column > 0));
      FUZZ_EXPECT (d->offset == SIZE_MAX || d->offset >= last);
      if (d->offset != SIZE_MAX)
        last = d->offset;
    }
}

static void
check_plugin (const struct lab_plugin *plugin)
{
  FUZZ_EXPECT (plugin->plugin != NULL && strcmp (plugin->plugin->name, plugin->name) == 0);
  for (size_t i = 0; i < plugin->count; i++)
    {
      const struct lab_value *value = &plugin->values[i];

      FUZZ_EXPECT (value->param->type != PL_STRING || value->string != NULL);
      FUZZ_EXPECT (value->param->type != PL_INTEGER
                   || (value->integer >= value->param->min && value->integer <= value->param->max));
    }
}

static void
check_lab (const struct lab *lab)
{
  FUZZ_EXPECT (lab->name != NULL && lab->host != NULL && lab->client.prompt != NULL);
  FUZZ_EXPECT (lab->transform_count > 0 && lab->transform_count <= LAB_CHAIN_MAX);
  FUZZ_EXPECT (lab->framing.kind != FRAMING_FIXED || lab->framing.size > 0);
  FUZZ_EXPECT (lab->limits.message_bytes > 0 && lab->limits.sessions > 0 && lab->workers > 0);
  FUZZ_EXPECT (lab->limits.idle_ms >= 0 && lab->client.timeout_ms >= 0);
  FUZZ_EXPECT (lab->link.script_count <= LAB_SCRIPT_MAX && lab->link.seed >= 0);
  FUZZ_EXPECT (lab->link.loss >= 0 && lab->link.loss <= 1 && lab->link.delay_ms >= 0);
  check_plugin (&lab->transport);
  for (size_t i = 0; i < lab->transform_count; i++)
    check_plugin (&lab->transforms[i]);
}

/* Nothing of the text may give a terminal an order. */
static void
check_text (const char *text, size_t n)
{
  for (size_t i = 0; i < n; i++)
    FUZZ_EXPECT ((text[i] != '\0'
                  && ((unsigned char) text[i] >= ' ' || strchr ("\t\n", text[i]) != NULL)
                  && text[i] != 127));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct report report;
  struct lab *lab;
  char *text = NULL;
  size_t n = 0;
  FILE *to = open_memstream (&text, &n);

  FUZZ_EXPECT (to != NULL);
  report_init (&report, "labs/fuzz.json");
  lab = lab_parse ((const char *) data, size, &fake_plugins, &report);
  FUZZ_EXPECT ((lab != NULL) == report_clean (&report) && !report.out_of_memory);
  check_diagnostics (&report);
  report_write (&report, to);
  FUZZ_EXPECT (fflush (to) == 0 && (lab != NULL) == (n == 0));
  if (lab != NULL)
    {
      check_lab (lab);
      lab_describe (lab, to);
    }
  FUZZ_EXPECT (fclose (to) == 0);
  check_text (text, n);
  free (text);
  lab_free (lab);
  report_free (&report);
  return 0;
}

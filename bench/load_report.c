/* load_report.c - what a run has shown, as one JSON object. */
#include "load.h"

#include <sched.h>

/* So much of a core in use counts as all of it. */
#define BUSY 0.95

static const char *const shapes[] = { "echo", "connect", "stream", "idle" };

/* How many cores the server can use at once. */
static unsigned
server_cores (const struct plan *plan)
{
  cpu_set_t set;
  unsigned cores = 1;

  if (sched_getaffinity (plan->pids[0], sizeof set, &set) == 0)
    cores = (unsigned) CPU_COUNT (&set);
  return cores < plan->pid_count ? cores : plan->pid_count;
}

static const char *
bottleneck (const struct plan *plan, double server_busy, double load_busy)
{
  if (plan->pid_count > 0 && server_busy >= BUSY * server_cores (plan))
    return "\"server\"";
  if (load_busy >= BUSY)
    return "\"load\"";
  return plan->pid_count > 0 ? "\"neither\"" : "null";
}

static void
write_server (const struct run *run, FILE *to, double wall, uint64_t replies)
{
  double cpu = (double) (run->closed.server_cpu - run->opened.server_cpu);

  if (run->plan->pid_count == 0)
    {
      fprintf (to, "\"server_cpu_ns\":null,\"server_cpu_per_reply_ns\":null,\"server_busy\":null,");
      return;
    }
  fprintf (to, "\"server_cpu_ns\":%.0f,", cpu);
  if (replies > 0)
    fprintf (to, "\"server_cpu_per_reply_ns\":%.2f,", cpu / (double) replies);
  else
    fprintf (to, "\"server_cpu_per_reply_ns\":null,");
  fprintf (to, "\"server_busy\":%.4f,", cpu / wall);
}

static void
write_latency (const struct histogram *latency, FILE *to)
{
  static const struct
  {
    const char *name;
    double part;
  } quantiles[] = { { "p50", .5 }, { "p90", .9 }, { "p99", .99 }, { "p999", .999 } };

  fprintf (to, "\"latency_ns\":");
  if (latency->total == 0)
    {
      fprintf (to, "null,");
      return;
    }
  for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++)
    fprintf (to, "%s\"%s\":%ju", i == 0 ? "{" : ",", quantiles[i].name,
             histogram_quantile (latency, quantiles[i].part));
  fprintf (to, ",\"max\":%ju},", latency->max);
}

static void
write_memory (const struct run *run, FILE *to)
{
  const struct plan *plan = run->plan;

  if (plan->shape != SHAPE_IDLE)
    return;
  fprintf (to, "\"sessions\":%u,", plan->connections);
  if (plan->pid_count == 0)
    fprintf (to, "\"bytes_per_session\":null,");
  else
    fprintf (to, "\"memory_before\":%ju,\"memory_after\":%ju,\"bytes_per_session\":%.0f,",
             run->memory_before, run->memory_after,
             ((double) run->memory_after - (double) run->memory_before) / plan->connections);
}

void
report_write (const struct run *run, FILE *to)
{
  double wall = (double) (run->closed.time - run->opened.time);
  uint64_t replies = run->closed.replies - run->opened.replies;
  double server_busy = (double) (run->closed.server_cpu - run->opened.server_cpu) / wall;
  double load_busy = ((double) (run->closed.own_cpu - run->opened.own_cpu)
                      - (double) (run->closed.idle - run->opened.idle))
                     / wall;

  fprintf (to, "{\"shape\":\"%s\",\"replies\":%ju,\"bytes\":%ju,", shapes[run->plan->shape],
           replies, run->closed.bytes - run->opened.bytes);
  fprintf (to, "\"seconds\":%.6f,\"rate\":%.1f,", wall / (double) NS_PER_SECOND,
           (double) replies / wall * (double) NS_PER_SECOND);
  write_server (run, to, wall, replies);
  fprintf (to, "\"load_busy\":%.4f,\"bottleneck\":%s,", load_busy,
           bottleneck (run->plan, server_busy, load_busy));
  write_latency (&run->latency, to);
  write_memory (run, to);
  fprintf (to, "\"mismatched\":%ju,\"lost\":%ju,\"reordered\":%ju,\"errors\":%ju}\n",
           run->mismatched, run->lost, run->reordered, run->errors);
}

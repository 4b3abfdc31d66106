/* workers.h - several processes that serve one lab, and the supervisor over them. */
#ifndef PL_HOST_WORKERS_H
#define PL_HOST_WORKERS_H

struct workers
{
  unsigned count;
  /* In a new process: serves until it is asked to end.  Returns its exit status. */
  int (*work) (void *self, unsigned index);
  /* In the supervisor, when the workers are asked to end. */
  void (*ending) (void *self);
  /* Something that people should know: a line. */
  void (*tell) (void *self, const char *text);
  void *self;
};

/* Starts the workers and looks after them: one that dies is started again,
 * unless they die in rows.  SIGTERM, SIGINT and SIGHUP are passed on; when the supervisor ends,
 * however it ends, so do they.  Returns when all have ended: 0; 1 when they died too often; -1 with
 * errno. */
int workers_run (const struct workers *workers);

#endif

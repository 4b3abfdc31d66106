/* run_transform.c - gives each message on standard input to a transform and writes its answers.
 *
 *   run_transform PATH.so [parameter=value...]
 *
 * Each message and each answer follows its length, 32 bits in network order. */
#include "fake_host.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static int
run_write_answers (const struct fake_host *f)
{
  for (unsigned i = 0; i < f->answer_count; i++)
    {
      const struct fake_answer *a = &f->answers[i];
      uint32_t length = htonl ((uint32_t) a->size);

      if (fwrite (&length, sizeof length, 1, stdout) != 1
          || fwrite (a->data, 1, a->size, stdout) != a->size)
        return -1;
    }
  return 0;
}

/* Returns 1 after a message, 0 at the end of the input. */
static int
run_one (struct fake_host *f)
{
  uint32_t length;
  uint8_t *data;
  int status = -1;

  if (fread (&length, sizeof length, 1, stdin) != 1)
    return 0;
  length = ntohl (length);
  data = malloc (length + 1);
  if (data == NULL)
    return pl_fail (&f->lab, "no memory");
  if (fread (data, 1, length, stdin) != length)
    pl_fail (&f->lab, "standard input ends within a message");
  else if (fake_message (f, data, length) == 0)
    status = run_write_answers (f) == 0 ? 1 : pl_fail (&f->lab, "standard output is full");
  free (data);
  return status;
}

static int
run_session (struct fake_host *f)
{
  int status;

  if (fake_open (f) != 0)
    return -1;
  status = run_write_answers (f) == 0 ? 1 : pl_fail (&f->lab, "standard output is full");
  while (status > 0 && !f->closed)
    status = run_one (f);
  fake_close (f);
  return status < 0 ? -1 : 0;
}

int
main (int argc, char **argv)
{
  struct fake_host f;
  int status;

  if (argc < 2)
    {
      fputs ("usage: run_transform PATH.so [parameter=value...]\n", stderr);
      return 2;
    }
  status = fake_setup (&f, argv[1], (const char *const *) argv + 2);
  if (status == 0)
    status = run_session (&f);
  if (status != 0)
    fprintf (stderr, "run_transform: %s: %s\n", argv[1], f.reason);
  fake_teardown (&f);
  return status == 0 && fflush (stdout) == 0 ? 0 : 1;
}

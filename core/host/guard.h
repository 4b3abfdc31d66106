/* guard.h - which plugin's hook is running: for the last words of a crash, and of
 * a hook that does not return. */
#ifndef PL_HOST_GUARD_H
#define PL_HOST_GUARD_H

/* The hook that is running; hook NULL: none is.  Read by signal handlers. */
struct guard
{
  const char *plugin, *hook;
};

extern struct guard guard_now;
extern volatile unsigned long guard_calls;

/* A hook is about to be called.  Returns what was running before, for guard_leave. */
static inline struct guard
guard_enter (const char *plugin, const char *hook)
{
  struct guard before = guard_now;

  guard_now.plugin = plugin;
  guard_now.hook = hook;
  guard_calls++;
  return before;
}

/* The hook is about to be called once more. */
static inline void
guard_again (void)
{
  guard_calls++;
}

static inline void
guard_leave (struct guard before)
{
  guard_now = before;
}

/* From here on a crash says in which plugin and hook it was, and ends the process with
 * that status.  0, or -1 with errno. */
int guard_crashes (int status);

/* From here on a hook that has not returned for long, 10 seconds or what PROTOLAB_HOOK_SECONDS
 * says, is named, and ends the process in the same way.  0, or -1 with errno. */
int guard_time (void);

#endif

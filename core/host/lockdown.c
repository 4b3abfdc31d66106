#include "host/lockdown.h"

#include <errno.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum
{
  NOBODY = 65534 /* where the system does not know the name */
};

static uint32_t
needs_of (const struct lab *lab)
{
  uint32_t needs = lab->transport.plugin->transport->needs;

  for (size_t i = 0; i < lab->transform_count; i++)
    needs |= lab->transforms[i].plugin->transform->needs;
  return needs;
}

/* Root becomes nobody.  0, or -1 with errno. */
static int
drop_privileges (void)
{
  const struct passwd *nobody;
  uid_t uid = NOBODY;
  gid_t gid = NOBODY;
  int parent_signal = 0;

  if (geteuid () != 0)
    return 0;
  nobody = getpwnam ("nobody");
  if (nobody != NULL)
    {
      uid = nobody->pw_uid;
      gid = nobody->pw_gid;
    }
  /* The kernel forgets it where the user changes. */
  prctl (PR_GET_PDEATHSIG, &parent_signal);
  if (setgroups (0, NULL) == -1 || setresgid (gid, gid, gid) == -1
      || setresuid (uid, uid, uid) == -1)
    return -1;
  return prctl (PR_SET_PDEATHSIG, parent_signal);
}

/* No file can be opened any more, in any way that landlock(7) of this kernel knows.  A kernel
 * without it leaves that to the filter below. */
static int
close_files (void)
{
  struct landlock_ruleset_attr attributes = {
    .handled_access_fs
    = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE
      | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE
      | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG
      | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK
      | LANDLOCK_ACCESS_FS_MAKE_SYM,
  };
  int rules = (int) syscall (SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  int status;

  if (rules == -1)
    return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
  status = (int) syscall (SYS_landlock_restrict_self, rules, 0);
  close (rules);
  return status;
}

struct ban
{
  int call;
  uint32_t unless; /* PL_NEEDS_..., 0: whatever a plugin needs */
};

/* What no server needs; each fails with EPERM. */
static const struct ban bans[] = {
  { SCMP_SYS (execve), PL_NEEDS_EXEC },
  { SCMP_SYS (execveat), PL_NEEDS_EXEC },
  { SCMP_SYS (fork), PL_NEEDS_EXEC },
  { SCMP_SYS (vfork), PL_NEEDS_EXEC },
  { SCMP_SYS (open), PL_NEEDS_FILES | PL_NEEDS_EXEC },
  { SCMP_SYS (openat), PL_NEEDS_FILES | PL_NEEDS_EXEC },
  { SCMP_SYS (openat2), PL_NEEDS_FILES | PL_NEEDS_EXEC },
  { SCMP_SYS (creat), PL_NEEDS_FILES },
  { SCMP_SYS (unlink), PL_NEEDS_FILES },
  { SCMP_SYS (unlinkat), PL_NEEDS_FILES },
  { SCMP_SYS (rename), PL_NEEDS_FILES },
  { SCMP_SYS (renameat), PL_NEEDS_FILES },
  { SCMP_SYS (renameat2), PL_NEEDS_FILES },
  { SCMP_SYS (chmod), PL_NEEDS_FILES },
  { SCMP_SYS (fchmodat), PL_NEEDS_FILES },
  { SCMP_SYS (socket), PL_NEEDS_NETWORK },
  { SCMP_SYS (socketpair), PL_NEEDS_NETWORK },
  { SCMP_SYS (ptrace), 0 },
  { SCMP_SYS (process_vm_readv), 0 },
  { SCMP_SYS (process_vm_writev), 0 },
  { SCMP_SYS (io_uring_setup), 0 },
  { SCMP_SYS (bpf), 0 },
  { SCMP_SYS (mount), 0 },
  { SCMP_SYS (umount2), 0 },
  { SCMP_SYS (unshare), 0 },
  { SCMP_SYS (setns), 0 },
  { SCMP_SYS (keyctl), 0 },
  { SCMP_SYS (add_key), 0 },
  { SCMP_SYS (init_module), 0 },
  { SCMP_SYS (finit_module), 0 },
  { SCMP_SYS (kexec_load), 0 },
  { SCMP_SYS (reboot), 0 },
};

static int
ban_calls (uint32_t needs)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  int status = 0;

  if (filter == NULL)
    {
      errno = ENOMEM;
      return -1;
    }
  for (size_t i = 0; i < sizeof bans / sizeof bans[0] && status == 0; i++)
    if (!(bans[i].unless & needs))
      status = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), bans[i].call, 0);
  if (status == 0)
    status = seccomp_load (filter);
  seccomp_release (filter);
  errno = -status;
  return status == 0 ? 0 : -1;
}

static int
failed (const char *what, char *error, size_t size)
{
  snprintf (error, size, "%s: %s", what, strerror (errno));
  return -1;
}

int
lockdown (const struct lab *lab, char *error, size_t size)
{
  uint32_t needs = needs_of (lab);

#if defined __SANITIZE_ADDRESS__
  return 0;
#endif
  if (drop_privileges () == -1)
    return failed ("root could not be given up", error, size);
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
    return failed ("new privileges could not be given up", error, size);
  if (!(needs & (PL_NEEDS_FILES | PL_NEEDS_EXEC)) && close_files () == -1)
    return failed ("files could not be given up", error, size);
  if (ban_calls (needs) == -1)
    return failed ("system calls could not be given up", error, size);
  return 0;
}

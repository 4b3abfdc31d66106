#include "host/safe_path.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who can replace this program need not bother with its plugins. */
static uid_t
owner_of_program (void)
{
  char program[4096];
  ssize_t n = readlink ("/proc/self/exe", program, sizeof program - 1);
  char *slash;
  struct stat folder;

  if (n <= 0)
    return 0;
  program[n] = '\0';
  slash = strrchr (program, '/');
  if (slash == NULL)
    return 0;
  slash[slash == program] = '\0';
  return stat (program, &folder) == 0 ? folder.st_uid : 0;
}

/* Many systems give each user a group of their own, and let it write. */
static bool
is_group_of_one (const struct stat *file)
{
  const struct passwd *user = getpwuid (file->st_uid);
  const struct group *group = user != NULL ? getgrgid (file->st_gid) : NULL;

  return group != NULL && group->gr_mem[0] == NULL && strcmp (group->gr_name, user->pw_name) == 0;
}

static bool
judge (const char *path, const struct stat *file, char *message, char *remedy, size_t size)
{
  bool sticky_folder = S_ISDIR (file->st_mode) && (file->st_mode & S_ISVTX);

  if (file->st_uid != 0 && file->st_uid != geteuid () && file->st_uid != owner_of_program ())
    {
      snprintf (message, size, "%s: belongs to another user, who could change the plugin", path);
      snprintf (remedy, size, "Copy the plugin to a folder of your own");
      return false;
    }
  if (sticky_folder || !(file->st_mode & (S_IWGRP | S_IWOTH))
      || (!(file->st_mode & S_IWOTH) && is_group_of_one (file)))
    return true;
  snprintf (message, size, "%s: others can write there and change the plugin", path);
  snprintf (remedy, size, "Take that right away: chmod go-w %s", path);
  return false;
}

/* Cuts a path to the folder that it is in; false: it is the root. */
static bool
go_up (char *path)
{
  char *slash = strrchr (path, '/');

  if (slash == path && path[1] == '\0')
    return false;
  slash[slash == path] = '\0';
  return true;
}

bool
safe_path (const char *path, char *message, char *remedy, size_t size)
{
  char *whole = realpath (path, NULL);
  struct stat file;
  bool safe = true;

  if (whole == NULL)
    {
      snprintf (message, size, "%s: %s", path, strerror (errno));
      *remedy = '\0';
      return false;
    }
  do
    safe = stat (whole, &file) == -1 || judge (whole, &file, message, remedy, size);
  while (safe && go_up (whole));
  free (whole);
  return safe;
}

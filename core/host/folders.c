/* folders.c - where plugins are looked for. */
#include "host/folders.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_known (const struct folders *folders, const struct folder *folder)
{
  for (const struct folder *f = folders->list; f < folders->list + folders->count; f++)
    if (f->is_there && f->device == folder->device && f->inode == folder->inode
        && (f->kind == ANY_KIND || f->kind == folder->kind))
      return true;
  return false;
}

/* Takes path, which may be NULL: no memory.  A folder that is named again is left out.
 * is_optional: and so is one that is not there. */
static int
add (struct folders *folders, char *path, int kind, bool is_optional)
{
  struct folder folder = { .path = path, .kind = kind };
  struct stat about;

  if (path == NULL)
    return -1;
  if (stat (path, &about) == 0)
    {
      folder.is_there = true;
      folder.device = about.st_dev;
      folder.inode = about.st_ino;
    }
  if (folders->count == FOLDERS_MAX || (is_optional && !folder.is_there)
      || (folder.is_there && is_known (folders, &folder)))
    free (path);
  else
    folders->list[folders->count++] = folder;
  return 0;
}

static char *
joined (const char *folder, const char *rest)
{
  char *path;

  return asprintf (&path, "%s/%s", folder, rest) == -1 ? NULL : path;
}

/* One folder of the user's, with its subfolders if it has them. */
static int
add_named (struct folders *folders, const char *path)
{
  if (add (folders, strdup (path), ANY_KIND, false) == -1
      || add (folders, joined (path, "transports"), PL_KIND_TRANSPORT, true) == -1)
    return -1;
  return add (folders, joined (path, "transforms"), PL_KIND_TRANSFORM, true);
}

static int
add_environment (struct folders *folders)
{
  const char *list = secure_getenv ("PROTOLAB_PLUGIN_PATH");
  char *copy = list == NULL ? NULL : strdup (list);
  int status = list != NULL && copy == NULL ? -1 : 0;
  char *rest = copy;

  while (status == 0 && rest != NULL)
    {
      const char *path = strsep (&rest, ":");

      if (*path != '\0')
        status = add_named (folders, path);
    }
  free (copy);
  return status;
}

bool
folder_of_program (char *path, size_t size)
{
  ssize_t n = readlink ("/proc/self/exe", path, size);

  while (n > 0 && path[n - 1] != '/')
    n--;
  if (n < 2)
    return false;
  path[n - 1] = '\0';
  return true;
}

/* A program that lies beside a config.status has not been installed. */
static int
add_build_tree (struct folders *folders)
{
  char folder[PATH_MAX];
  char *status_file;
  bool is_built;

  if (!folder_of_program (folder, sizeof folder))
    return 0;
  status_file = joined (folder, "config.status");
  if (status_file == NULL)
    return -1;
  is_built = access (status_file, F_OK) == 0;
  free (status_file);
  if (!is_built)
    return 0;
  if (add (folders, joined (folder, "plugins"), PL_KIND_TRANSPORT, false) == -1)
    return -1;
  return add (folders, joined (folder, "transforms"), PL_KIND_TRANSFORM, false);
}

int
folders_init (struct folders *folders)
{
  folders->count = 0;
  if (add_environment (folders) == -1 || add_build_tree (folders) == -1
      || add (folders, strdup (PL_LIBDIR "/protolab/transports"), PL_KIND_TRANSPORT, false) == -1)
    return -1;
  return add (folders, strdup (PL_LIBDIR "/protolab/transforms"), PL_KIND_TRANSFORM, false);
}

void
folders_free (struct folders *folders)
{
  for (size_t i = 0; i < folders->count; i++)
    free (folders->list[i].path);
}

bool
folder_is_for (const struct folder *folder, enum pl_kind kind)
{
  return folder->kind == ANY_KIND || folder->kind == (int) kind;
}

bool
folder_holds (const struct folder *folder, enum pl_kind kind)
{
  return folder->is_there && folder_is_for (folder, kind);
}

static int
is_plugin_file (const struct dirent *file)
{
  size_t n = strlen (file->d_name);

  return n > 3 && file->d_name[0] != '.' && strcmp (file->d_name + n - 3, ".so") == 0;
}

size_t
folder_scan (const struct folder *folder, struct dirent ***files)
{
  int count = folder->is_there ? scandir (folder->path, files, is_plugin_file, alphasort) : -1;

  if (count == -1)
    *files = NULL;
  for (int i = 0; i < count; i++)
    (*files)[i]->d_name[strlen ((*files)[i]->d_name) - 3] = '\0';
  return count == -1 ? 0 : (size_t) count;
}

/* folders.h - where plugins are looked for; plugins.h tells the order. */
#ifndef PL_HOST_FOLDERS_H
#define PL_HOST_FOLDERS_H

#include "protolab.h"

#include <dirent.h>

enum
{
  FOLDERS_MAX = 64, /* more than that are not searched */
  ANY_KIND = 0
};

struct folder
{
  char *path;
  int kind;      /* enum pl_kind of all that lies there, or ANY_KIND */
  bool is_there; /* else it is only kept to tell that it was looked for */
  dev_t device;
  ino_t inode;
};

struct folders
{
  struct folder list[FOLDERS_MAX]; /* in the order of the search */
  size_t count;
};

/* 0; -1: no memory.  Ended with folders_free in any case. */
int folders_init (struct folders *folders);
void folders_free (struct folders *folders);

/* Whether plugins of that kind may lie there, and whether it is there, too. */
bool folder_is_for (const struct folder *folder, enum pl_kind kind);
bool folder_holds (const struct folder *folder, enum pl_kind kind);

/* The names of the plugins that lie there, sorted, as d_name; a folder that cannot be read
 * has none.  The caller frees each, and the list. */
size_t folder_scan (const struct folder *folder, struct dirent ***files);

/* The path of the folder that this program lies in.  False: nobody knows. */
bool folder_of_program (char *path, size_t size);

#endif

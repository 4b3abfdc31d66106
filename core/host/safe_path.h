/* safe_path.h - whether others could put their own code in the place of a file. */
#ifndef PL_HOST_SAFE_PATH_H
#define PL_HOST_SAFE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a file and every folder above it belong to root, to us or to the owner of this
 * program, and nobody else can write to them (a sticky folder such as /tmp may be
 * open to all, the file itself never).  Else what is wrong in message, and the remedy, buffers
 * of size bytes. */
bool safe_path (const char *path, char *message, char *remedy, size_t size);

#endif

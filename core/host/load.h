/* load.h - one plugin file: judged, loaded, judged again. */
#ifndef PL_HOST_LOAD_H
#define PL_HOST_LOAD_H

#include "protolab.h"

/* A plugin in memory.  The tables are the host's own copies, full-sized, with zeros where the
 * plugin has nothing; their texts and hooks are the plugin's. */
struct loaded
{
  char *path;
  void *handle; /* of dlopen */
  struct pl_plugin plugin;
  struct pl_transform transform;
  struct pl_transport transport;
};

/* Why a plugin is refused: two buffers of size bytes, each begun as an empty text. */
struct refusal
{
  char *message;
  char *remedy;
  size_t size;
};

/* Writes both and returns -1.  remedy may be NULL. */
int refuse (const struct refusal *why, const char *remedy, const char *format, ...)
    PL_PRINTF (3, 4);

/* Loads the plugin from a file, a path with a slash.  NULL: it is refused.  Ended with
 * load_free. */
struct loaded *load_file (const char *path, const struct refusal *why);

/* is_closed: whether the .so leaves the process with it. */
void load_free (struct loaded *loaded, bool is_closed);

/* Whether each row of a parameter table is sound; NULL is an empty one.  0, or -1 with the
 * reason in message. */
int load_check_params (const struct pl_param *params, uint32_t lab_size, char *message,
                       size_t size);

/* "transport" or "transform". */
const char *kind_name (enum pl_kind kind);

#endif

/* plugins.h - finding plugins, loading them, and refusing those that are wrong. */
#ifndef PL_HOST_PLUGINS_H
#define PL_HOST_PLUGINS_H

#include "lab/lab.h"

struct plugins;

/* One plugin file, as a list shows it. */
struct plugin_entry
{
  char *name;
  char *path;
  enum pl_kind kind;              /* 0: it cannot be loaded, and its folder does not tell */
  const struct pl_plugin *plugin; /* NULL: it cannot be loaded */
  char *problem;                  /* why; NULL where it can */
  bool shadowed;                  /* another of that name is found first */
};

/* Where plugins are looked for, in this order, for each kind:
 *   each folder in PROTOLAB_PLUGIN_PATH (separated by ':'), itself and its subfolders
 *       transports/ or transforms/;
 *   beside a program in its build tree, plugins/ or transforms/;
 *   the installed folder, LIBDIR/protolab/transports or transforms.
 * NULL: no memory. */
struct plugins *plugins_new (void);

/* Closes the plugins that were loaded, but not where PROTOLAB_KEEP_PLUGINS is set or under a
 * sanitizer: both need their symbols at the end. */
void plugins_free (struct plugins *plugins);

/* For struct lab_plugins: self is a struct plugins.  Loads once; what it returns is
 * a copy with every table full-sized, missing members zero, and lives until plugins_free. */
const struct pl_plugin *plugins_find (void *self, enum pl_kind kind, const char *name,
                                      char *message, char *remedy, size_t size);

/* The same for a file that is named by its path; its kind is its own. */
const struct pl_plugin *plugins_open (struct plugins *plugins, const char *path, char *message,
                                      char *remedy, size_t size);

/* The file that a loaded plugin came from. */
const char *plugins_path (const struct plugins *plugins, const struct pl_plugin *plugin);

/* All that can be found, by kind, then by name, then in the order of the search; loads
 * them all.  NULL: no memory.  Freed by plugins_list_free. */
struct plugin_entry *plugins_list (struct plugins *plugins, size_t *count);
void plugins_list_free (struct plugin_entry *list, size_t count);

#endif

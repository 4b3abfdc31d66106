/* plugins.c - finding plugins, and keeping those that were loaded. */
#include "host/plugins.h"
#include "host/folders.h"
#include "host/load.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ \
    || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

struct plugins
{
  struct folders folders;
  struct loaded **loaded; /* by path, each once */
  size_t loaded_count;
};

struct plugins *
plugins_new (void)
{
  struct plugins *plugins = calloc (1, sizeof *plugins);

  if (plugins == NULL || folders_init (&plugins->folders) == 0)
    return plugins;
  plugins_free (plugins);
  return NULL;
}

void
plugins_free (struct plugins *plugins)
{
  bool is_closed = !IS_SANITIZED && getenv ("PROTOLAB_KEEP_PLUGINS") == NULL;

  if (plugins == NULL)
    return;
  for (size_t i = 0; i < plugins->loaded_count; i++)
    load_free (plugins->loaded[i], is_closed);
  folders_free (&plugins->folders);
  free (plugins->loaded);
  free (plugins);
}

/* ----------------------------------------------------------------- loading -- */

/* What lies at that path, loaded at most once. */
static const struct pl_plugin *
load_once (struct plugins *plugins, const char *path, const struct refusal *why)
{
  struct loaded **more;
  struct loaded *loaded;

  for (size_t i = 0; i < plugins->loaded_count; i++)
    if (strcmp (plugins->loaded[i]->path, path) == 0)
      return &plugins->loaded[i]->plugin;
  loaded = load_file (path, why);
  if (loaded == NULL)
    return NULL;
  more = reallocarray (plugins->loaded, plugins->loaded_count + 1, sizeof (struct loaded *));
  if (more == NULL)
    {
      load_free (loaded, true);
      refuse (why, NULL, "out of memory");
      return NULL;
    }
  plugins->loaded = more;
  more[plugins->loaded_count++] = loaded;
  return &loaded->plugin;
}

/* The same for a file of that folder, which tells what kind it has to be. */
static const struct pl_plugin *
load_from (struct plugins *plugins, const struct folder *folder, const char *path,
           const struct refusal *why)
{
  const struct pl_plugin *plugin = load_once (plugins, path, why);

  if (plugin == NULL || folder->kind == ANY_KIND || plugin->kind == (uint32_t) folder->kind)
    return plugin;
  refuse (why, NULL, "%s: is a %s, and lies among the %ss", path,
          kind_name ((enum pl_kind) plugin->kind), kind_name ((enum pl_kind) folder->kind));
  snprintf (why->remedy, why->size, "Move it to the %ss", kind_name ((enum pl_kind) plugin->kind));
  return NULL;
}

const struct pl_plugin *
plugins_open (struct plugins *plugins, const char *path, char *message, char *remedy, size_t size)
{
  const struct refusal why = { message, remedy, size };
  char here[PATH_MAX];

  *message = *remedy = '\0';
  if (strchr (path, '/') != NULL)
    return load_once (plugins, path, &why);
  /* dlopen goes through the library folders for a name without a slash. */
  snprintf (here, sizeof here, "./%s", path);
  return load_once (plugins, here, &why);
}

const char *
plugins_path (const struct plugins *plugins, const struct pl_plugin *plugin)
{
  for (size_t i = 0; i < plugins->loaded_count; i++)
    if (&plugins->loaded[i]->plugin == plugin)
      return plugins->loaded[i]->path;
  return NULL;
}

/* ------------------------------------------------------------------ search -- */

/* Appends to a text in a buffer; what has no room is cut off. */
PL_PRINTF (3, 4)
static void
append (char *to, size_t size, const char *format, ...)
{
  size_t n = strlen (to);
  va_list args;

  va_start (args, format);
  vsnprintf (to + n, size - n, format, args);
  va_end (args);
}

/* The name among all files of that kind which was meant. */
static void
append_meant (const struct plugins *plugins, enum pl_kind kind, const char *name,
              const struct refusal *why)
{
  char best[NAME_MAX + 1] = "";

  for (size_t i = 0; i < plugins->folders.count; i++)
    {
      struct dirent **files = NULL;
      size_t count = folder_holds (&plugins->folders.list[i], kind)
                         ? folder_scan (&plugins->folders.list[i], &files)
                         : 0;

      for (size_t j = 0; j < count; j++)
        {
          /* The better one of the best so far and this one. */
          const char *words[] = { *best == '\0' ? files[j]->d_name : best, files[j]->d_name, NULL };
          const char *meant = suggest (name, words);

          if (meant == files[j]->d_name)
            snprintf (best, sizeof best, "%s", meant);
          free (files[j]);
        }
      free (files);
    }
  if (*best != '\0')
    append (why->remedy, why->size, "Did you mean \"%s\"? ", best);
}

static void
append_searched (const struct plugins *plugins, enum pl_kind kind, const struct refusal *why)
{
  const struct folder *searched[FOLDERS_MAX];
  size_t count = 0;

  for (size_t i = 0; i < plugins->folders.count; i++)
    if (folder_is_for (&plugins->folders.list[i], kind))
      searched[count++] = &plugins->folders.list[i];
  for (size_t i = 0; i < count; i++)
    append (why->remedy, why->size, "%s%s%s",
            i == 0           ? "Looked in "
            : i == count - 1 ? " and "
                             : ", ",
            searched[i]->path, searched[i]->is_there ? "" : " (not there)");
}

static bool
exists (const struct folder *folder, const char *name, char *path, size_t size)
{
  struct stat about;

  return snprintf (path, size, "%s/%s.so", folder->path, name) < (int) size
         && lstat (path, &about) == 0;
}

const struct pl_plugin *
plugins_find (void *self, enum pl_kind kind, const char *name, char *message, char *remedy,
              size_t size)
{
  struct plugins *plugins = self;
  const struct refusal why = { message, remedy, size };
  bool is_other = false;
  char path[8192];

  *message = *remedy = '\0';
  for (size_t i = 0; i < plugins->folders.count && strchr (name, '/') == NULL; i++)
    {
      const struct folder *folder = &plugins->folders.list[i];
      const struct pl_plugin *plugin;

      if (!folder->is_there || !exists (folder, name, path, sizeof path))
        continue;
      plugin = folder_holds (folder, kind) ? load_from (plugins, folder, path, &why) : NULL;
      if (folder_holds (folder, kind) && (plugin == NULL || plugin->kind == kind))
        return plugin;
      is_other = true;
    }
  if (is_other)
    {
      const char *other
          = kind_name (kind == PL_KIND_TRANSPORT ? PL_KIND_TRANSFORM : PL_KIND_TRANSPORT);

      refuse (&why, NULL, "\"%s\" is a %s, not a %s", name, other, kind_name (kind));
      snprintf (remedy, size, "Name it under \"%s\"", other);
      return NULL;
    }
  refuse (&why, NULL, "no %s \"%s\"", kind_name (kind), name);
  append_meant (plugins, kind, name, &why);
  append_searched (plugins, kind, &why);
  return NULL;
}

/* -------------------------------------------------------------------- list -- */

/* A list that grows in its order. */
struct listing
{
  struct plugin_entry *entries;
  size_t count;
};

static bool
is_before (const struct plugin_entry *a, const struct plugin_entry *b)
{
  return a->kind != b->kind ? a->kind < b->kind : strcmp (a->name, b->name) < 0;
}

/* Takes what the entry owns. */
static int
add_entry (struct listing *list, struct plugin_entry *entry)
{
  struct plugin_entry *more = reallocarray (list->entries, list->count + 1, sizeof *list->entries);
  size_t at = list->count;

  if (more != NULL)
    list->entries = more;
  if (more == NULL || entry->name == NULL || entry->path == NULL
      || (entry->plugin == NULL && entry->problem == NULL))
    {
      free (entry->name);
      free (entry->path);
      free (entry->problem);
      return -1;
    }
  for (size_t i = 0; i < list->count; i++)
    if (strcmp (more[i].name, entry->name) == 0
        && (more[i].kind == entry->kind || (int) more[i].kind == ANY_KIND))
      entry->shadowed = true;
  while (at > 0 && is_before (entry, &more[at - 1]))
    at--;
  memmove (&more[at + 1], &more[at], (list->count - at) * sizeof *more);
  more[at] = *entry;
  list->count++;
  return 0;
}

static int
add_file (struct plugins *plugins, const struct folder *folder, const char *name,
          struct listing *list)
{
  char message[4096], remedy[4096];
  const struct refusal why = { message, remedy, sizeof message };
  struct plugin_entry entry = { .name = strdup (name), .kind = (enum pl_kind) folder->kind };

  if (asprintf (&entry.path, "%s/%s.so", folder->path, name) == -1)
    entry.path = NULL;
  else
    entry.plugin = load_from (plugins, folder, entry.path, &why);
  if (entry.plugin != NULL)
    entry.kind = (enum pl_kind) entry.plugin->kind;
  else if (entry.path != NULL)
    entry.problem = strdup (message);
  return add_entry (list, &entry);
}

struct plugin_entry *
plugins_list (struct plugins *plugins, size_t *count)
{
  /* An empty list is no NULL. */
  struct listing list = { calloc (1, sizeof *list.entries), 0 };
  int status = list.entries == NULL ? -1 : 0;

  for (size_t i = 0; i < plugins->folders.count && status == 0; i++)
    {
      struct dirent **files;
      size_t n = folder_scan (&plugins->folders.list[i], &files);

      for (size_t j = 0; j < n; j++)
        {
          if (status == 0)
            status = add_file (plugins, &plugins->folders.list[i], files[j]->d_name, &list);
          free (files[j]);
        }
      free (files);
    }
  *count = list.count;
  if (status == 0)
    return list.entries;
  plugins_list_free (list.entries, list.count);
  return NULL;
}

void
plugins_list_free (struct plugin_entry *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    {
      free (list[i].name);
      free (list[i].path);
      free (list[i].problem);
    }
  free (list);
}

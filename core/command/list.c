/* list.c - protolab list: the plugins and the labs that can be named. */
#include "command/command.h"
#include "host/folders.h"
#include "host/plugins.h"
#include "lab/show.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

/* All that is listed. */
struct listing
{
  struct plugins *plugins;
  struct plugin_entry *entries;
  size_t count;
  char labs[PATH_MAX]; /* the folder of the labs; "": there is none */
  struct dirent **files;
  int file_count;
};

/* -------------------------------------------------------------------- labs -- */

static bool
is_folder (const char *path)
{
  struct stat about;

  return stat (path, &about) == 0 && S_ISDIR (about.st_mode);
}

/* The labs of here, else those beside the program, else the installed ones. */
static void
find_labs (char *path, size_t size)
{
  static const char name[] = "/labs";

  snprintf (path, size, "%s", name + 1);
  if (is_folder (path))
    return;
  if (folder_of_program (path, size - sizeof name))
    {
      strcat (path, name);
      if (is_folder (path))
        return;
    }
  snprintf (path, size, "%s", PL_DATADIR "/labs");
  if (!is_folder (path))
    *path = '\0';
}

static int
is_lab_file (const struct dirent *file)
{
  size_t n = strlen (file->d_name);

  return n > 5 && file->d_name[0] != '.' && strcmp (file->d_name + n - 5, ".json") == 0;
}

/* NULL: it is no sound lab. */
static struct lab *
read_lab (const struct listing *listing, const char *path)
{
  const struct lab_plugins finder = { .find = plugins_find, .self = listing->plugins };
  struct report report;
  struct lab *lab;

  report_init (&report, path);
  lab = lab_read (&finder, &report);
  report_free (&report);
  return lab;
}

/* -------------------------------------------------------------------- text -- */

/* A text in a column of that width, and a gap behind it. */
static void
column (const char *text, size_t width)
{
  size_t n = strlen (text);

  show_text (text, stdout);
  printf ("%*s", (int) (n < width ? width - n : 0) + 2, "");
}

/* The path of the one that is found in place of a shadowed entry. */
static const char *
found_first (const struct listing *listing, const struct plugin_entry *entry)
{
  for (size_t i = 0; i < listing->count; i++)
    if (strcmp (listing->entries[i].name, entry->name) == 0 && !listing->entries[i].shadowed)
      return listing->entries[i].path;
  return "another";
}

static void
write_kind (const struct listing *listing, int kind, const char *heading)
{
  size_t widths[2] = { 8, 1 };
  bool is_first = true;

  for (const struct plugin_entry *e = listing->entries; e < listing->entries + listing->count; e++)
    {
      size_t n = e->plugin == NULL ? 0 : strlen (e->plugin->version);

      widths[0] = strlen (e->name) > widths[0] ? strlen (e->name) : widths[0];
      widths[1] = n > widths[1] ? n : widths[1];
    }
  for (const struct plugin_entry *e = listing->entries; e < listing->entries + listing->count; e++)
    {
      if ((int) e->kind != kind)
        continue;
      if (is_first)
        printf ("%s\n", heading);
      is_first = false;
      fputs ("  ", stdout);
      column (e->name, widths[0]);
      column (e->plugin == NULL ? "-" : e->plugin->version, widths[1]);
      fputs (e->plugin == NULL ? "cannot be used: " : "", stdout);
      show_text (e->plugin == NULL ? e->problem : e->plugin->summary, stdout);
      if (e->shadowed)
        {
          fputs (" (hidden by ", stdout);
          show_text (found_first (listing, e), stdout);
          fputc (')', stdout);
        }
      fputc ('\n', stdout);
    }
  if (!is_first)
    fputc ('\n', stdout);
}

static void
write_labs (const struct listing *listing)
{
  char path[PATH_MAX + NAME_MAX + 2];
  size_t width = 8;

  if (*listing->labs == '\0')
    {
      puts ("No labs: no folder labs is here, beside the program, or installed");
      return;
    }
  fputs ("Labs in ", stdout);
  show_text (listing->labs, stdout);
  fputc ('\n', stdout);
  for (int i = 0; i < listing->file_count; i++)
    {
      size_t n = strlen (listing->files[i]->d_name);

      width = n > width ? n : width;
    }
  for (int i = 0; i < listing->file_count; i++)
    {
      struct lab *lab;

      snprintf (path, sizeof path, "%s/%s", listing->labs, listing->files[i]->d_name);
      lab = read_lab (listing, path);
      fputs ("  ", stdout);
      column (listing->files[i]->d_name, width);
      if (lab == NULL)
        fputs ("is not sound; protolab lint tells why", stdout);
      else
        show_text (lab->title == NULL ? lab->name : lab->title, stdout);
      fputc ('\n', stdout);
      lab_free (lab);
    }
}

static void
write_text (const struct listing *listing)
{
  write_kind (listing, PL_KIND_TRANSPORT, "Transports");
  write_kind (listing, PL_KIND_TRANSFORM, "Transforms");
  write_kind (listing, ANY_KIND, "Neither, as they cannot be loaded");
  write_labs (listing);
}

/* -------------------------------------------------------------------- JSON -- */

static void
add_plugin (cJSON *list, const struct plugin_entry *entry)
{
  cJSON *object = cJSON_CreateObject ();

  cJSON_AddStringToObject (object, "name", entry->name);
  if (entry->plugin != NULL)
    {
      cJSON_AddStringToObject (object, "version", entry->plugin->version);
      cJSON_AddStringToObject (object, "summary", entry->plugin->summary);
    }
  else
    cJSON_AddStringToObject (object, "problem", entry->problem);
  cJSON_AddStringToObject (object, "file", entry->path);
  cJSON_AddBoolToObject (object, "shadowed", entry->shadowed);
  cJSON_AddItemToArray (list, object);
}

static void
add_lab (cJSON *list, const struct listing *listing, const char *file)
{
  char path[PATH_MAX + NAME_MAX + 2];
  cJSON *object = cJSON_CreateObject ();
  struct lab *lab;

  snprintf (path, sizeof path, "%s/%s", listing->labs, file);
  lab = read_lab (listing, path);
  cJSON_AddStringToObject (object, "file", path);
  cJSON_AddBoolToObject (object, "sound", lab != NULL);
  if (lab != NULL)
    cJSON_AddStringToObject (object, "name", lab->name);
  if (lab != NULL && lab->title != NULL)
    cJSON_AddStringToObject (object, "title", lab->title);
  cJSON_AddItemToArray (list, object);
  lab_free (lab);
}

static enum status
write_json (const struct listing *listing)
{
  static const char *const keys[] = { "unloadable", "transports", "transforms" }; /* by kind */
  cJSON *root = cJSON_CreateObject ();
  cJSON *labs;
  char *text;

  for (int kind = PL_KIND_TRANSPORT; kind <= PL_KIND_TRANSFORM + 1; kind++)
    {
      cJSON *list = cJSON_AddArrayToObject (root, keys[kind % 3]);

      for (size_t i = 0; i < listing->count; i++)
        if ((int) listing->entries[i].kind == kind % 3)
          add_plugin (list, &listing->entries[i]);
    }
  labs = cJSON_AddArrayToObject (root, "labs");
  for (int i = 0; i < listing->file_count; i++)
    add_lab (labs, listing, listing->files[i]->d_name);
  text = cJSON_Print (root);
  cJSON_Delete (root);
  if (text == NULL)
    {
      complain ("list", "out of memory");
      return STATUS_OUR_FAULT;
    }
  puts (text);
  cJSON_free (text);
  return STATUS_DONE;
}

int
command_list (struct invocation *in)
{
  struct listing listing = { .plugins = plugins_new () };
  enum status status = STATUS_DONE;

  if (listing.plugins != NULL)
    listing.entries = plugins_list (listing.plugins, &listing.count);
  if (listing.entries == NULL)
    {
      complain ("list", "out of memory");
      plugins_free (listing.plugins);
      return STATUS_OUR_FAULT;
    }
  find_labs (listing.labs, sizeof listing.labs);
  if (*listing.labs != '\0')
    listing.file_count = scandir (listing.labs, &listing.files, is_lab_file, alphasort);
  if (in->json)
    status = write_json (&listing);
  else
    write_text (&listing);

  for (int i = 0; i < listing.file_count; i++)
    free (listing.files[i]);
  free (listing.files);
  plugins_list_free (listing.entries, listing.count);
  plugins_free (listing.plugins);
  return status;
}

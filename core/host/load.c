/* load.c - one plugin file: judged, loaded, judged again.
 *
 * What a plugin hands over is read no further than its struct_size, and each refusal says
 * what its author has to do.
 */
#include "host/load.h"
#include "host/safe_path.h"
#include "host/elf_symbol.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ENTRY "protolab_plugin"
#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

#define FOOT "End it with PL_TRANSFORM or PL_TRANSPORT of protolab.h, which fill that in"
#define REBUILD "Build it again with this protolab's protolab.h"

const char *
kind_name (enum pl_kind kind)
{
  return kind == PL_KIND_TRANSPORT ? "transport" : "transform";
}

int
refuse (const struct refusal *why, const char *remedy, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  vsnprintf (why->message, why->size, format, args);
  va_end (args);
  snprintf (why->remedy, why->size, "%s", remedy == NULL ? "" : remedy);
  return -1;
}

static bool
is_name (const char *name)
{
  return *name != '\0' && name[strspn (name, LETTERS)] == '\0';
}

/* ------------------------------------------------------------- parameters -- */

static size_t
width_of (const struct pl_param *param)
{
  return param->type == PL_INTEGER   ? sizeof (int64_t)
         : param->type == PL_BOOLEAN ? sizeof (bool)
                                     : sizeof (const char *);
}

static bool
is_choice (const char *choices, const char *word)
{
  size_t n = strlen (word);
  const char *p = choices;

  while (strcspn (p, "|") != n || strncmp (p, word, n) != 0)
    {
      p += strcspn (p, "|");
      if (*p++ == '\0')
        return false;
    }
  return true;
}

static const char *
preset_problem (const struct pl_param *param)
{
  size_t length = strlen (param->preset);
  char *end;
  int64_t value;

  if (param->type == PL_BOOLEAN)
    return strcmp (param->preset, "true") == 0 || strcmp (param->preset, "false") == 0
               ? NULL
               : "is neither true nor false";
  if (param->type == PL_STRING && param->choices != NULL)
    return is_choice (param->choices, param->preset) ? NULL : "is none of its choices";
  if (param->type == PL_STRING)
    return param->max == 0 || (length >= (uint64_t) param->min && length <= (uint64_t) param->max)
               ? NULL
               : "has not the length that is asked for";
  errno = 0;
  value = strtoll (param->preset, &end, 10);
  if (*end != '\0' || end == param->preset || errno == ERANGE)
    return "is not a whole number";
  return value >= param->min && value <= param->max ? NULL : "is out of its range";
}

static const char *
row_problem (const struct pl_param *params, const struct pl_param *param, uint32_t lab_size)
{
  if (!is_name (param->name))
    return "its name has other characters than a to z, 0 to 9 and _";
  if (strcmp (param->name, "plugin") == 0)
    return "a lab says \"plugin\" for the plugin itself";
  for (const struct pl_param *p = params; p < param; p++)
    if (strcmp (p->name, param->name) == 0)
      return "it is there twice";
  if (param->type < PL_INTEGER || param->type > PL_STRING)
    return "its type is none of PL_INTEGER, PL_BOOLEAN and PL_STRING";
  if ((uint64_t) param->offset + width_of (param) > lab_size)
    return "its member lies outside of the lab state; is lab_size set?";
  if (param->help == NULL)
    return "it has no help";
  if (param->type == PL_INTEGER && param->min > param->max)
    return "its min is above its max";
  if (param->type == PL_STRING
      && (param->min < 0 || param->max < 0 || (param->max > 0 && param->min > param->max)))
    return "its min and max are no lengths";
  return NULL;
}

int
load_check_params (const struct pl_param *params, uint32_t lab_size, char *message, size_t size)
{
  for (const struct pl_param *p = params; p != NULL && p->name != NULL; p++)
    {
      const char *problem = row_problem (params, p, lab_size);

      if (problem != NULL)
        snprintf (message, size, "parameter \"%s\": %s", p->name, problem);
      else if (p->preset != NULL && (problem = preset_problem (p)) != NULL)
        snprintf (message, size, "parameter \"%s\": its preset \"%s\" %s", p->name, p->preset,
                  problem);
      if (problem != NULL)
        return -1;
    }
  return 0;
}

/* ------------------------------------------------------------------- hooks -- */

struct hook
{
  const char *name;
  size_t offset;
  uint32_t carries; /* 0: whatever it carries */
};

#define HOOK(table, member, carries) \
  { \
#member, offsetof(struct table, member), carries \
  }

static const struct hook transform_hooks[] = { HOOK (pl_transform, message, 0), { NULL, 0, 0 } };

static const struct hook transport_hooks[] = {
  HOOK (pl_transport, listen, 0),
  HOOK (pl_transport, connect, 0),
  HOOK (pl_transport, ready, 0),
  HOOK (pl_transport, send, PL_STREAM),
  HOOK (pl_transport, send_datagrams, PL_DATAGRAMS),
  HOOK (pl_transport, close, 0),
  { NULL, 0, 0 },
};

/* Copies what of a table both sides know.  A pointer that struct_size cuts in two counts as
 * not there. */
static void
copy_table (void *to, size_t known, const void *from, uint32_t struct_size)
{
  size_t n = struct_size < known ? struct_size : known;

  memset (to, 0, known);
  memcpy (to, from, n - n % sizeof (void *));
}

static int
check_hooks (const struct loaded *to, const void *table, uint32_t struct_size,
             const struct hook *hook, const struct refusal *why)
{
  const char *kind = kind_name (to->plugin.kind);

  for (; hook->name != NULL; hook++)
    {
      void *there;

      if (hook->carries != 0 && hook->carries != to->transport.carries)
        continue;
      if (struct_size < hook->offset + sizeof there)
        return refuse (why, REBUILD, "%s: its struct pl_%s ends before the required hook \"%s\"",
                       to->path, kind, hook->name);
      memcpy (&there, (const char *) table + hook->offset, sizeof there);
      if (there == NULL)
        {
          refuse (why, NULL, "%s: the required hook \"%s\" is missing", to->path, hook->name);
          snprintf (why->remedy, why->size, "Give .%s = ... to its PL_%s", hook->name,
                    to->plugin.kind == PL_KIND_TRANSPORT ? "TRANSPORT" : "TRANSFORM");
          return -1;
        }
    }
  return 0;
}

/* The table of hooks, with its parameters. */
static int
take_table (struct loaded *to, const struct refusal *why)
{
  bool is_transport = to->plugin.kind == PL_KIND_TRANSPORT;
  const void *table
      = is_transport ? (const void *) to->plugin.transport : (const void *) to->plugin.transform;
  uint32_t size;
  char problem[256];

  if (table == NULL)
    return refuse (why, FOOT, "%s: is a %s by its kind, and has no struct pl_%s", to->path,
                   kind_name (to->plugin.kind), kind_name (to->plugin.kind));
  memcpy (&size, table, sizeof size);
  if (is_transport)
    copy_table (&to->transport, sizeof to->transport, table, size);
  else
    copy_table (&to->transform, sizeof to->transform, table, size);
  to->transform.struct_size = sizeof to->transform;
  to->transport.struct_size = sizeof to->transport;
  to->plugin.transform = is_transport ? NULL : &to->transform;
  to->plugin.transport = is_transport ? &to->transport : NULL;

  if (check_hooks (to, table, size, is_transport ? transport_hooks : transform_hooks, why) == -1)
    return -1;
  if (is_transport && to->transport.carries != PL_STREAM && to->transport.carries != PL_DATAGRAMS)
    return refuse (why, "Say .carries = PL_STREAM or .carries = PL_DATAGRAMS",
                   "%s: carries %" PRIu32 ", which is neither a stream nor datagrams", to->path,
                   to->transport.carries);
  if (load_check_params (is_transport ? to->transport.params : to->transform.params,
                         is_transport ? to->transport.lab_size : to->transform.lab_size, problem,
                         sizeof problem)
      == -1)
    return refuse (why, "protolab-plugin(3) shows how a table of parameters is written", "%s: %s",
                   to->path, problem);
  return 0;
}

/* -------------------------------------------------------------- descriptor -- */

static int
check_name (const struct loaded *to, const struct refusal *why)
{
  const char *slash = strrchr (to->path, '/');
  const char *file = slash == NULL ? to->path : slash + 1;
  const char *name = to->plugin.name;
  size_t n = strlen (file);

  if (name == NULL)
    return refuse (why, FOOT, "%s: has no name", to->path);
  if (!is_name (name))
    return refuse (why, "Give it, and its file, another one",
                   "%s: its name \"%s\" has other characters than a to z, 0 to 9 and _", to->path,
                   name);
  if (n > 3 && strcmp (file + n - 3, ".so") == 0)
    n -= 3;
  if (strlen (name) != n || memcmp (file, name, n) != 0)
    {
      refuse (why, NULL, "%s: calls itself \"%s\", unlike its file", to->path, name);
      snprintf (why->remedy, why->size, "Name the file %s.so", name);
      return -1;
    }
  if (to->plugin.summary == NULL)
    return refuse (why, FOOT, "%s: has no summary", to->path);
  return 0;
}

static int
take_plugin (struct loaded *to, const struct pl_plugin *from, const struct refusal *why)
{
  if (from == NULL)
    return refuse (why, REBUILD, "%s: refuses this protolab, whose ABI is %d", to->path, PL_ABI);
  if (from->magic != PL_MAGIC)
    return refuse (why, FOOT, "%s: its magic number is 0x%08" PRIx32 ", not 0x%08" PRIx32, to->path,
                   from->magic, PL_MAGIC);
  if (from->abi != PL_ABI)
    return refuse (why, REBUILD, "%s: is made for ABI %" PRIu32 ", and this protolab's is %d",
                   to->path, from->abi, PL_ABI);
  if (from->struct_size < sizeof *from)
    return refuse (why, REBUILD, "%s: its struct pl_plugin has %" PRIu32 " bytes, not %zu",
                   to->path, from->struct_size, sizeof *from);
  if (from->kind != PL_KIND_TRANSPORT && from->kind != PL_KIND_TRANSFORM)
    return refuse (why, FOOT, "%s: its kind is %" PRIu32 ", neither a transport nor a transform",
                   to->path, from->kind);
  copy_table (&to->plugin, sizeof to->plugin, from, from->struct_size);
  to->plugin.struct_size = sizeof to->plugin;
  if (to->plugin.version == NULL)
    to->plugin.version = "";
  return check_name (to, why) == -1 ? -1 : take_table (to, why);
}

/* -------------------------------------------------------------------- file -- */

static int
check_file (const char *path, const struct refusal *why)
{
  static const char compile[] = "cc -shared -fPIC -o NAME.so NAME.c makes one";

  switch (elf_symbol_file (path, ENTRY))
    {
    case ELF_SYMBOL_DEFINED:
      return 0;
    case ELF_SYMBOL_MISSING:
      return refuse (why, "End it with PL_TRANSFORM or PL_TRANSPORT of protolab.h",
                     "%s: does not export " ENTRY, path);
    case ELF_NOT_ELF:
      return refuse (why, compile, "%s: is not an ELF file", path);
    case ELF_OTHER_MACHINE:
      return refuse (why, "Build it again on this one", "%s: is for another machine", path);
    case ELF_NOT_SHARED:
      return refuse (why, compile, "%s: is an ELF file, but not a shared object", path);
    case ELF_CUT_SHORT:
      return refuse (why, "Build it again, or copy it again", "%s: is cut short", path);
    case ELF_TOO_LARGE:
      return refuse (why, "Is this the right file?", "%s: is larger than %d MiB", path,
                     ELF_MIB_MAX);
    case ELF_UNREADABLE:
    default:
      return refuse (why,
                     errno == EISDIR   ? "Name the .so file inside of it"
                     : errno == EACCES ? "chmod +r lets it be read"
                                       : "Is the name right?",
                     "%s: %s", path, strerror (errno));
    }
}

static int
open_file (struct loaded *to, const struct refusal *why)
{
  const char *problem;

  if (check_file (to->path, why) == -1
      || !safe_path (to->path, why->message, why->remedy, why->size))
    return -1;
  to->handle = dlopen (to->path, RTLD_NOW | RTLD_LOCAL);
  if (to->handle != NULL)
    return 0;
  problem = dlerror ();
  return refuse (why,
                 strstr (problem, "undefined symbol") != NULL
                     ? "Link it with -Wl,-z,defs to see that when it is built"
                     : "ldd shows which libraries it needs",
                 "%s: cannot be loaded: %s", to->path, problem);
}

struct loaded *
load_file (const char *path, const struct refusal *why)
{
  struct loaded *to = calloc (1, sizeof *to);
  const struct pl_plugin *(*entry) (uint32_t host_abi);

  if (to == NULL || (to->path = strdup (path)) == NULL)
    {
      refuse (why, NULL, "%s: %s", path, strerror (ENOMEM));
      free (to);
      return NULL;
    }
  if (open_file (to, why) == 0)
    {
      *(void **) &entry = dlsym (to->handle, ENTRY);
      if (take_plugin (to, entry (PL_ABI), why) == 0)
        return to;
    }
  load_free (to, true);
  return NULL;
}

void
load_free (struct loaded *loaded, bool is_closed)
{
  if (loaded->handle != NULL && is_closed)
    dlclose (loaded->handle);
  free (loaded->path);
  free (loaded);
}

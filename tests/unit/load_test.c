/* load_test.c - plugin files that are wrong are refused, each with its sentence. */
#include "host/elf_symbol.h"
#include "host/load.h"
#include "plugin_files.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

/* ---------------------------------------------------------------- refusals -- */

#define FOOT "End it with PL_TRANSFORM or PL_TRANSPORT of protolab.h, which fill that in"
#define REBUILD "Build it again with this protolab's protolab.h"
#define TABLE "protolab-plugin(3) shows how a table of parameters is written"
#define COMPILE "cc -shared -fPIC -o NAME.so NAME.c makes one"

/* What is said of each; behind the path of the file. */
static const struct
{
  const char *name, *message, *remedy;
} broken[] = {
  { "Bad_Name", "its name \"Bad_Name\" has other characters than a to z, 0 to 9 and _",
    "Give it, and its file, another one" },
  { "bad_kind", "its kind is 9, neither a transport nor a transform", FOOT },
  { "bad_magic", "its magic number is 0x504c4143, not 0x504c4142", FOOT },
  { "bad_offset", "parameter \"times\": its member lies outside of the lab state; is lab_size set?",
    TABLE },
  { "bad_params", "parameter \"times\": its preset \"many\" is not a whole number", TABLE },
  { "future_abi", "is made for ABI 2, and this protolab's is 1", REBUILD },
  { "name_mismatch", "calls itself \"another_name\", unlike its file",
    "Name the file another_name.so" },
  { "no_entry", "does not export protolab_plugin",
    "End it with PL_TRANSFORM or PL_TRANSPORT of protolab.h" },
  { "no_message", "the required hook \"message\" is missing",
    "Give .message = ... to its PL_TRANSFORM" },
  { "no_ready", "the required hook \"ready\" is missing", "Give .ready = ... to its PL_TRANSPORT" },
  { "null_entry", "refuses this protolab, whose ABI is 1", REBUILD },
  { "null_name", "has no name", FOOT },
  { "null_summary", "has no summary", FOOT },
  { "null_table", "is a transform by its kind, and has no struct pl_transform", FOOT },
  { "short_plugin", NULL, REBUILD }, /* its numbers are the machine's */
  { "short_struct", "its struct pl_transform ends before the required hook \"message\"", REBUILD },
};

static void
refused (struct plugins *plugins, const char *path, const char *wanted, const char *cure)
{
  char sentence[SIZE];

  assert_null (plugins_open (plugins, path, message, remedy, sizeof message));
  snprintf (sentence, sizeof sentence, "%s: %s", path, wanted);
  assert_string_equal (message, sentence);
  assert_string_equal (remedy, cure);
}

static void
broken_ones (void **state)
{
  struct plugins *plugins = plugins_in ("");
  char numbers[128];

  (void) state;
  snprintf (numbers, sizeof numbers, "its struct pl_plugin has %zu bytes, not %zu",
            offsetof (struct pl_plugin, summary), sizeof (struct pl_plugin));
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
    refused (plugins, fixture (broken[i].name),
             broken[i].message == NULL ? numbers : broken[i].message, broken[i].remedy);
  plugins_free (plugins);
}

static void
undefined_symbol (void **state)
{
  struct plugins *plugins = plugins_in ("");
  const char *path = fixture ("undefined_symbol");
  char sentence[2048];

  (void) state;
  assert_null (dlopen (path, RTLD_NOW | RTLD_LOCAL));
  snprintf (sentence, sizeof sentence, "cannot be loaded: %s", dlerror ());
  assert_non_null (strstr (sentence, "undefined_symbol_elsewhere"));
  refused (plugins, path, sentence, "Link it with -Wl,-z,defs to see that when it is built");
  plugins_free (plugins);
}

/* Loading it would write to stderr. */
static void
constructor_does_not_run (void **state)
{
  struct plugins *plugins = plugins_in ("");
  FILE *caught = tmpfile ();
  int kept = dup (STDERR_FILENO);
  struct stat about;

  (void) state;
  assert_non_null (caught);
  assert_int_not_equal (kept, -1);
  fflush (stderr);
  assert_int_not_equal (dup2 (fileno (caught), STDERR_FILENO), -1);
  assert_null (plugins_open (plugins, fixture ("no_entry"), message, remedy, sizeof message));
  fflush (stderr);
  assert_int_not_equal (dup2 (kept, STDERR_FILENO), -1);
  close (kept);
  assert_int_equal (fstat (fileno (caught), &about), 0);
  assert_int_equal (about.st_size, 0);
  fclose (caught);
  plugins_free (plugins);
}

/* ------------------------------------------------------------------- files -- */

static char *
slurp (const char *path, size_t *size)
{
  FILE *from = fopen (path, "r");
  struct stat about;
  char *bytes;

  assert_non_null (from);
  assert_int_equal (fstat (fileno (from), &about), 0);
  *size = (size_t) about.st_size;
  bytes = malloc (*size);
  assert_non_null (bytes);
  assert_int_equal (fread (bytes, 1, *size, from), *size);
  fclose (from);
  return bytes;
}

static void
spill (const char *path, const char *bytes, size_t size)
{
  FILE *to = fopen (path, "w");

  assert_non_null (to);
  assert_int_equal (fwrite (bytes, 1, size, to), size);
  assert_int_equal (fclose (to), 0);
}

static void
no_plugin_files (void **state)
{
  struct plugins *plugins = plugins_in ("");
  char path[PATH_MAX];

  (void) state;
  snprintf (path, sizeof path, "%s/tests/fixtures/plugins/not_elf.so",
            from_environment ("srcdir", "."));
  refused (plugins, path, "is not an ELF file", COMPILE);
  refused (plugins, scratch_path ("none.so"), "No such file or directory", "Is the name right?");
  refused (plugins, scratch, "Is a directory", "Name the .so file inside of it");

  spill (scratch_path ("empty.so"), "", 0);
  refused (plugins, scratch_path ("empty.so"), "is not an ELF file", COMPILE);
  spill (scratch_path ("four.so"), ELFMAG, SELFMAG);
  refused (plugins, scratch_path ("four.so"), "is cut short", "Build it again, or copy it again");
  assert_int_equal (truncate (scratch_path ("four.so"), (off_t) (ELF_MIB_MAX + 1) << 20), 0);
  refused (plugins, scratch_path ("four.so"), "is larger than 256 MiB", "Is this the right file?");
  assert_int_equal (mkfifo (scratch_path ("fifo.so"), 0600), 0);
  refused (plugins, scratch_path ("fifo.so"), "No such device", "Is the name right?");
  if (geteuid () != 0)
    {
      assert_int_equal (chmod (scratch_path ("four.so"), 0), 0);
      refused (plugins, scratch_path ("four.so"), "Permission denied", "chmod +r lets it be read");
    }
  unlink (scratch_path ("empty.so"));
  unlink (scratch_path ("four.so"));
  unlink (scratch_path ("fifo.so"));
  plugins_free (plugins);
}

static void
changed_elf_files (void **state)
{
  struct plugins *plugins = plugins_in ("");
  size_t size;
  char *bytes = slurp (fixture ("silent"), &size);
  const char *path = scratch_path ("silent.so");

  (void) state;
  bytes[offsetof (ElfW (Ehdr), e_machine)] ^= 0x55;
  spill (path, bytes, size);
  refused (plugins, path, "is for another machine", "Build it again on this one");
  bytes[offsetof (ElfW (Ehdr), e_machine)] ^= 0x55;
  bytes[EI_CLASS] ^= ELFCLASS32 ^ ELFCLASS64;
  spill (path, bytes, size);
  refused (plugins, path, "is for another machine", "Build it again on this one");
  bytes[EI_CLASS] ^= ELFCLASS32 ^ ELFCLASS64;
  ((ElfW (Ehdr) *) bytes)->e_type = ET_REL;
  spill (path, bytes, size);
  refused (plugins, path, "is an ELF file, but not a shared object", COMPILE);
  ((ElfW (Ehdr) *) bytes)->e_type = ET_DYN;
  spill (path, bytes, size / 4);
  refused (plugins, path, "is cut short", "Build it again, or copy it again");
  unlink (path);
  free (bytes);
  plugins_free (plugins);
}

/* How many bytes of a file dlopen maps: without one of them it would die of a signal. */
static size_t
loaded_bytes (const char *bytes)
{
  const ElfW (Ehdr) *header = (const ElfW (Ehdr) *) bytes;
  const ElfW (Phdr) *segment = (const ElfW (Phdr) *) (bytes + header->e_phoff);
  size_t needed = 0;

  for (const ElfW (Phdr) *end = segment + header->e_phnum; segment < end; segment++)
    if (segment->p_type == PT_LOAD && segment->p_offset + segment->p_filesz > needed)
      needed = segment->p_offset + segment->p_filesz;
  return needed;
}

/* Each length has memory of just that length, so that a sanitizer sees every step beyond. */
static void
cut_elf (void **state)
{
  size_t size, defined = 0;
  char *bytes = slurp (fixture ("shout"), &size);
  size_t needed = loaded_bytes (bytes);

  (void) state;
  assert_int_equal (elf_symbol (bytes, size, "protolab_plugin"), ELF_SYMBOL_DEFINED);
  assert_int_equal (elf_symbol (bytes, size, "protolab_plugi"), ELF_SYMBOL_MISSING);
  assert_int_equal (elf_symbol (bytes, size, ""), ELF_SYMBOL_MISSING);
  for (size_t n = 0; n < size; n += n < 4096 ? 1 : 61)
    {
      char *cut = malloc (n + 1);
      enum elf_symbol found;

      assert_non_null (cut);
      memcpy (cut + 1, bytes, n); /* and of an odd address */
      found = elf_symbol (cut + 1, n, "protolab_plugin");
      assert_int_equal (found == ELF_NOT_ELF, n < SELFMAG);
      assert_int_not_equal (found, ELF_SYMBOL_MISSING);
      assert_int_equal (found == ELF_SYMBOL_DEFINED, n >= needed);
      defined += found == ELF_SYMBOL_DEFINED;
      free (cut);
    }
  /* What may be missing is the section headers and the debugging symbols. */
  assert_true (defined > 0);
  free (bytes);
}

static void
flipped_elf (void **state)
{
  size_t size, tries = 0;
  char *bytes = slurp (fixture ("shout"), &size);

  (void) state;
  for (size_t i = SELFMAG; i < size; i += i < 8192 ? 1 : 17)
    for (unsigned bit = 0; bit < 8; bit++, tries++)
      {
        bytes[i] ^= (char) (1 << bit);
        elf_symbol (bytes, size, "protolab_plugin");
        bytes[i] ^= (char) (1 << bit);
      }
  for (size_t i = SELFMAG; i + 4 <= size && i < 8192; i++)
    {
      char kept[4];

      memcpy (kept, bytes + i, sizeof kept);
      memset (bytes + i, 0xff, sizeof kept);
      elf_symbol (bytes, size, "protolab_plugin");
      memcpy (bytes + i, kept, sizeof kept);
    }
  assert_true (tries > 1000);
  assert_int_equal (elf_symbol (bytes, size, "protolab_plugin"), ELF_SYMBOL_DEFINED);
  free (bytes);
}

/* -------------------------------------------------------------- parameters -- */

static void
parameters (void **state)
{
  static const struct
  {
    struct pl_param row;
    const char *problem; /* NULL: it is sound */
  } rows[] = {
    { { "a", PL_INTEGER, 0, "-3", -3, 9, NULL, "h" }, NULL },
    { { "a", PL_INTEGER, 8, NULL, 0, 9, NULL, "h" }, NULL },
    { { "a", PL_STRING, 8, "b", 0, 0, "a|b", "h" }, NULL },
    { { "a", PL_STRING, 8, "", 0, 0, NULL, "h" }, NULL },
    { { "a", PL_BOOLEAN, 15, "true", 0, 0, NULL, "h" }, NULL },
    { { "A", PL_INTEGER, 0, NULL, 0, 9, NULL, "h" },
      "parameter \"A\": its name has other characters than a to z, 0 to 9 and _" },
    { { "", PL_INTEGER, 0, NULL, 0, 9, NULL, "h" },
      "parameter \"\": its name has other characters than a to z, 0 to 9 and _" },
    { { "plugin", PL_INTEGER, 0, NULL, 0, 9, NULL, "h" },
      "parameter \"plugin\": a lab says \"plugin\" for the plugin itself" },
    { { "first", PL_INTEGER, 0, NULL, 0, 9, NULL, "h" }, "parameter \"first\": it is there twice" },
    { { "a", 0, 0, NULL, 0, 9, NULL, "h" },
      "parameter \"a\": its type is none of PL_INTEGER, PL_BOOLEAN and PL_STRING" },
    { { "a", 4, 0, NULL, 0, 9, NULL, "h" },
      "parameter \"a\": its type is none of PL_INTEGER, PL_BOOLEAN and PL_STRING" },
    { { "a", PL_BOOLEAN, 16, NULL, 0, 0, NULL, "h" },
      "parameter \"a\": its member lies outside of the lab state; is lab_size set?" },
    { { "a", PL_INTEGER, UINT32_MAX - 3, NULL, 0, 9, NULL, "h" },
      "parameter \"a\": its member lies outside of the lab state; is lab_size set?" },
    { { "a", PL_INTEGER, 0, NULL, 0, 9, NULL, NULL }, "parameter \"a\": it has no help" },
    { { "a", PL_INTEGER, 0, NULL, 9, 0, NULL, "h" }, "parameter \"a\": its min is above its max" },
    { { "a", PL_STRING, 0, NULL, 9, 1, NULL, "h" },
      "parameter \"a\": its min and max are no lengths" },
    { { "a", PL_INTEGER, 0, "10", 0, 9, NULL, "h" },
      "parameter \"a\": its preset \"10\" is out of its range" },
    { { "a", PL_INTEGER, 0, "", 0, 9, NULL, "h" },
      "parameter \"a\": its preset \"\" is not a whole number" },
    { { "a", PL_INTEGER, 0, "99999999999999999999", 0, INT64_MAX, NULL, "h" },
      "parameter \"a\": its preset \"99999999999999999999\" is not a whole number" },
    { { "a", PL_BOOLEAN, 0, "yes", 0, 0, NULL, "h" },
      "parameter \"a\": its preset \"yes\" is neither true nor false" },
    { { "a", PL_STRING, 0, "c", 0, 0, "a|b|cc", "h" },
      "parameter \"a\": its preset \"c\" is none of its choices" },
    { { "a", PL_STRING, 0, "abc", 1, 2, NULL, "h" },
      "parameter \"a\": its preset \"abc\" has not the length that is asked for" },
  };

  (void) state;
  assert_int_equal (load_check_params (NULL, 0, message, sizeof message), 0);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
      const struct pl_param table[]
          = { { "first", PL_BOOLEAN, 0, NULL, 0, 0, NULL, "h" }, rows[i].row, PL_PARAMS_END };

      *message = '\0';
      assert_int_equal (load_check_params (table, 16, message, sizeof message),
                        rows[i].problem == NULL ? 0 : -1);
      assert_string_equal (message, rows[i].problem == NULL ? "" : rows[i].problem);
    }
}

PLUGIN_FILES_MAIN (cmocka_unit_test (broken_ones), cmocka_unit_test (undefined_symbol),
                   cmocka_unit_test (constructor_does_not_run), cmocka_unit_test (no_plugin_files),
                   cmocka_unit_test (changed_elf_files), cmocka_unit_test (cut_elf),
                   cmocka_unit_test (flipped_elf), cmocka_unit_test (parameters))

/* elf.c - any file can be asked whether it defines a function: nothing beyond its end is read, and
 * a file answers as its bytes do. */
#include "host/elf_symbol.h"

#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char name[] = "protolab_plugin";

/* Through a file that is in memory only. */
static enum elf_symbol
ask_file (const uint8_t *data, size_t size)
{
  static int fd = -1;
  static char path[64];

  if (fd == -1)
    {
      fd = memfd_create ("fuzz", MFD_CLOEXEC);
      FUZZ_EXPECT (fd != -1);
      snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    }
  FUZZ_EXPECT (ftruncate (fd, 0) == 0 && pwrite (fd, data, size, 0) == (ssize_t) size);
  return elf_symbol_file (path, name);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  /* Exactly as large as the input: a look beyond it is seen. */
  uint8_t *copy = malloc (size);
  enum elf_symbol status;

  FUZZ_EXPECT (copy != NULL || size == 0);
  if (size > 0)
    memcpy (copy, data, size);
  status = elf_symbol (copy, size, name);
  FUZZ_EXPECT (status == ask_file (data, size));
  FUZZ_EXPECT (status == elf_symbol (copy, size, name));
  free (copy);
  return 0;
}

/* elf_symbol.h - whether a shared object defines a function, found out without loading it. */
#ifndef PL_HOST_ELF_SYMBOL_H
#define PL_HOST_ELF_SYMBOL_H

#include <stddef.h>

enum elf_symbol
{
  ELF_SYMBOL_DEFINED,
  ELF_SYMBOL_MISSING,
  ELF_NOT_ELF,
  ELF_OTHER_MACHINE, /* another processor, word size or byte order than this program's */
  ELF_NOT_SHARED,    /* an object file, a program, a core dump */
  ELF_CUT_SHORT,     /* it says that there is more of it than there is */
  ELF_TOO_LARGE,     /* more than ELF_MIB_MAX */
  ELF_UNREADABLE     /* errno says why; EISDIR for a folder, ENODEV for what is no file either */
};

enum
{
  ELF_MIB_MAX = 256
};

/* Looks a function up as dlsym would, in the size bytes of a file.  Nothing in them is
 * trusted. */
enum elf_symbol elf_symbol (const void *bytes, size_t size, const char *name);

/* The same for a file. */
enum elf_symbol elf_symbol_file (const char *path, const char *name);

#endif

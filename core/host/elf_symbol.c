/* elf_symbol.c - whether a shared object defines a function, found out without loading it.
 *
 * dlopen runs the constructors of whatever it is given, so a file is read before that.  The
 * way is the loader's own: program headers, dynamic section, hash table, symbol; section
 * headers may have been stripped.  Everything is copied out with its bounds checked.
 */
#include "host/elf_symbol.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* This program's own header, put there by the linker: what machine this is. */
extern const ElfW (Ehdr) __ehdr_start __attribute__ ((__visibility__ ("hidden")));

enum
{
  SEGMENTS_MAX = 64
};

#if __ELF_NATIVE_CLASS == 64
#define ST_BIND ELF64_ST_BIND
#define ST_TYPE ELF64_ST_TYPE
#else
#define ST_BIND ELF32_ST_BIND
#define ST_TYPE ELF32_ST_TYPE
#endif

/* A file, and where things stand in it; addresses are those of the loaded file, 0: none. */
struct image
{
  const uint8_t *bytes;
  size_t size;
  ElfW (Ehdr) header;
  uint64_t symbols, strings, strings_size, hash, gnu_hash;
};

/* Copies n bytes from an offset.  False: they are not all there. */
static bool
take (const struct image *image, uint64_t offset, void *to, size_t n)
{
  if (offset > image->size || n > image->size - offset)
    return false;
  memcpy (to, image->bytes + offset, n);
  return true;
}

static bool
take_segment (const struct image *image, unsigned i, ElfW (Phdr) * segment)
{
  uint64_t offset = image->header.e_phoff;

  if (offset > image->size)
    return false;
  return take (image, offset + (uint64_t) i * sizeof *segment, segment, sizeof *segment);
}

/* The same for an address of the loaded file, plus a distance in bytes. */
static bool
take_loaded (const struct image *image, uint64_t address, uint64_t distance, void *to, size_t n)
{
  ElfW (Phdr) segment;

  if (distance > image->size)
    return false;
  for (unsigned i = 0; i < image->header.e_phnum && take_segment (image, i, &segment); i++)
    {
      uint64_t inside = address - segment.p_vaddr;

      if (segment.p_type != PT_LOAD || address < segment.p_vaddr || inside >= segment.p_filesz)
        continue;
      inside += distance;
      return inside <= segment.p_filesz && n <= segment.p_filesz - inside
             && take (image, segment.p_offset + inside, to, n);
    }
  return false;
}

/* ------------------------------------------------------------------ lookup -- */

static bool
is_named (const struct image *image, uint64_t offset, const char *name)
{
  size_t n = strlen (name) + 1;
  char there;

  if (offset > image->strings_size || n > image->strings_size - offset)
    return false;
  for (size_t i = 0; i < n; i++)
    if (!take_loaded (image, image->strings, offset + i, &there, 1) || there != name[i])
      return false;
  return true;
}

static bool
is_function (const struct image *image, uint64_t index, const char *name)
{
  ElfW (Sym) symbol;

  if (!take_loaded (image, image->symbols, index * sizeof symbol, &symbol, sizeof symbol)
      || symbol.st_shndx == SHN_UNDEF || !is_named (image, symbol.st_name, name))
    return false;
  return (ST_BIND (symbol.st_info) == STB_GLOBAL || ST_BIND (symbol.st_info) == STB_WEAK)
         && (ST_TYPE (symbol.st_info) == STT_FUNC || ST_TYPE (symbol.st_info) == STT_GNU_IFUNC);
}

/* DT_GNU_HASH: a header of four words, the Bloom filter, the buckets, and the chains, whose
 * last word is odd. */
static bool
find_gnu (const struct image *image, const char *name)
{
  uint32_t header[4]; /* buckets, first symbol, words of the filter, its shift */
  uint32_t index, word, hash = 5381;
  uint64_t buckets;

  for (const char *p = name; *p != '\0'; p++)
    hash = hash * 33 + (unsigned char) *p;
  if (!take_loaded (image, image->gnu_hash, 0, header, sizeof header) || header[0] == 0)
    return false;
  buckets = sizeof header + (uint64_t) header[2] * sizeof (ElfW (Addr));
  if (!take_loaded (image, image->gnu_hash, buckets + hash % header[0] * sizeof index, &index,
                    sizeof index)
      || index < header[1])
    return false;
  for (uint64_t i = index;; i++)
    {
      uint64_t chain = buckets + (header[0] + i - header[1]) * sizeof word;

      if (!take_loaded (image, image->gnu_hash, chain, &word, sizeof word))
        return false;
      if ((word | 1) == (hash | 1) && is_function (image, i, name))
        return true;
      if (word & 1)
        return false;
    }
}

/* DT_HASH: how many buckets and chains, the buckets, the chains. */
static bool
find_sysv (const struct image *image, const char *name)
{
  Elf_Symndx header[2], index;
  uint32_t hash = 0;
  uint64_t at;

  for (const char *p = name; *p != '\0'; p++)
    {
      hash = (hash << 4) + (unsigned char) *p;
      hash = (hash ^ ((hash >> 24) & 0xf0)) & 0x0fffffff;
    }
  if (!take_loaded (image, image->hash, 0, header, sizeof header) || header[0] == 0)
    return false;
  at = 2 + hash % header[0];
  /* A chain may be a ring; there cannot be more links than the file has room for. */
  for (size_t left = image->size / sizeof index; left > 0; left--)
    {
      if (!take_loaded (image, image->hash, at * sizeof index, &index, sizeof index)
          || index == STN_UNDEF)
        return false;
      if (is_function (image, index, name))
        return true;
      at = 2 + (uint64_t) header[0] + index;
    }
  return false;
}

/* ----------------------------------------------------------------- reading -- */

static enum elf_symbol
read_header (struct image *image)
{
  const ElfW (Ehdr) *header = &image->header;

  if (image->size < SELFMAG || memcmp (image->bytes, ELFMAG, SELFMAG) != 0)
    return ELF_NOT_ELF;
  if (!take (image, 0, &image->header, sizeof image->header))
    return ELF_CUT_SHORT;
  if (header->e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS]
      || header->e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA]
      || header->e_machine != __ehdr_start.e_machine)
    return ELF_OTHER_MACHINE;
  if (header->e_type != ET_DYN || header->e_phentsize != sizeof (ElfW (Phdr)))
    return ELF_NOT_SHARED;
  return ELF_SYMBOL_DEFINED;
}

/* False: the section is cut. */
static bool
read_dynamic (struct image *image, const ElfW (Phdr) * segment)
{
  ElfW (Dyn) entry;

  for (uint64_t at = 0; at + sizeof entry <= segment->p_filesz; at += sizeof entry)
    {
      if (!take (image, segment->p_offset + at, &entry, sizeof entry))
        return false;
      if (entry.d_tag == DT_NULL)
        break;
      if (entry.d_tag == DT_SYMTAB)
        image->symbols = entry.d_un.d_ptr;
      else if (entry.d_tag == DT_STRTAB)
        image->strings = entry.d_un.d_ptr;
      else if (entry.d_tag == DT_STRSZ)
        image->strings_size = entry.d_un.d_val;
      else if (entry.d_tag == DT_HASH)
        image->hash = entry.d_un.d_ptr;
      else if (entry.d_tag == DT_GNU_HASH)
        image->gnu_hash = entry.d_un.d_ptr;
    }
  return true;
}

/* Every segment must be there whole: the loader maps them unasked, and would die of a
 * signal where the file has ended. */
static enum elf_symbol
read_segments (struct image *image)
{
  bool has_dynamic = false;
  ElfW (Phdr) segment;

  /* No linker makes more, and a file made to waste our time could have thousands. */
  if (image->header.e_phnum > SEGMENTS_MAX)
    return ELF_NOT_ELF;
  for (unsigned i = 0; i < image->header.e_phnum; i++)
    {
      if (!take_segment (image, i, &segment))
        return ELF_CUT_SHORT;
      if (segment.p_type != PT_LOAD && segment.p_type != PT_DYNAMIC)
        continue;
      if (segment.p_offset > image->size || segment.p_filesz > image->size - segment.p_offset)
        return ELF_CUT_SHORT;
      if (segment.p_type != PT_DYNAMIC)
        continue;
      if (!read_dynamic (image, &segment))
        return ELF_CUT_SHORT;
      has_dynamic = true;
    }
  return has_dynamic ? ELF_SYMBOL_DEFINED : ELF_NOT_SHARED;
}

enum elf_symbol
elf_symbol (const void *bytes, size_t size, const char *name)
{
  struct image image = { .bytes = bytes, .size = size };
  enum elf_symbol status = read_header (&image);

  if (status == ELF_SYMBOL_DEFINED)
    status = read_segments (&image);
  if (status != ELF_SYMBOL_DEFINED)
    return status;
  /* The loader prefers the newer table, too. */
  if (image.gnu_hash != 0 ? find_gnu (&image, name) : find_sysv (&image, name))
    return ELF_SYMBOL_DEFINED;
  return ELF_SYMBOL_MISSING;
}

static enum elf_symbol
read_file (int fd, const char *name)
{
  enum elf_symbol status;
  struct stat about;
  void *bytes;

  if (fstat (fd, &about) == -1)
    return ELF_UNREADABLE;
  if (!S_ISREG (about.st_mode))
    {
      errno = S_ISDIR (about.st_mode) ? EISDIR : ENODEV;
      return ELF_UNREADABLE;
    }
  if (about.st_size > (off_t) ELF_MIB_MAX << 20)
    return ELF_TOO_LARGE;
  if (about.st_size == 0)
    return ELF_NOT_ELF;
  bytes = mmap (NULL, (size_t) about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED)
    return ELF_UNREADABLE;
  status = elf_symbol (bytes, (size_t) about.st_size, name);
  munmap (bytes, (size_t) about.st_size);
  return status;
}

enum elf_symbol
elf_symbol_file (const char *path, const char *name)
{
  /* Without O_NONBLOCK a FIFO would wait for its writer. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  enum elf_symbol status;
  int saved;

  if (fd == -1)
    return ELF_UNREADABLE;
  status = read_file (fd, name);
  saved = errno;
  close (fd);
  errno = saved;
  return status;
}

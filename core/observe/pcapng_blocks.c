#include "observe/pcapng_blocks.h"

enum block_type
{
  SECTION = 0x0a0d0d0a,
  INTERFACE = 1,
  STATISTICS = 5,
  PACKET = 6 /* "enhanced" */
};

/* Options; the numbers from 2 on mean something else in each block. */
enum
{
  END_OF_OPTIONS = 0,
  COMMENT = 1,
  SECTION_APPLICATION = 4,
  INTERFACE_NAME = 2,
  INTERFACE_DESCRIPTION = 3,
  INTERFACE_TIME_UNIT = 9,
  PACKET_FLAGS = 2
};

enum
{
  BYTE_ORDER_MAGIC = 0x1a2b3c4d,
  LINKTYPE_RAW = 101,
  SNAPLEN = 262144, /* the most that readers allow */
  NANOSECONDS = 9,  /* 10 to the power of -9 */
  INBOUND = 1,
  OUTBOUND = 2,
  LENGTH_AT = 4 /* where a block says how long it is; it says so again at its end */
};

/* A block that is being written. */
struct block
{
  struct buffer *to;
  size_t start;
  bool failed; /* no memory */
};

static void
put_bytes (struct block *block, const void *data, size_t n)
{
  if (!block->failed && buffer_append (block->to, data, n) == -1)
    block->failed = true;
}

static void
little_endian (uint8_t *to, uint32_t value)
{
  for (size_t i = 0; i < 4; i++)
    to[i] = (uint8_t) (value >> 8 * i);
}

static void
put (struct block *block, uint32_t value, size_t n)
{
  uint8_t bytes[4];

  little_endian (bytes, value);
  put_bytes (block, bytes, n);
}

/* The higher half first. */
static void
put_time (struct block *block, int64_t time)
{
  put (block, (uint32_t) ((uint64_t) time >> 32), 4);
  put (block, (uint32_t) time, 4);
}

static void
pad (struct block *block)
{
  size_t over = (buffer_size (block->to) - block->start) % 4;

  put_bytes (block, "\0\0\0", over == 0 ? 0 : 4 - over);
}

static void
put_option (struct block *block, unsigned code, const void *value, size_t n)
{
  put (block, code, 2);
  put (block, (uint32_t) n, 2);
  put_bytes (block, value, n);
  pad (block);
}

static void
put_remarks (struct block *block, const struct remarks *remarks)
{
  for (const struct remark *at = remarks->first; at != NULL; at = at->next)
    put_option (block, COMMENT, at->text, at->size);
}

static struct block
begin (struct buffer *to, enum block_type type)
{
  struct block block = { .to = to, .start = buffer_size (to) };

  put (&block, type, 4);
  put (&block, 0, 4);
  return block;
}

static int
end (struct block *block)
{
  size_t length;

  put_option (block, END_OF_OPTIONS, "", 0);
  length = buffer_size (block->to) - block->start + 4;
  put (block, (uint32_t) length, 4);
  if (block->failed)
    {
      block->to->end = block->to->start + block->start;
      return -1;
    }
  little_endian (buffer_bytes (block->to) + block->start + LENGTH_AT, (uint32_t) length);
  return 0;
}

int
pcapng_section (struct buffer *to, const char *application, const struct remarks *remarks)
{
  struct block block = begin (to, SECTION);

  put (&block, BYTE_ORDER_MAGIC, 4);
  put (&block, 1, 2); /* version 1.0 */
  put (&block, 0, 2);
  put (&block, UINT32_MAX, 4); /* how long the section will be is not known */
  put (&block, UINT32_MAX, 4);
  put_remarks (&block, remarks);
  put_option (&block, SECTION_APPLICATION, application, strlen (application));
  return end (&block);
}

int
pcapng_interface (struct buffer *to, const char *name, const char *description)
{
  struct block block = begin (to, INTERFACE);
  uint8_t unit = NANOSECONDS;

  put (&block, LINKTYPE_RAW, 2);
  put (&block, 0, 2);
  put (&block, SNAPLEN, 4);
  put_option (&block, INTERFACE_NAME, name, strlen (name));
  put_option (&block, INTERFACE_DESCRIPTION, description, strlen (description));
  put_option (&block, INTERFACE_TIME_UNIT, &unit, sizeof unit);
  return end (&block);
}

int
pcapng_packet (struct buffer *to, int64_t time, bool outgoing, const uint8_t *head,
               size_t head_size, const uint8_t *data, size_t size, const struct remarks *remarks)
{
  struct block block = begin (to, PACKET);
  uint8_t flags[4];

  put (&block, 0, 4); /* the interface */
  put_time (&block, time);
  put (&block, (uint32_t) (head_size + size), 4);
  put (&block, (uint32_t) (head_size + size), 4); /* all of it is here */
  put_bytes (&block, head, head_size);
  put_bytes (&block, data, size);
  pad (&block);
  put_remarks (&block, remarks);
  little_endian (flags, outgoing ? OUTBOUND : INBOUND);
  put_option (&block, PACKET_FLAGS, flags, sizeof flags);
  return end (&block);
}

int
pcapng_statistics (struct buffer *to, int64_t time, const struct remarks *remarks)
{
  struct block block = begin (to, STATISTICS);

  put (&block, 0, 4); /* the interface */
  put_time (&block, time);
  put_remarks (&block, remarks);
  return end (&block);
}

#include "capture.h"

#include "story.h"
#include "unit.h"

#include <netinet/in.h>

struct seen seen[SEEN_MAX];
size_t seen_count;
char section_comment[1024], statistics_comment[65536];

static char *capture; /* its bytes */

uint32_t
capture_little (const uint8_t *at, int n)
{
  uint32_t value = 0;

  while (n-- > 0)
    value = value << 8 | at[n];
  return value;
}

uint32_t
capture_big (const uint8_t *at, int n)
{
  uint32_t value = 0;

  for (int i = 0; i < n; i++)
    value = value << 8 | at[i];
  return value;
}

/* The one's complement sum of RFC 1071, which is all ones where the checksum is right. */
static uint32_t
ones_sum (uint32_t sum, const uint8_t *data, size_t n)
{
  for (size_t i = 0; i < n; i++)
    {
      sum += i % 2 == 0 ? (uint32_t) data[i] << 8 : data[i];
      sum = (sum & 0xffff) + (sum >> 16);
    }
  return sum;
}

/* Reads the headers, and checks all that can be wrong with them. */
static void
check_packet (struct seen *packet)
{
  const uint8_t *ip = packet->ip;
  size_t head, whole;
  uint8_t protocol;
  uint32_t sum;

  packet->four = ip[0] >> 4 == 4;
  head = packet->four ? 20 : 40;
  whole = packet->four ? capture_big (ip + 2, 2) : head + capture_big (ip + 4, 2);
  protocol = packet->four ? ip[9] : ip[6];
  assert_true (packet->four ? ip[0] == 0x45 : ip[0] == 0x60);
  assert_int_equal (whole, packet->size);
  if (packet->four)
    assert_int_equal (ones_sum (0, ip, 20), 0xffff);
  packet->tcp = protocol == IPPROTO_TCP;
  assert_true (packet->tcp || protocol == IPPROTO_UDP);
  packet->transport = ip + head;
  sum = packet->four ? ones_sum (0, ip + 12, 8) : ones_sum (0, ip + 8, 32);
  sum += protocol + (uint32_t) (whole - head);
  assert_int_equal (ones_sum (sum, packet->transport, whole - head), 0xffff);
  head += packet->tcp ? (size_t) (packet->transport[12] >> 4) * 4 : 8;
  if (!packet->tcp)
    {
      assert_int_equal (capture_big (packet->transport + 4, 2),
                        packet->size - (packet->four ? 20 : 40));
      assert_int_not_equal (capture_big (packet->transport + 6, 2), 0);
    }
  assert_true (head <= packet->size);
  packet->data = ip + head;
  packet->data_size = packet->size - head;
}

/* Collects comments; returns the flags of a packet. */
static uint32_t
read_options (const uint8_t *at, const uint8_t *end, char *comments, size_t size)
{
  uint32_t flags = 0;

  comments[0] = '\0';
  while (at < end)
    {
      uint32_t code = capture_little (at, 2), n = capture_little (at + 2, 2);

      assert_true (at + 4 + n <= end);
      if (code == 0)
        {
          assert_int_equal (n, 0);
          assert_ptr_equal (at + 4, end);
          return flags;
        }
      if (code == 1)
        snprintf (comments + strlen (comments), size - strlen (comments), "%.*s;", (int) n,
                  (const char *) at + 4);
      else if (code == 2 && n == 4)
        flags = capture_little (at + 4, 4);
      at += 4 + (n + 3) / 4 * 4;
    }
  assert_ptr_equal (at, end);
  return flags;
}

static void
read_packet (const uint8_t *block, uint32_t length)
{
  struct seen *packet = &seen[seen_count++];

  assert_true (seen_count < SEEN_MAX);
  assert_int_equal (capture_little (block + 8, 4), 0);
  packet->time = (int64_t) ((uint64_t) capture_little (block + 12, 4) << 32
                            | capture_little (block + 16, 4));
  packet->size = capture_little (block + 20, 4);
  assert_int_equal (capture_little (block + 24, 4), packet->size);
  packet->ip = block + 28;
  packet->flags = read_options (block + 28 + (packet->size + 3) / 4 * 4, block + length - 4,
                                packet->comments, sizeof packet->comments);
  check_packet (packet);
}

void
capture_of (void (*tell) (const char *path))
{
  size_t size, blocks = 0;

  free (capture);
  capture = story_output (tell, &size);
  seen_count = 0;
  statistics_comment[0] = '\0';
  for (size_t at = 0; at < size; blocks++)
    {
      const uint8_t *block = (const uint8_t *) capture + at;
      uint32_t type = capture_little (block, 4), length = capture_little (block + 4, 4);

      assert_true (length % 4 == 0 && length >= 12 && length <= size - at);
      assert_int_equal (capture_little (block + length - 4, 4), length);
      assert_int_equal (type, blocks == 0 ? 0x0a0d0d0a : blocks == 1 ? 1 : type == 5 ? 5 : 6);
      if (type == 0x0a0d0d0a)
        read_options (block + 24, block + length - 4, section_comment, sizeof section_comment);
      else if (type == 5)
        read_options (block + 20, block + length - 4, statistics_comment,
                      sizeof statistics_comment);
      else if (type == 6)
        read_packet (block, length);
      at += length;
    }
  assert_true (blocks >= 2);
}

struct observer *
capture_opened (const char *path, const struct scene *scene)
{
  char error[256];
  struct observer *observer = pcapng_open (path, scene, error, sizeof error);

  assert_non_null (observer);
  return observer;
}

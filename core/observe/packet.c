#include "observe/packet.h"

#include "host/address.h"

#include <netinet/tcp.h>

enum
{
  FOUR_HEAD = 20, /* bytes of an IPv4 header without options */
  SIX_HEAD = 40,
  UDP_HEAD = 8,
  TCP_HEAD = 20,
  SYN_OPTIONS = 8,
  LENGTH_MAX = 65535, /* of all that a length field of 16 bits counts */
  HOPS = 64
};

/* Both ends as IPv6 writes them: IPv4 is mapped, ::ffff:127.0.0.1 (RFC 4291, 2.5.5.2). */
struct ends
{
  struct in6_addr from, to;
  bool four; /* the packet is one of IPv4 */
};

static struct in6_addr
as_six (const struct pl_address *address)
{
  struct in6_addr six = IN6ADDR_ANY_INIT;

  if (address->length > 0 && address->as.any.sa_family == AF_INET6)
    return address->as.in6.sin6_addr;
  if (address->length > 0 && address->as.any.sa_family == AF_INET)
    {
      six.s6_addr[10] = six.s6_addr[11] = 0xff;
      memcpy (six.s6_addr + 12, &address->as.in4.sin_addr, 4);
    }
  return six;
}

static struct ends
ends_of (const struct packet *packet)
{
  struct ends ends = { as_six (&packet->from), as_six (&packet->to), false };
  bool from_four = IN6_IS_ADDR_V4MAPPED (&ends.from), to_four = IN6_IS_ADDR_V4MAPPED (&ends.to);

  ends.four = (from_four && (to_four || IN6_IS_ADDR_UNSPECIFIED (&ends.to)))
              || (to_four && IN6_IS_ADDR_UNSPECIFIED (&ends.from));
  return ends;
}

static uint8_t *
put16 (uint8_t *to, size_t value)
{
  to[0] = (uint8_t) (value >> 8);
  to[1] = (uint8_t) value;
  return to + 2;
}

static uint8_t *
put32 (uint8_t *to, uint32_t value)
{
  return put16 (put16 (to, value >> 16), value & 0xffff);
}

/* The sum of RFC 1071, not yet folded.  Only the last part of what is summed may be odd. */
static uint64_t
sum (const uint8_t *data, size_t n)
{
  uint64_t total = 0;

  for (size_t i = 0; i + 1 < n; i += 2)
    total += (uint64_t) data[i] << 8 | data[i + 1];
  return n % 2 == 0 ? total : total + ((uint64_t) data[n - 1] << 8);
}

static uint16_t
folded (uint64_t total)
{
  while (total >> 16 != 0)
    total = (total >> 16) + (total & 0xffff);
  return (uint16_t) ~total;
}

static size_t
four_head (const struct ends *ends, uint8_t protocol, size_t size, uint8_t *head)
{
  uint8_t *p = head;

  *p++ = 0x45; /* version 4, five words of header */
  *p++ = 0;
  p = put16 (p, FOUR_HEAD + size);
  p = put16 (p, 0);
  p = put16 (p, 0x4000); /* not to be cut: then it needs no number (RFC 6864) */
  *p++ = HOPS;
  *p++ = protocol;
  p = put16 (p, 0);
  memcpy (p, ends->from.s6_addr + 12, 4);
  memcpy (p + 4, ends->to.s6_addr + 12, 4);
  put16 (head + 10, folded (sum (head, FOUR_HEAD)));
  return FOUR_HEAD;
}

static size_t
six_head (const struct ends *ends, uint8_t protocol, size_t size, uint8_t *head)
{
  uint8_t *p = put32 (head, 6u << 28);

  p = put16 (p, size);
  *p++ = protocol;
  *p++ = HOPS;
  memcpy (p, &ends->from, 16);
  memcpy (p + 16, &ends->to, 16);
  return SIX_HEAD;
}

/* What the checksums of UDP and TCP cover besides themselves; IPv4's has other gaps, which add
 * nothing. */
static uint64_t
pseudo_head (const struct ends *ends, uint8_t protocol, size_t size)
{
  size_t skip = ends->four ? 12 : 0;

  return sum (ends->from.s6_addr + skip, 16 - skip) + sum (ends->to.s6_addr + skip, 16 - skip)
         + protocol + size;
}

static size_t
udp_head (const struct packet *packet, uint64_t total, uint8_t *head)
{
  uint8_t *p = put16 (head, address_port (&packet->from));
  uint16_t check;

  p = put16 (p, address_port (&packet->to));
  p = put16 (p, UDP_HEAD + packet->size);
  put16 (p, 0);
  check = folded (total + sum (head, UDP_HEAD) + sum (packet->data, packet->size));
  put16 (p, check == 0 ? 0xffff : check); /* 0 would say that there is none */
  return UDP_HEAD;
}

static size_t
tcp_size (const struct packet *packet)
{
  return TCP_HEAD + (packet->flags & TH_SYN ? SYN_OPTIONS : 0);
}

static size_t
tcp_head (const struct packet *packet, uint64_t total, uint8_t *head)
{
  size_t size = tcp_size (packet);
  uint8_t *p = put16 (head, address_port (&packet->from));
  bool syn = packet->flags & TH_SYN;

  p = put16 (p, address_port (&packet->to));
  p = put32 (p, packet->sequence);
  p = put32 (p, packet->acknowledgement);
  *p++ = (uint8_t) (size / 4 << 4);
  *p++ = packet->flags;
  p = put16 (p, packet->flags & TH_RST ? 0 : 65535);
  p = put16 (put16 (p, 0), 0);
  if (syn)
    {
      p = put16 (put16 (p, TCPOPT_MAXSEG << 8 | TCPOLEN_MAXSEG), PACKET_SEGMENT_MAX);
      put32 (p, (uint32_t) TCPOPT_NOP << 24 | TCPOPT_WINDOW << 16 | TCPOLEN_WINDOW << 8
                    | PACKET_WINDOW_SHIFT);
    }
  put16 (head + 16, folded (total + sum (head, size) + sum (packet->data, packet->size)));
  return size;
}

size_t
packet_data_max (const struct packet *packet)
{
  struct ends ends = ends_of (packet);

  if (packet->stream)
    return PACKET_SEGMENT_MAX;
  return LENGTH_MAX - UDP_HEAD - (ends.four ? FOUR_HEAD : 0);
}

size_t
packet_head (const struct packet *packet, uint8_t *head)
{
  struct ends ends = ends_of (packet);
  uint8_t protocol = packet->stream ? IPPROTO_TCP : IPPROTO_UDP;
  size_t size = packet->size + (packet->stream ? tcp_size (packet) : UDP_HEAD);
  uint64_t total = pseudo_head (&ends, protocol, size);
  size_t at = ends.four ? four_head (&ends, protocol, size, head)
                        : six_head (&ends, protocol, size, head);

  return at
         + (packet->stream ? tcp_head (packet, total, head + at)
                           : udp_head (packet, total, head + at));
}

/* packet.h - an IP packet with a UDP datagram or a TCP segment in it, as bytes: RFC 791, 8200,
 * 768 and 9293. */
#ifndef PL_OBSERVE_PACKET_H
#define PL_OBSERVE_PACKET_H

#include "protolab.h"

enum
{
  PACKET_HEAD_MAX = 40 + 20 + 8,        /* IPv6, TCP, and the options of a SYN */
  PACKET_SEGMENT_MAX = 65535 - 20 - 20, /* bytes of a stream that fit behind IPv4 and TCP headers */
  PACKET_WINDOW_SHIFT = 7               /* RFC 7323: windows are told in units of 128 bytes */
};

/* Data is lent. */
struct packet
{
  struct pl_address from, to;         /* length 0, or any family: what is not known is all zero */
  bool stream;                        /* a segment of TCP, not a datagram of UDP */
  uint32_t sequence, acknowledgement; /* of a segment */
  uint8_t flags;                      /* of a segment: TH_SYN and so on, <netinet/tcp.h> */
  const uint8_t *data;
  size_t size;
};

/* The most data that the headers can speak of: a whole datagram, or PACKET_SEGMENT_MAX. */
size_t packet_data_max (const struct packet *packet);

/* Writes what stands before the data, at most PACKET_HEAD_MAX bytes, with right checksums; returns
 * how many.  size must not be more than packet_data_max. */
size_t packet_head (const struct packet *packet, uint8_t *head);

#endif

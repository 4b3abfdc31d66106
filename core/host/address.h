/* address.h - names to addresses and addresses to text. */
#ifndef PL_HOST_ADDRESS_H
#define PL_HOST_ADDRESS_H

#include "protolab.h"

enum
{
  ADDRESS_TEXT = 80, /* bytes that address_text may need */
  ADDRESSES_MAX = 8
};

/* Resolves a host name or a number to at most ADDRESSES_MAX addresses, the
 * best first.  passive: to be listened at.  Returns how many; 0 with the reason in error. */
size_t address_resolve (const char *host, uint16_t port, bool passive, struct pl_address *list,
                        char *error, size_t size);

/* "127.0.0.1:12000" or "[::1]:12000"; returns text. */
const char *address_text (const struct pl_address *address, char *text);

/* What address_text has written.  false: it is no such text. */
bool address_parse (const char *text, struct pl_address *address);

uint16_t address_port (const struct pl_address *address);

bool address_equal (const struct pl_address *a, const struct pl_address *b);

struct pl_address address_with_port (struct pl_address address, uint16_t port);

/* Whether it stands for every address of the machine. */
bool address_is_any (const struct pl_address *address);

bool address_is_loopback (const struct pl_address *address);

/* The socket's own address; length 0 where it has none. */
struct pl_address address_of_socket (int fd);

#endif

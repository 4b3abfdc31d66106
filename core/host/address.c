#include "host/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

size_t
address_resolve (const char *host, uint16_t port, bool passive, struct pl_address *list,
                 char *error, size_t size)
{
  struct addrinfo hints = { .ai_flags = passive ? AI_PASSIVE : 0, .ai_socktype = SOCK_STREAM };
  struct addrinfo *found = NULL;
  char service[8];
  size_t count = 0;
  int status;

  snprintf (service, sizeof service, "%u", (unsigned) port);
  status = getaddrinfo (host, service, &hints, &found);
  if (status != 0)
    {
      snprintf (error, size, "%s", gai_strerror (status));
      return 0;
    }
  for (struct addrinfo *at = found; at != NULL && count < ADDRESSES_MAX; at = at->ai_next)
    if (at->ai_addrlen <= sizeof list->as)
      {
        list[count].length = at->ai_addrlen;
        memcpy (&list[count].as, at->ai_addr, at->ai_addrlen);
        count++;
      }
  freeaddrinfo (found);
  if (count == 0)
    snprintf (error, size, "it has no Internet address");
  return count;
}

const char *
address_text (const struct pl_address *address, char *text)
{
  char number[INET6_ADDRSTRLEN] = "?";

  if (address->length == 0)
    snprintf (text, ADDRESS_TEXT, "-");
  else if (address->as.any.sa_family == AF_INET6)
    {
      unsigned scope = address->as.in6.sin6_scope_id;
      char zone[16] = "";

      if (scope != 0)
        snprintf (zone, sizeof zone, "%%%u", scope);
      inet_ntop (AF_INET6, &address->as.in6.sin6_addr, number, sizeof number);
      snprintf (text, ADDRESS_TEXT, "[%s%s]:%u", number, zone, (unsigned) address_port (address));
    }
  else
    {
      inet_ntop (AF_INET, &address->as.in4.sin_addr, number, sizeof number);
      snprintf (text, ADDRESS_TEXT, "%s:%u", number, (unsigned) address_port (address));
    }
  return text;
}

/* Digits, as snprintf writes a number: no sign, no zero before others. */
static bool
parse_number (const char *text, unsigned long most, unsigned long *value)
{
  char *end;

  if (!isdigit ((unsigned char) *text) || (*text == '0' && text[1] != '\0') || strlen (text) > 10)
    return false;
  *value = strtoul (text, &end, 10);
  return *end == '\0' && *value <= most;
}

bool
address_parse (const char *text, struct pl_address *address)
{
  char number[ADDRESS_TEXT];
  char *colon, *zone;
  unsigned long port, scope = 0;
  struct pl_address read = { .length = sizeof read.as.in4 };

  if (snprintf (number, sizeof number, "%s", text) >= (int) sizeof number
      || (colon = strrchr (number, ':')) == NULL || !parse_number (colon + 1, 65535, &port))
    return false;
  *colon = '\0';
  read.as.in4.sin_family = AF_INET;
  if (inet_pton (AF_INET, number, &read.as.in4.sin_addr) != 1)
    {
      if (number[0] != '[' || colon[-1] != ']')
        return false;
      colon[-1] = '\0';
      zone = strchr (number, '%');
      if (zone != NULL)
        *zone = '\0';
      if (zone != NULL && !parse_number (zone + 1, UINT32_MAX, &scope))
        return false;
      read.length = sizeof read.as.in6;
      read.as.in6.sin6_family = AF_INET6;
      read.as.in6.sin6_scope_id = (uint32_t) scope;
      if (inet_pton (AF_INET6, number + 1, &read.as.in6.sin6_addr) != 1)
        return false;
    }
  *address = address_with_port (read, (uint16_t) port);
  return true;
}

uint16_t
address_port (const struct pl_address *address)
{
  if (address->length == 0)
    return 0;
  return ntohs (address->as.any.sa_family == AF_INET6 ? address->as.in6.sin6_port
                                                      : address->as.in4.sin_port);
}

bool
address_equal (const struct pl_address *a, const struct pl_address *b)
{
  return a->length == b->length && memcmp (&a->as, &b->as, a->length) == 0;
}

struct pl_address
address_with_port (struct pl_address address, uint16_t port)
{
  if (address.as.any.sa_family == AF_INET6)
    address.as.in6.sin6_port = htons (port);
  else
    address.as.in4.sin_port = htons (port);
  return address;
}

bool
address_is_any (const struct pl_address *address)
{
  if (address->length == 0)
    return true;
  if (address->as.any.sa_family == AF_INET6)
    return IN6_IS_ADDR_UNSPECIFIED (&address->as.in6.sin6_addr);
  return address->as.in4.sin_addr.s_addr == htonl (INADDR_ANY);
}

bool
address_is_loopback (const struct pl_address *address)
{
  if (address->as.any.sa_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK (&address->as.in6.sin6_addr);
  return ntohl (address->as.in4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

struct pl_address
address_of_socket (int fd)
{
  struct pl_address address = { .length = 0 };
  socklen_t length = sizeof address.as;

  /* A longer address belongs to a family that struct pl_address cannot hold. */
  if (getsockname (fd, &address.as.any, &length) == 0 && length <= sizeof address.as
      && (address.as.any.sa_family == AF_INET || address.as.any.sa_family == AF_INET6))
    address.length = length;
  return address;
}

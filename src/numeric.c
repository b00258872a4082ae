/*
** The addresses of a numeric host and port. The system's resolver could tell
** them too, but refuses raw sockets with a port, and a protocol without a type.
*/

#include "numeric.h"

#include "sockaddr.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

static const struct {
  int socktype;
  int protocol; /* 0: any */
} transports[] = {
    {SOCK_STREAM, IPPROTO_TCP},
    {SOCK_DGRAM, IPPROTO_UDP},
    {SOCK_RAW, 0},
};

#define TRANSPORTS (sizeof transports / sizeof transports[0])

struct answer {
  struct addrinfo entries[TRANSPORTS];
  union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
  } addr;
};

/* Whether the text is a port's number; NULL is 0. */
static bool read_port(const char *service, uint16_t *port) {
  *port = 0;
  if (service == NULL) return true;
  if (strspn(service, "0123456789") != strlen(service)) return false;
  unsigned long number = strtoul(service, NULL, 10);
  *port = (uint16_t)number;
  return number <= UINT16_MAX;
}

/* Scopes and shortened IPv4 addresses are the system's to read. */
static bool read_host(const char *host, int family, uint16_t port,
                      struct lsk_sockaddr *addr) {
  unsigned char bytes[sizeof(struct in6_addr)];
  if (family != AF_INET && inet_pton(AF_INET6, host, bytes) == 1)
    lsk_sockaddr_set_in6(addr, bytes, port, 0, 0);
  else if (family != AF_INET6 && inet_pton(AF_INET, host, bytes) == 1)
    lsk_sockaddr_set_in(addr, bytes, port);
  else
    return false;
  return true;
}

static bool matches(size_t row, const struct addrinfo *hints) {
  int protocol = transports[row].protocol;
  return (hints->ai_socktype == 0 ||
          hints->ai_socktype == transports[row].socktype) &&
         (hints->ai_protocol == 0 || protocol == 0 ||
          hints->ai_protocol == protocol);
}

/* Fills the entries: how many there are. */
static size_t fill(struct answer *answer, const struct lsk_sockaddr *addr,
                   const struct addrinfo *hints) {
  size_t count = 0;
  memcpy(&answer->addr, &addr->to, addr->length);
  for (size_t row = 0; row < TRANSPORTS; row++) {
    if (!matches(row, hints)) continue;
    struct addrinfo *entry = &answer->entries[count];
    if (count > 0) answer->entries[count - 1].ai_next = entry;
    *entry = (struct addrinfo){
        .ai_family = addr->to.any.sa_family,
        .ai_socktype = transports[row].socktype,
        .ai_protocol = transports[row].protocol,
        .ai_addrlen = addr->length,
        .ai_addr = &answer->addr.any,
    };
    if (entry->ai_protocol == 0) entry->ai_protocol = hints->ai_protocol;
    count++;
  }
  return count;
}

struct addrinfo *lsk_numeric_addresses(const char *host, const char *service,
                                       const struct addrinfo *hints) {
  struct lsk_sockaddr addr;
  uint16_t port;
  int family = hints->ai_family;
  if (family != AF_UNSPEC && family != AF_INET && family != AF_INET6)
    return NULL;
  if (host == NULL || !read_port(service, &port) ||
      !read_host(host, family, port, &addr))
    return NULL;
  struct answer *answer = calloc(1, sizeof *answer);
  if (answer == NULL) return NULL;
  if (fill(answer, &addr, hints) > 0) return answer->entries;
  free(answer);
  return NULL;
}

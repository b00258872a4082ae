/*
** A socket address of any family, as bytes with a length.
*/

#include "sockaddr.h"

#include "compat.h"

#include <stddef.h>
#include <string.h>

#include <arpa/inet.h>
#include <netdb.h>

#define PATH_START offsetof(struct sockaddr_un, sun_path)

bool lsk_sockaddr_has_family(const struct lsk_sockaddr *addr) {
  return addr->length >= LSK_FAMILY_END;
}

int lsk_sockaddr_family(const struct lsk_sockaddr *addr) {
  return lsk_sockaddr_has_family(addr) ? addr->to.any.sa_family : AF_UNSPEC;
}

bool lsk_sockaddr_set(struct lsk_sockaddr *addr, const void *bytes,
                      size_t length) {
  if (length > sizeof addr->to) return false;
  if (length > 0) memcpy(addr->to.bytes, bytes, length);
  addr->length = (socklen_t)length;
  return true;
}

void lsk_sockaddr_set_in(struct lsk_sockaddr *addr, const void *host,
                         uint16_t port) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
  memcpy(&in.sin_addr, host, sizeof in.sin_addr);
  (void)lsk_sockaddr_set(addr, &in, sizeof in);
}

void lsk_sockaddr_set_in6(struct lsk_sockaddr *addr, const void *host,
                          uint16_t port, uint32_t flowinfo, uint32_t scope_id) {
  struct sockaddr_in6 in6 = {
      .sin6_family = AF_INET6,
      .sin6_port = htons(port),
      .sin6_flowinfo = htonl(flowinfo),
      .sin6_scope_id = scope_id,
  };
  memcpy(&in6.sin6_addr, host, sizeof in6.sin6_addr);
  (void)lsk_sockaddr_set(addr, &in6, sizeof in6);
}

bool lsk_sockaddr_set_un(struct lsk_sockaddr *addr, const char *path,
                         size_t length) {
  if (length > LSK_PATH_MAX) return false;
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  if (length > 0) memcpy(un.sun_path, path, length);
  bool exact = length == 0 || path[0] == '\0';
  return lsk_sockaddr_set(addr, &un, exact ? PATH_START + length : sizeof un);
}

bool lsk_sockaddr_parse(struct lsk_sockaddr *addr, int family,
                        const char *host) {
  const struct addrinfo hints = {
      .ai_flags = AI_NUMERICHOST,
      .ai_family = family,
      .ai_socktype = SOCK_DGRAM, /* one answer, not one a type */
  };
  struct addrinfo *found = NULL;
  if (getaddrinfo(host, NULL, &hints, &found) != 0) return false;
  bool fits = lsk_sockaddr_set(addr, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return fits;
}

const struct sockaddr_in *lsk_sockaddr_in(const struct lsk_sockaddr *addr) {
  bool whole = addr->length >= sizeof addr->to.in;
  return whole && addr->to.any.sa_family == AF_INET ? &addr->to.in : NULL;
}

const struct sockaddr_in6 *lsk_sockaddr_in6(const struct lsk_sockaddr *addr) {
  bool whole = addr->length >= sizeof addr->to.in6;
  return whole && addr->to.any.sa_family == AF_INET6 ? &addr->to.in6 : NULL;
}

int lsk_sockaddr_port(const struct lsk_sockaddr *addr) {
  const struct sockaddr_in *in = lsk_sockaddr_in(addr);
  if (in != NULL) return ntohs(in->sin_port);
  const struct sockaddr_in6 *in6 = lsk_sockaddr_in6(addr);
  return in6 != NULL ? ntohs(in6->sin6_port) : -1;
}

bool lsk_sockaddr_service(const char *service, uint16_t *port) {
  const struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_family = AF_INET};
  struct addrinfo *found = NULL;
  struct lsk_sockaddr addr;
  if (getaddrinfo(NULL, service, &hints, &found) != 0) return false;
  bool fits = lsk_sockaddr_set(&addr, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  int number = fits ? lsk_sockaddr_port(&addr) : -1;
  *port = (uint16_t)number;
  return number >= 0;
}

/* getnameinfo names the scope; a numeric host needs no resolver. */
bool lsk_sockaddr_host(const struct lsk_sockaddr *addr,
                       char host[LSK_HOST_MAX]) {
  if (lsk_sockaddr_port(addr) < 0) return false;
  return getnameinfo(&addr->to.any, addr->length, host, LSK_HOST_MAX, NULL, 0,
                     NI_NUMERICHOST) == 0;
}

const char *lsk_sockaddr_path(const struct lsk_sockaddr *addr, size_t *length) {
  if (lsk_sockaddr_family(addr) != AF_UNIX) return NULL;
  size_t end = addr->length;
  while (end > PATH_START && addr->to.bytes[end - 1] == '\0') end--;
  *length = end > PATH_START ? end - PATH_START : 0;
  return addr->to.bytes + PATH_START;
}

#if LSK_HAVE_PACKET

bool lsk_sockaddr_is_packet(int family) {
  return family == AF_PACKET;
}

/* The end of each numeric field of struct sockaddr_ll, in their order. */
static const unsigned char packet_ends[] = {4, 8, 10, 11, LSK_PACKET_HEAD};

/*
** The layout is the kernel's ABI, so it is read by offset: that way a field is
** there or not without a pointer to a struct longer than the address.
*/
bool lsk_sockaddr_packet(const struct lsk_sockaddr *addr,
                         struct lsk_packet *packet) {
  if (lsk_sockaddr_family(addr) != AF_PACKET) return false;
  unsigned char head[LSK_PACKET_HEAD] = {0};
  size_t size = addr->length < sizeof head ? addr->length : sizeof head;
  memcpy(head, addr->to.bytes, size);
  uint16_t hatype;
  memcpy(&hatype, head + 8, sizeof hatype);
  *packet = (struct lsk_packet){
      .protocol = head[2] << 8 | head[3],
      .hatype = hatype,
      .pkttype = head[10],
      .halen = head[11],
      .bytes = addr->to.bytes + size,
      .size = addr->length - size,
  };
  memcpy(&packet->ifindex, head + 4, sizeof packet->ifindex);
  if (packet->size > (size_t)packet->halen)
    packet->size = (size_t)packet->halen;
  for (size_t i = 0; i < sizeof packet_ends; i++)
    packet->fields += addr->length >= packet_ends[i];
  return true;
}

#else

bool lsk_sockaddr_is_packet(int family) {
  (void)family;
  return false;
}

bool lsk_sockaddr_packet(const struct lsk_sockaddr *addr,
                         struct lsk_packet *packet) {
  (void)addr;
  *packet = (struct lsk_packet){0};
  return false;
}

#endif

const char *lsk_sockaddr_pkttype(int pkttype) {
  static const char *const names[] = {"HOST", "BROADCAST", "MULTICAST",
                                      "OTHERHOST", "OUTGOING"};
  bool named = pkttype >= 0 && pkttype < (int)(sizeof names / sizeof names[0]);
  return named ? names[pkttype] : NULL;
}

bool lsk_sockaddr_ifname(int ifindex, char name[IF_NAMESIZE]) {
  return if_indextoname((unsigned)ifindex, name) != NULL;
}

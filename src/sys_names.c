/*
** What the system knows of this machine and of services.
*/

#include "sys_names.h"

#include "compat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int lsk_sys_hostname(char name[LSK_NAME_MAX]) {
  if (gethostname(name, LSK_NAME_MAX) < 0) return -errno;
  name[LSK_NAME_MAX - 1] = '\0'; /* a cut name need not end with one */
  return 0;
}

int lsk_sys_ifaddrs(struct ifaddrs **list) {
  return getifaddrs(list) < 0 ? -errno : 0;
}

unsigned int lsk_sys_ifindex(const char *name) {
  return if_nametoindex(name);
}

#if LSK_HAVE_NETDB_R

/* How much the system may need to describe a service. */
#define LEAST 1024U
#define MOST 1048576U

struct question {
  const char *service; /* NULL: what is at the port? */
  int port;
  const char *protocol;
};

/* One try within `size` bytes: 0, or ERANGE when that is too little. */
static int ask(const struct question *about, struct servent *entry,
               char *memory, size_t size, struct servent **found) {
  if (about->service != NULL)
    return getservbyname_r(about->service, about->protocol, entry, memory, size,
                           found);
  return getservbyport_r(htons((uint16_t)about->port), about->protocol, entry,
                         memory, size, found);
}

/* Calls `take` for the service, if there is one: whether there is. */
static bool with_service(const struct question *about,
                         void (*take)(const struct servent *entry, void *to),
                         void *to) {
  char *memory = NULL;
  struct servent entry, *found = NULL;
  for (size_t size = LEAST; size <= MOST; size *= 2) {
    char *more = realloc(memory, size);
    if (more == NULL) break;
    memory = more;
    if (ask(about, &entry, memory, size, &found) != ERANGE) break;
  }
  if (found != NULL) take(found, to);
  free(memory);
  return found != NULL;
}

static void take_port(const struct servent *entry, void *to) {
  *(int *)to = ntohs((uint16_t)entry->s_port);
}

static void take_name(const struct servent *entry, void *to) {
  size_t length = strnlen(entry->s_name, LSK_NAME_MAX - 1);
  memcpy(to, entry->s_name, length);
  ((char *)to)[length] = '\0';
}

int lsk_sys_service_port(const char *service, const char *protocol) {
  const struct question about = {.service = service, .protocol = protocol};
  int port = -1;
  (void)with_service(&about, take_port, &port);
  return port;
}

bool lsk_sys_service_name(int port, const char *protocol,
                          char name[LSK_NAME_MAX]) {
  const struct question about = {.port = port, .protocol = protocol};
  return with_service(&about, take_name, name);
}

#else

/* POSIX's reentrant calls know services of these two protocols. */
static int socktype_of(const char *protocol) {
  if (strcmp(protocol, "tcp") == 0) return SOCK_STREAM;
  return strcmp(protocol, "udp") == 0 ? SOCK_DGRAM : 0;
}

static bool is_number(const char *text) {
  char *end;
  (void)strtol(text, &end, 10);
  return *end == '\0';
}

int lsk_sys_service_port(const char *service, const char *protocol) {
  struct addrinfo hints = {.ai_family = AF_INET,
                           .ai_socktype = socktype_of(protocol)};
  struct addrinfo *list;
  if (hints.ai_socktype == 0 || is_number(service)) return -1;
  if (getaddrinfo(NULL, service, &hints, &list) != 0) return -1;
  struct sockaddr_in in;
  memcpy(&in, list->ai_addr, sizeof in);
  freeaddrinfo(list);
  return ntohs(in.sin_port);
}

/* A service without a name comes back as a number. */
bool lsk_sys_service_name(int port, const char *protocol,
                          char name[LSK_NAME_MAX]) {
  struct sockaddr_in in = {.sin_family = AF_INET};
  int socktype = socktype_of(protocol);
  if (socktype == 0) return false;
  in.sin_port = htons((uint16_t)port);
  const struct sockaddr *addr = (const struct sockaddr *)(const void *)&in;
  int code = getnameinfo(addr, sizeof in, NULL, 0, name, LSK_NAME_MAX,
                         socktype == SOCK_DGRAM ? NI_DGRAM : 0);
  return code == 0 && !is_number(name);
}

#endif

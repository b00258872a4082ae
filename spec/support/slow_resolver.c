/*
** Loaded before the system's own resolver: the host "never.test" is looked up
** for ever, by name and by its address 192.0.2.77. "half.test" is 127.0.0.1,
** and its IPv6 addresses are looked up for ever. All others are as they were.
*/

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define ADDRESS 0xc000024dU

static void look_up_for_ever(void) {
  for (;;) (void)pause();
}

typedef int getaddrinfo_function(const char *, const char *,
                                 const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **list) {
  getaddrinfo_function *real;
  *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
  if (node != NULL && (hints->ai_flags & AI_NUMERICHOST) == 0) {
    bool is_half = strcmp(node, "half.test") == 0;
    if (strcmp(node, "never.test") == 0 ||
        (is_half && hints->ai_family != AF_INET))
      look_up_for_ever();
    if (is_half) node = "127.0.0.1";
  }
  return real(node, service, hints, list);
}

typedef int getnameinfo_function(const struct sockaddr *, socklen_t, char *,
                                 socklen_t, char *, socklen_t, int);

int getnameinfo(const struct sockaddr *addr, socklen_t length, char *host,
                socklen_t host_size, char *service, socklen_t service_size,
                int flags) {
  getnameinfo_function *real;
  *(void **)&real = dlsym(RTLD_NEXT, "getnameinfo");
  struct sockaddr_in in;
  if (addr->sa_family == AF_INET && length >= sizeof in) {
    memcpy(&in, addr, sizeof in);
    if (ntohl(in.sin_addr.s_addr) == ADDRESS && (flags & NI_NUMERICHOST) == 0)
      look_up_for_ever();
  }
  return real(addr, length, host, host_size, service, service_size, flags);
}

/*
** Sockets on the loopback, time, and the way out of a failure.
*/

#include "common.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* As the servers beside it do, or as many as the system allows. */
#define BACKLOG 4096

_Noreturn void give_up(const char *what) {
  perror(what);
  _exit(1);
}

uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void raise_fd_limit(void) {
  struct rlimit limit;
  check(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  check(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
}

void set_nodelay(int fd) {
  int on = 1;
  check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0,
        "setsockopt");
}

static struct sockaddr_in loopback(int host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_port = htons((uint16_t)port);
  address.sin_addr.s_addr = htonl(0x7f000000u | (unsigned)host);
  return address;
}

int serve_port(int type, int flags) {
  struct sockaddr_in address = loopback(1, 0);
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, type | flags, 0);
  check(bind(fd, (struct sockaddr *)&address, length) == 0, "bind");
  if (type == SOCK_STREAM) check(listen(fd, BACKLOG) == 0, "listen");
  check(getsockname(fd, (struct sockaddr *)&address, &length) == 0,
        "getsockname");
  printf("%d\n", ntohs(address.sin_port));
  (void)fflush(stdout);
  return fd;
}

/* The port is chosen when the peer is known, so that it may be one that serves
   another peer, too. */
static void bind_host(int fd, int host) {
  int on = 1;
  struct sockaddr_in address = loopback(host, 0);
  check(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) ==
            0,
        "setsockopt");
  check(bind(fd, (struct sockaddr *)&address, sizeof address) == 0, "bind");
}

int connect_to(int port, int host, int type, int flags) {
  struct sockaddr_in address = loopback(1, port);
  int fd = socket(AF_INET, type | flags, 0);
  check(fd >= 0, "socket");
  if (host != 0) bind_host(fd, host);
  int rc = connect(fd, (struct sockaddr *)&address, sizeof address);
  check(rc == 0 || errno == EINPROGRESS, "connect");
  return fd;
}

void epoll_set(int epoll, int operation, int fd, uint32_t events, void *data) {
  struct epoll_event event = {.events = events, .data.ptr = data};
  check(epoll_ctl(epoll, operation, fd, &event) == 0, "epoll_ctl");
}

int epoll_next(int epoll, struct epoll_event *events, int64_t timeout) {
  int n = epoll_wait(epoll, events, EVENTS,
                     timeout < 0 ? -1 : (int)((timeout + 999999) / 1000000));
  check(n >= 0 || errno == EINTR, "epoll_wait");
  return n < 0 ? 0 : n;
}

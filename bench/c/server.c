/*
** What plain C does. A server prints its port first.
**
**   server echo|line|sink|source   serve many connections (see epoll_server.h)
**   server blocking                echoes for one connection
**   server copy                    copies one connection's bytes to the next
**   server udp                     echoes datagrams, one call each
**   server pair ROUNDS             ns for a 64-byte send and recv
*/

#include "common.h"
#include "epoll_server.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>

#define MESSAGE 64

/* What one step of a copy moves at the most. */
#define STEP ((size_t)1 << 18)

static int accept_one(int listener) {
  int fd = accept(listener, NULL, NULL);
  check(fd >= 0, "accept");
  return fd;
}

static void serve_blocking(void) {
  static char buffer[BLOCK];
  int fd = accept_one(serve_port(SOCK_STREAM, 0));
  set_nodelay(fd);
  for (;;) {
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) break;
    check(send(fd, buffer, (size_t)n, MSG_NOSIGNAL) == n, "send");
  }
}

static void serve_udp(void) {
  static char buffer[BLOCK];
  int fd = serve_port(SOCK_DGRAM, 0);
  for (;;) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    ssize_t n = recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&peer,
                         &length);
    check(n >= 0, "recvfrom");
    check(sendto(fd, buffer, (size_t)n, 0, (struct sockaddr *)&peer, length) ==
              n,
          "sendto");
  }
}

/* Bytes come through a pipe from one connection to the one made after it. */
static void serve_copy(void) {
  int pipes[2];
  int listener = serve_port(SOCK_STREAM, 0);
  int from = accept_one(listener);
  int to = accept_one(listener);
  check(pipe2(pipes, O_CLOEXEC) == 0, "pipe2");
  (void)fcntl(pipes[1], F_SETPIPE_SZ, (int)STEP);
  for (;;) {
    ssize_t n = splice(from, NULL, pipes[1], NULL, STEP, SPLICE_F_MOVE);
    if (n <= 0) break;
    while (n > 0) {
      ssize_t moved =
          splice(pipes[0], NULL, to, NULL, (size_t)n, SPLICE_F_MOVE);
      if (moved <= 0) return;
      n -= moved;
    }
  }
}

static void pair(long rounds) {
  int fds[2];
  char buffer[MESSAGE] = {0};
  check(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
  uint64_t start = now();
  for (long i = 0; i < rounds; i++) {
    check(send(fds[0], buffer, MESSAGE, MSG_NOSIGNAL) == MESSAGE, "send");
    check(recv(fds[1], buffer, MESSAGE, 0) == MESSAGE, "recv");
  }
  printf("round=%.1f\n", (double)(now() - start) / (double)rounds);
}

static const struct {
  const char *name;
  void (*serve)(void);
} servers[] = {
    {"echo", serve_echo},         {"line", serve_line}, {"sink", serve_sink},
    {"source", serve_source},     {"udp", serve_udp},   {"copy", serve_copy},
    {"blocking", serve_blocking},
};

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "pair") == 0) {
    pair(strtol(argv[2], NULL, 10));
    return 0;
  }
  for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
    if (argc != 2 || strcmp(argv[1], servers[i].name) != 0) continue;
    servers[i].serve();
    return 0;
  }
  return 2;
}

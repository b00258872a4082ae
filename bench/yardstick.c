/*
** The measure: what plain C does, and the load that all servers get.
**
**   yardstick pair ROUNDS        ns for a 64-byte send and recv
**   yardstick echo               serves one connection, after printing its port
**   yardstick load PORT SECONDS  64-byte echoes a second on one connection
**   yardstick feed COUNT         sends one connection so many lines of 32
*bytes,
**                                after printing its port
*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define MESSAGE 64

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static void pair(long rounds) {
  int fds[2];
  char buffer[MESSAGE] = {0};
  check(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
  double start = now();
  for (long i = 0; i < rounds; i++) {
    check(send(fds[0], buffer, MESSAGE, MSG_NOSIGNAL) == MESSAGE, "send");
    check(recv(fds[1], buffer, MESSAGE, 0) == MESSAGE, "recv");
  }
  printf("%.1f\n", (now() - start) / (double)rounds * 1e9);
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_port = htons((uint16_t)port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void set_nodelay(int fd) {
  int on = 1;
  check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0,
        "setsockopt");
}

/* Prints its port, then gives the fd of the first connection. */
static int serve(void) {
  alarm(60); /* a client that failed never comes */
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  check(bind(listener, (struct sockaddr *)&address, length) == 0, "bind");
  check(listen(listener, 1) == 0, "listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  int fd = accept(listener, NULL, NULL);
  check(fd >= 0, "accept");
  return fd;
}

static void echo(void) {
  static char buffer[65536];
  int fd = serve();
  set_nodelay(fd);
  for (;;) {
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) break;
    check(send(fd, buffer, (size_t)n, MSG_NOSIGNAL) == n, "send");
  }
}

static void load(int port, double seconds) {
  char buffer[MESSAGE] = {0};
  struct sockaddr_in address = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  check(connect(fd, (struct sockaddr *)&address, sizeof address) == 0,
        "connect");
  set_nodelay(fd);
  long rounds = 0;
  double start = now(), elapsed;
  do {
    for (int i = 0; i < 1000; i++, rounds++) {
      check(send(fd, buffer, MESSAGE, MSG_NOSIGNAL) == MESSAGE, "send");
      check(recv(fd, buffer, MESSAGE, MSG_WAITALL) == MESSAGE, "recv");
    }
    elapsed = now() - start;
  } while (elapsed < seconds);
  printf("%.0f\n", (double)rounds / elapsed);
  close(fd);
}

static void feed(long count) {
  static char lines[2048 * 32];
  for (size_t i = 0; i < sizeof lines; i++)
    lines[i] = i % 32 == 31 ? '\n' : (char)('a' + i % 26);
  int fd = serve();
  long left = count * 32;
  while (left > 0) {
    size_t size = left < (long)sizeof lines ? (size_t)left : sizeof lines;
    ssize_t sent = send(fd, lines, size, MSG_NOSIGNAL);
    check(sent > 0 && sent % 32 == 0, "send");
    left -= sent;
  }
  close(fd);
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "pair") == 0)
    pair(atol(argv[2]));
  else if (argc == 2 && strcmp(argv[1], "echo") == 0)
    echo();
  else if (argc == 4 && strcmp(argv[1], "load") == 0)
    load(atoi(argv[2]), atof(argv[3]));
  else if (argc == 3 && strcmp(argv[1], "feed") == 0)
    feed(atol(argv[2]));
  else
    return 2;
  return 0;
}

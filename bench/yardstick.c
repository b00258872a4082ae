/*
** The measure: what plain C does, and the load that all servers get. A server
** prints its port first.
**
**   yardstick pair ROUNDS            ns for a 64-byte send and recv
**   yardstick echo                   serves one connection
**   yardstick load PORT SECONDS      64-byte echoes a second on one connection
**   yardstick udp                    echoes datagrams
**   yardstick udpload PORT SECONDS   64-byte datagrams echoed a second
**   yardstick copy                   copies one connection's bytes to the next
**   yardstick copyload PORT SECONDS  megabytes a second through such a copy
**   yardstick feed COUNT             sends a connection lines of 32 bytes
*/

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#define MESSAGE 64

/* Datagrams on their way at a time: a queue holds them all. */
#define WINDOW 128

/* What one step of a copy moves at the most. */
#define STEP ((size_t)1 << 18)

/* What the load sends over and over. */
#define FILE_SIZE ((size_t)1 << 20)

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

/* A socket on a port that the system chose, and that is printed. */
static int bound(int type) {
  alarm(60); /* a client that failed never comes */
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, type, 0);
  check(bind(fd, (struct sockaddr *)&address, length) == 0, "bind");
  if (type == SOCK_STREAM) check(listen(fd, 2) == 0, "listen");
  getsockname(fd, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static int accepted(int listener) {
  int fd = accept(listener, NULL, NULL);
  check(fd >= 0, "accept");
  return fd;
}

static int connected(int type, int port) {
  struct sockaddr_in address = loopback(port);
  int fd = socket(AF_INET, type, 0);
  check(connect(fd, (struct sockaddr *)&address, sizeof address) == 0,
        "connect");
  return fd;
}

static void echo(void) {
  static char buffer[65536];
  int fd = accepted(bound(SOCK_STREAM));
  set_nodelay(fd);
  for (;;) {
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) break;
    check(send(fd, buffer, (size_t)n, MSG_NOSIGNAL) == n, "send");
  }
}

static void load(int port, double seconds) {
  char buffer[MESSAGE] = {0};
  int fd = connected(SOCK_STREAM, port);
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
  int fd = accepted(bound(SOCK_STREAM));
  long left = count * 32;
  while (left > 0) {
    size_t size = left < (long)sizeof lines ? (size_t)left : sizeof lines;
    ssize_t sent = send(fd, lines, size, MSG_NOSIGNAL);
    check(sent > 0 && sent % 32 == 0, "send");
    left -= sent;
  }
  close(fd);
}

/* Until an empty datagram comes. */
static void udp(void) {
  static char buffer[65536];
  int fd = bound(SOCK_DGRAM);
  for (;;) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    ssize_t n = recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&peer,
                         &length);
    check(n >= 0, "recvfrom");
    if (n == 0) break;
    check(sendto(fd, buffer, (size_t)n, 0, (struct sockaddr *)&peer, length) ==
              n,
          "sendto");
  }
}

/* Sends or receives several at once, so that the server is what is measured. */
static int datagrams(int fd, int count, int is_sending) {
  static char buffers[WINDOW][MESSAGE];
  static struct iovec pieces[WINDOW];
  static struct mmsghdr messages[WINDOW];
  for (int i = 0; i < count; i++) {
    pieces[i] = (struct iovec){buffers[i], MESSAGE};
    messages[i] = (struct mmsghdr){{.msg_iov = &pieces[i], .msg_iovlen = 1}, 0};
  }
  int n = is_sending
              ? sendmmsg(fd, messages, (unsigned)count, 0)
              : recvmmsg(fd, messages, (unsigned)count, MSG_WAITFORONE, NULL);
  check(n > 0, is_sending ? "sendmmsg" : "recvmmsg");
  return n;
}

static void udpload(int port, double seconds) {
  int fd = connected(SOCK_DGRAM, port);
  long echoes = 0;
  int under_way = 0;
  double start = now(), elapsed;
  do {
    while (under_way < WINDOW)
      under_way += datagrams(fd, WINDOW - under_way, 1);
    struct pollfd ready = {fd, POLLIN, 0};
    if (poll(&ready, 1, 100) == 0) {
      under_way = 0; /* they are lost */
      continue;
    }
    int n = datagrams(fd, WINDOW, 0);
    under_way -= n;
    echoes += n;
    elapsed = now() - start;
  } while (elapsed < seconds);
  printf("%.0f\n", (double)echoes / elapsed);
  check(send(fd, "", 0, 0) == 0, "send");
}

/* Bytes come through a pipe from one connection to the one made after it. */
static void copy(void) {
  int pipes[2];
  int listener = bound(SOCK_STREAM);
  int from = accepted(listener);
  int to = accepted(listener);
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

static void send_for_ever(int fd) {
  int file = memfd_create("load", 0);
  check(file >= 0 && ftruncate(file, (off_t)FILE_SIZE) == 0, "memfd_create");
  for (;;) {
    off_t offset = 0;
    while ((size_t)offset < FILE_SIZE)
      if (sendfile(fd, file, &offset, FILE_SIZE - (size_t)offset) <= 0) exit(0);
  }
}

/* Neither end touches the bytes: the copy between them is what is measured. */
static void copyload(int port, double seconds) {
  int to = connected(SOCK_STREAM, port), from = connected(SOCK_STREAM, port);
  pid_t sender = fork();
  if (sender == 0) send_for_ever(to);
  double bytes = 0, start = now(), elapsed;
  do {
    ssize_t n = recv(from, NULL, FILE_SIZE, MSG_TRUNC);
    check(n > 0, "recv");
    bytes += (double)n;
    elapsed = now() - start;
  } while (elapsed < seconds);
  kill(sender, SIGKILL);
  printf("%.0f\n", bytes / elapsed / 1e6);
}

static const struct {
  const char *name;
  void (*serve)(void);
  void (*count)(long count);
  void (*load)(int port, double seconds);
} commands[] = {
    {"copy", .serve = copy}, {"copyload", .load = copyload},
    {"echo", .serve = echo}, {"load", .load = load},
    {"udp", .serve = udp},   {"udpload", .load = udpload},
    {"pair", .count = pair}, {"feed", .count = feed},
};

int main(int argc, char **argv) {
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (argc < 2 || strcmp(argv[1], commands[i].name) != 0) continue;
    if (argc == 2 && commands[i].serve != NULL)
      commands[i].serve();
    else if (argc == 3 && commands[i].count != NULL)
      commands[i].count(atol(argv[2]));
    else if (argc == 4 && commands[i].load != NULL)
      commands[i].load(atoi(argv[2]), atof(argv[3]));
    else
      return 2;
    return 0;
  }
  return 2;
}

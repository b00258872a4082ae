/*
** Messages that come back: on many connections at a time, beside others that
** flood, and on connections that then do nothing.
*/

#include "load.h"

#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* Microseconds between two exchanges beside a flood. */
#define PAUSE 1000

/* One that has a message under way. */
struct client {
  int fd;
  size_t size, back; /* bytes of the message, and those that have come back */
  uint64_t since;
};

const char *message_of(size_t size) {
  static char block[BLOCK];
  check(size > 0 && size <= BLOCK, "size");
  memset(block, 'x', BLOCK - 1);
  block[BLOCK - 1] = '\n';
  return block + BLOCK - size;
}

void exchange(int fd, size_t size) {
  static char back[BLOCK];
  check(send(fd, message_of(size), size, MSG_NOSIGNAL) == (ssize_t)size,
        "send");
  check(recv(fd, back, size, MSG_WAITALL) == (ssize_t)size, "recv");
}

int open_served(const struct load *load, size_t size) {
  int fd = connect_to(load->port, 0, SOCK_STREAM, SOCK_CLOEXEC);
  set_nodelay(fd);
  exchange(fd, size);
  return fd;
}

static void begin_message(struct client *client, const char *lines,
                          uint64_t time) {
  client->back = 0;
  client->since = time;
  check(send(client->fd, lines + BLOCK - client->size, client->size,
             MSG_NOSIGNAL) == (ssize_t)client->size,
        "send");
}

/* What a run over all clients adds up. */
struct tally {
  const char *lines;
  struct latencies latencies;
  uint64_t messages;
};

static uint64_t take(struct client *client, struct tally *tally) {
  static char back[BLOCK];
  ssize_t n = recv(client->fd, back, sizeof back, 0);
  check(n > 0, "recv");
  client->back += (size_t)n;
  uint64_t time = now();
  if (client->back < client->size) return time;
  latencies_add(&tally->latencies, time - client->since);
  tally->messages++;
  begin_message(client, tally->lines, time);
  return time;
}

/* It does not sleep: the server would pay for waking it. */
static void run_until(int epoll, struct tally *tally, uint64_t end) {
  struct epoll_event ready[EVENTS];
  uint64_t time = now();
  while (time < end) {
    int n = epoll_next(epoll, ready, 0);
    for (int i = 0; i < n; i++) time = take(ready[i].data.ptr, tally);
    if (n == 0) time = now();
  }
}

/* Message sizes vary from one client to the next. */
static struct client *open_clients(const struct load *load, int epoll) {
  size_t count = (size_t)load->connections;
  struct client *clients = calloc(count, sizeof *clients);
  check(clients != NULL, "calloc");
  size_t least = load->least > 0 ? load->least : load->size;
  for (size_t i = 0; i < count; i++) {
    clients[i].size = least + i % (load->size - least + 1);
    clients[i].fd = open_served(load, clients[i].size);
    epoll_set(epoll, EPOLL_CTL_ADD, clients[i].fd, EPOLLIN, &clients[i]);
  }
  return clients;
}

void load_echo(const struct load *load) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct client *clients = open_clients(load, epoll);
  struct tally tally = {.lines = message_of(BLOCK)};
  struct window window;
  for (int i = 0; i < load->connections; i++)
    begin_message(&clients[i], tally.lines, now());
  run_until(epoll, &tally, now() + load_warming(load));
  tally.latencies.count = 0;
  tally.messages = 0;
  window_begin(&window, load);
  run_until(epoll, &tally, window.start + load_duration(load));
  window_end(&window, (double)tally.messages);
  printf("p50=%.0f p99=%.0f\n", latencies_at(&tally.latencies, 0.5),
         latencies_at(&tally.latencies, 0.99));
  free(clients);
}

/* Sends as fast as the server takes it, and throws away what comes back. */
static void flood_one(int fd, uint32_t events, size_t size) {
  static char back[BLOCK];
  if (events & EPOLLIN)
    check(recv(fd, back, sizeof back, MSG_DONTWAIT) != 0, "recv");
  if (events & EPOLLOUT)
    (void)send(fd, message_of(size), size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void flood(const struct load *load) {
  struct epoll_event ready[EVENTS];
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 1; i < load->connections; i++) {
    int *fd = malloc(sizeof *fd);
    check(fd != NULL, "malloc");
    *fd = open_served(load, load->size);
    epoll_set(epoll, EPOLL_CTL_ADD, *fd, EPOLLIN | EPOLLOUT, fd);
  }
  for (;;) {
    int n = epoll_next(epoll, ready, -1);
    for (int i = 0; i < n; i++) {
      const int *fd = ready[i].data.ptr;
      flood_one(*fd, ready[i].events, load->size);
    }
  }
}

/* A process of its own, which gives way to the one that measures: it is the
   server that is to be late, not the load. */
static pid_t begin_flood(const struct load *load) {
  pid_t child = fork();
  check(child >= 0, "fork");
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  check(nice(19) != -1, "nice");
  flood(load);
  _exit(0);
}

/* Rare ones, which leave the flood most of the processor. */
static struct latencies measure_exchanges(const struct load *load, int fd) {
  struct latencies latencies = {NULL, 0, 0};
  uint64_t before = now(), begin = before + load_warming(load);
  uint64_t end = begin + load_duration(load);
  while (before < end) {
    exchange(fd, 64);
    uint64_t after = now();
    if (before >= begin) latencies_add(&latencies, after - before);
    check(usleep(PAUSE) == 0, "usleep");
    before = now();
  }
  return latencies;
}

void load_starve(const struct load *load) {
  int fd = open_served(load, 64);
  struct latencies alone = measure_exchanges(load, fd);
  struct window window;
  pid_t child = begin_flood(load);
  window_begin(&window, load);
  struct latencies flooded = measure_exchanges(load, fd);
  window_end(&window, (double)flooded.count);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  double quiet = latencies_at(&alone, 0.5), busy = latencies_at(&flooded, 0.5);
  double quiet99 = latencies_at(&alone, 0.99);
  double busy99 = latencies_at(&flooded, 0.99);
  printf("alone=%.0f flooded=%.0f times=%.2f times99=%.2f\n", quiet, busy,
         busy / quiet, busy99 / quiet99);
}

/* Connections that fill the holes in the server's heap before it counts. */
#define FIRST 1000

/* Lets a server that has a collector run it. */
static void collect(int fd) {
  static const char order[] = "collect\n";
  char back[sizeof order];
  size_t size = sizeof order - 1;
  check(send(fd, order, size, MSG_NOSIGNAL) == (ssize_t)size, "send");
  check(recv(fd, back, size, MSG_WAITALL) == (ssize_t)size, "recv");
}

void load_idle(const struct load *load) {
  int count = load->connections + FIRST;
  int *fds = calloc((size_t)count, sizeof *fds);
  check(fds != NULL, "calloc");
  for (int i = 0; i < FIRST; i++) fds[i] = open_served(load, load->size);
  collect(fds[0]);
  double before = process_memory(load->pid);
  for (int i = FIRST; i < count; i++) fds[i] = open_served(load, load->size);
  double uncollected = process_memory(load->pid);
  collect(fds[0]);
  double after = process_memory(load->pid);
  for (int i = 0; i < count; i++) exchange(fds[i], load->size);
  printf("bytes=%.0f uncollected=%.0f\n", (after - before) / load->connections,
         (uncollected - before) / load->connections);
  free(fds);
}

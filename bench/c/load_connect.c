/*
** Connections that are made, answered once and closed. Each is made from
** another address of the loopback than the one before it, since the ports of
** one do not suffice: a closed connection keeps its own for a minute.
*/

#include "load.h"

#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/socket.h>

/* 127.0.0.2 and those after it. */
#define FIRST_HOST 2
#define HOSTS 100

/* How long a server may take to close what the load has closed. */
#define PATIENCE ((uint64_t)2000000000)

/* So many connections at a time, each of which is waited for in turn. */
struct ring {
  const struct load *load;
  int *fds;
  int next;
  int host;
  uint64_t done;
};

static int open_one(struct ring *ring) {
  size_t size = ring->load->size;
  ring->host = (ring->host + 1) % HOSTS;
  int fd = connect_to(ring->load->port, FIRST_HOST + ring->host, SOCK_STREAM,
                      SOCK_CLOEXEC);
  check(send(fd, message_of(size), size, MSG_NOSIGNAL) == (ssize_t)size,
        "send");
  return fd;
}

static void finish_one(struct ring *ring, int fd) {
  static char back[BLOCK];
  size_t size = ring->load->size;
  check(recv(fd, back, size, MSG_WAITALL) == (ssize_t)size, "recv");
  close(fd);
  ring->done++;
}

static void begin(struct ring *ring, const struct load *load) {
  *ring = (struct ring){.load = load};
  ring->fds = calloc((size_t)load->connections, sizeof *ring->fds);
  check(ring->fds != NULL, "calloc");
  for (int i = 0; i < load->connections; i++) ring->fds[i] = open_one(ring);
}

static void turn(struct ring *ring) {
  finish_one(ring, ring->fds[ring->next]);
  ring->fds[ring->next] = open_one(ring);
  ring->next = (ring->next + 1) % ring->load->connections;
}

static void end(struct ring *ring) {
  for (int i = 0; i < ring->load->connections; i++)
    finish_one(ring, ring->fds[i]);
  free(ring->fds);
}

static void run_until(struct ring *ring, uint64_t time) {
  while (now() < time) turn(ring);
}

/* The last of `count` connections are those that end with the ring. */
static void run_count(struct ring *ring, long count) {
  for (long i = ring->load->connections; i < count; i++) turn(ring);
}

static void run_all(const struct load *load, long count) {
  struct ring ring;
  begin(&ring, load);
  run_count(&ring, count);
  end(&ring);
}

static void connect_for_seconds(const struct load *load) {
  struct ring ring;
  struct window window;
  begin(&ring, load);
  run_until(&ring, now() + load_warming(load));
  ring.done = 0;
  window_begin(&window, load);
  run_until(&ring, window.start + load_duration(load));
  window_end(&window, (double)ring.done);
  end(&ring);
}

static void connect_counted(const struct load *load) {
  struct window window;
  window_begin(&window, load);
  run_all(load, load->count);
  window_end(&window, (double)load->count);
}

void load_connect(const struct load *load) {
  if (load->count > 0)
    connect_counted(load);
  else
    connect_for_seconds(load);
  putchar('\n');
}

/* Waits until the server has no more fds open than at the beginning, or has
   had long enough; those that it has. */
static int settled_fds(pid_t pid, int expected) {
  uint64_t end = now() + PATIENCE;
  int fds = process_fds(pid);
  while (fds > expected && now() < end) fds = process_fds(pid);
  return fds;
}

void load_soak(const struct load *load) {
  int expected = process_fds(load->pid);
  run_all(load, load->count / 10);
  int fds = settled_fds(load->pid, expected);
  double memory = process_memory(load->pid);
  run_all(load, load->count - load->count / 10);
  printf("fds=%d bytes=%.0f\n", settled_fds(load->pid, expected) - fds,
         process_memory(load->pid) - memory);
}

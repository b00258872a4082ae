/*
** Streams without an end, to a server, from it, and through it. The load
** touches no byte that it sends or takes, so that the server is what is
** measured.
*/

#include "load.h"

#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

/* What one call takes at most. */
#define MOST ((size_t)1 << 20)

#define LINE 32

struct stream {
  int fd;
  off_t place; /* in what is sent */
};

/* A block of lines, which is sent over and over. */
static int make_file(void) {
  static const char line[LINE + 1] = "abcdefghijklmnopqrstuvwxyz01234\n";
  int file = memfd_create("load", MFD_CLOEXEC);
  check(file >= 0, "memfd_create");
  for (size_t i = 0; i < BLOCK / LINE; i++)
    check(write(file, line, LINE) == LINE, "write");
  return file;
}

/* Moves a block, or what there is room for; the number of its bytes. */
typedef ssize_t move_function(struct stream *stream);

/* Blocks are sent whole, one after the other, on each connection. */
static ssize_t send_some(struct stream *stream) {
  static int file = -1;
  if (file < 0) file = make_file();
  stream->place %= (off_t)BLOCK;
  return sendfile(stream->fd, file, &stream->place,
                  BLOCK - (size_t)stream->place);
}

static ssize_t receive_some(struct stream *stream) {
  return recv(stream->fd, NULL, MOST, MSG_TRUNC);
}

/* It does not sleep: the server would pay for waking it. */
static double run_until(int epoll, move_function *move, uint64_t end) {
  struct epoll_event ready[EVENTS];
  double bytes = 0;
  for (uint64_t time = now(); time < end; time = now()) {
    int n = epoll_next(epoll, ready, 0);
    for (int i = 0; i < n; i++) {
      struct stream *stream = ready[i].data.ptr;
      ssize_t moved = move(stream);
      check(moved > 0, "stream");
      bytes += (double)moved;
    }
  }
  return bytes;
}

static struct stream open_stream(const struct load *load, int flags) {
  return (struct stream){connect_to(load->port, 0, SOCK_STREAM, flags), 0};
}

static void run(const struct load *load, uint32_t events, move_function *move) {
  struct window window;
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct stream *streams = calloc((size_t)load->connections, sizeof *streams);
  check(streams != NULL, "calloc");
  for (int i = 0; i < load->connections; i++) {
    streams[i] = open_stream(load, SOCK_NONBLOCK | SOCK_CLOEXEC);
    epoll_set(epoll, EPOLL_CTL_ADD, streams[i].fd, events, &streams[i]);
  }
  (void)run_until(epoll, move, now() + load_warming(load));
  window_begin(&window, load);
  double bytes = run_until(epoll, move, window.start + load_duration(load));
  window_end(&window, bytes / (double)load->unit);
  putchar('\n');
  free(streams);
}

void load_in(const struct load *load) {
  run(load, EPOLLOUT, send_some);
}

void load_out(const struct load *load) {
  run(load, EPOLLIN, receive_some);
}

static pid_t begin_sender(struct stream *stream) {
  pid_t child = fork();
  check(child >= 0, "fork");
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (send_some(stream) > 0) continue;
  _exit(0);
}

static double take_until(struct stream *stream, uint64_t end) {
  double bytes = 0;
  while (now() < end) {
    ssize_t n = receive_some(stream);
    check(n > 0, "recv");
    bytes += (double)n;
  }
  return bytes;
}

void load_copy(const struct load *load) {
  struct window window;
  struct stream to = open_stream(load, SOCK_CLOEXEC);
  struct stream from = open_stream(load, SOCK_CLOEXEC);
  pid_t sender = begin_sender(&to);
  (void)take_until(&from, now() + load_warming(load));
  window_begin(&window, load);
  double bytes = take_until(&from, window.start + load_duration(load));
  window_end(&window, bytes / (double)load->unit);
  putchar('\n');
  kill(sender, SIGKILL);
}

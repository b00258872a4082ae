/*
** Datagrams that come back. The load hands many to the system with one call,
** and takes many with one, so that the server is what is measured.
*/

#include "load.h"

#include "common.h"

#include <errno.h>
#include <stdio.h>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

/* Datagrams of a call. */
#define MOST 64
#define MESSAGE 64

struct datagrams {
  int fd;
  int most; /* under way at a time */
  int under_way;
  char buffers[MOST][MESSAGE];
  struct iovec pieces[MOST];
  struct mmsghdr messages[MOST];
};

static void set_option(int fd, int level, int name, const void *value,
                       size_t size) {
  check(setsockopt(fd, level, name, value, (socklen_t)size) == 0, "setsockopt");
}

static void begin(struct datagrams *d, const struct load *load) {
  /* Without an answer for so long, those under way are lost. */
  struct timeval patience = {.tv_usec = 100000};
  int size = MESSAGE;
  check(load->connections <= MOST, "connections");
  d->most = load->connections;
  d->fd = connect_to(load->port, 0, SOCK_DGRAM, SOCK_CLOEXEC);
  set_option(d->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  set_option(d->fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
  for (int i = 0; i < MOST; i++) {
    d->pieces[i] = (struct iovec){d->buffers[i], MESSAGE};
    d->messages[i].msg_hdr.msg_iov = &d->pieces[i];
    d->messages[i].msg_hdr.msg_iovlen = 1;
  }
}

/* The system cuts what is sent into messages. */
static void fill(struct datagrams *d) {
  size_t size = (size_t)(d->most - d->under_way) * MESSAGE;
  check(send(d->fd, d->buffers, size, MSG_NOSIGNAL) == (ssize_t)size, "send");
  d->under_way = d->most;
}

static int take(struct datagrams *d) {
  int n = recvmmsg(d->fd, d->messages, MOST, MSG_WAITFORONE, NULL);
  check(n > 0 || errno == EAGAIN, "recvmmsg");
  d->under_way = n > 0 ? d->under_way - n : 0;
  return n > 0 ? n : 0;
}

static double run_until(struct datagrams *d, uint64_t end) {
  double echoes = 0;
  while (now() < end) {
    if (d->under_way < d->most) fill(d);
    echoes += take(d);
  }
  return echoes;
}

void load_udp(const struct load *load) {
  static struct datagrams d;
  struct window window;
  begin(&d, load);
  (void)run_until(&d, now() + load_warming(load));
  window_begin(&window, load);
  double echoes = run_until(&d, window.start + load_duration(load));
  window_end(&window, echoes);
  putchar('\n');
}

/*
** The plain epoll server that others are measured by: level-triggered, so that
** a message takes one recv and one send, and as many of them share a wait as
** have come meanwhile.
*/

#include "epoll_server.h"

#include "common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

/* What one recv takes at most where messages are small. */
#define CHUNK 4096

struct connection {
  int fd;
  char *rest; /* what could not be sent yet; NULL for nothing */
  size_t rest_size;
  char *half; /* a line whose end has not come; NULL for none */
  size_t half_size;
};

/* Serves a connection that is ready; false when it is to be closed. */
typedef int serve_function(struct connection *connection);

static int epoll;

static void copy_bytes(char **to, size_t *size, const char *more,
                       size_t more_size) {
  char *grown = realloc(*to, *size + more_size);
  check(grown != NULL, "realloc");
  memcpy(grown + *size, more, more_size);
  *to = grown;
  *size += more_size;
}

static void drop(char **bytes, size_t *size) {
  free(*bytes);
  *bytes = NULL;
  *size = 0;
}

/* Bytes that were sent, 0 when there is no room, -1 for a failure. */
static ssize_t try_send(int fd, const char *bytes, size_t size) {
  ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
  return n < 0 && errno == EAGAIN ? 0 : n;
}

/* What does not fit is kept, and nothing is read until it is sent. */
static int reply(struct connection *c, const char *bytes, size_t size) {
  if (c->rest != NULL) {
    copy_bytes(&c->rest, &c->rest_size, bytes, size);
    return 1;
  }
  ssize_t sent = try_send(c->fd, bytes, size);
  if (sent < 0) return 0;
  if ((size_t)sent == size) return 1;
  copy_bytes(&c->rest, &c->rest_size, bytes + sent, size - (size_t)sent);
  epoll_set(epoll, EPOLL_CTL_MOD, c->fd, EPOLLOUT, c);
  return 1;
}

static int send_rest(struct connection *c) {
  ssize_t sent = try_send(c->fd, c->rest, c->rest_size);
  if (sent < 0) return 0;
  c->rest_size -= (size_t)sent;
  memmove(c->rest, c->rest + sent, c->rest_size);
  if (c->rest_size > 0) return 1;
  drop(&c->rest, &c->rest_size);
  epoll_set(epoll, EPOLL_CTL_MOD, c->fd, EPOLLIN, c);
  return 1;
}

static int echo(struct connection *c) {
  char buffer[CHUNK];
  if (c->rest != NULL) return send_rest(c);
  ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
  if (n < 0) return errno == EAGAIN;
  return n > 0 && reply(c, buffer, (size_t)n);
}

/* Replies each whole line of these bytes; the number of bytes these were, or
   -1 for a failure. */
static ssize_t reply_lines(struct connection *c, const char *bytes,
                           size_t size) {
  size_t from = 0;
  const char *end;
  while ((end = memchr(bytes + from, '\n', size - from)) != NULL) {
    size_t line = (size_t)(end + 1 - (bytes + from));
    if (!reply(c, bytes + from, line)) return -1;
    from += line;
  }
  return (ssize_t)from;
}

static int echo_lines(struct connection *c) {
  static char buffer[2 * BLOCK];
  if (c->rest != NULL) return send_rest(c);
  size_t size = c->half_size;
  if (size > BLOCK) return 0; /* too long a line */
  if (size > 0) memcpy(buffer, c->half, size);
  ssize_t n = recv(c->fd, buffer + size, CHUNK, 0);
  if (n < 0) return errno == EAGAIN;
  if (n == 0) return 0;
  if (size > 0) drop(&c->half, &c->half_size);
  size += (size_t)n;
  ssize_t done = reply_lines(c, buffer, size);
  if (done >= 0 && (size_t)done < size)
    copy_bytes(&c->half, &c->half_size, buffer + done, size - (size_t)done);
  return done >= 0;
}

static int sink(struct connection *c) {
  static char buffer[BLOCK];
  ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
  return n > 0 || (n < 0 && errno == EAGAIN);
}

static int source(struct connection *c) {
  static char block[BLOCK];
  return try_send(c->fd, block, sizeof block) >= 0;
}

static void accept_all(int listener, uint32_t events) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
         0) {
    struct connection *c = calloc(1, sizeof *c);
    check(c != NULL, "calloc");
    c->fd = fd;
    set_nodelay(fd);
    epoll_set(epoll, EPOLL_CTL_ADD, fd, events, c);
  }
  check(errno == EAGAIN || errno == ECONNABORTED, "accept");
}

static void end(struct connection *c) {
  close(c->fd);
  free(c->rest);
  free(c->half);
  free(c);
}

static void run(serve_function *serve, uint32_t events) {
  struct epoll_event ready[EVENTS];
  raise_fd_limit();
  epoll = epoll_create1(EPOLL_CLOEXEC);
  int listener = serve_port(SOCK_STREAM, SOCK_NONBLOCK | SOCK_CLOEXEC);
  epoll_set(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
  for (;;) {
    int n = epoll_next(epoll, ready, -1);
    for (int i = 0; i < n; i++) {
      struct connection *c = ready[i].data.ptr;
      if (c == NULL)
        accept_all(listener, events);
      else if (!serve(c))
        end(c);
    }
  }
}

void serve_echo(void) {
  run(echo, EPOLLIN);
}

void serve_line(void) {
  run(echo_lines, EPOLLIN);
}

void serve_sink(void) {
  run(sink, EPOLLIN);
}

void serve_source(void) {
  run(source, EPOLLOUT);
}

/*
** The calls that make, change and end an fd, and those that move bytes.
*/

#include "sys.h"
#include "sys_io.h"

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static struct lsk_sockaddr loopback(void) {
  struct lsk_sockaddr addr = {.length = sizeof addr.to.in};
  addr.to.in.sin_family = AF_INET;
  addr.to.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return addr;
}

static bool is_cloexec(int fd) {
  return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

static bool is_blocking(int fd) {
  return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

static void test_socket(void) {
  int fd = lsk_sys_socket(AF_INET, SOCK_STREAM, 0);
  CHECK(fd >= 0);
  CHECK(is_cloexec(fd));
  CHECK(is_blocking(fd));
  int domain = 0, type = 0, protocol = 0;
  CHECK(lsk_sys_identify(fd, &domain, &type, &protocol) == 0);
  CHECK(domain == AF_INET && type == SOCK_STREAM);
  CHECK(lsk_sys_close(fd) == 0);
  CHECK(lsk_sys_close(fd) == -EBADF);
  CHECK(lsk_sys_socket(AF_INET, 9999, 0) == -EINVAL);
}

static void test_socketpair(void) {
  int fds[2];
  CHECK(lsk_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  CHECK(is_cloexec(fds[0]) && is_cloexec(fds[1]));
  CHECK(lsk_sys_set_nonblocking(fds[0], true) == 0);
  CHECK(!is_blocking(fds[0]) && is_blocking(fds[1]));
  CHECK(lsk_sys_set_nonblocking(fds[0], false) == 0);
  CHECK(is_blocking(fds[0]));
  CHECK(lsk_sys_close(fds[0]) == 0);
  CHECK(lsk_sys_close(fds[1]) == 0);
  CHECK(lsk_sys_socketpair(AF_INET, SOCK_STREAM, 0, fds) < 0);
}

static void test_identify_others(void) {
  int fds[2];
  int domain = 0, type = 0, protocol = 0;
  CHECK(pipe(fds) == 0);
  CHECK(lsk_sys_identify(fds[0], &domain, &type, &protocol) == -ENOTSOCK);
  CHECK(lsk_sys_identify(-1, &domain, &type, &protocol) == -EBADF);
  (void)close(fds[0]);
  (void)close(fds[1]);
}

/* Also when the listening socket does not block, which BSD hands on. */
static void test_accept(void) {
  struct lsk_sockaddr addr = loopback();
  struct lsk_sockaddr peer;
  int server = lsk_sys_socket(AF_INET, SOCK_STREAM, 0);
  CHECK(lsk_sys_bind(server, &addr) == 0);
  CHECK(lsk_sys_listen(server, 5) == 0);
  CHECK(lsk_sys_getsockname(server, &addr) == 0);
  CHECK(addr.length == sizeof addr.to.in && addr.to.in.sin_port != 0);
  CHECK(lsk_sys_set_nonblocking(server, true) == 0);
  CHECK(lsk_sys_accept(server, &peer) == -EAGAIN);

  int client = lsk_sys_socket(AF_INET, SOCK_STREAM, 0);
  CHECK(lsk_sys_getpeername(client, &peer) == -ENOTCONN);
  CHECK(lsk_sys_connect(client, &addr) == 0);
  CHECK(lsk_sys_connect(client, &addr) == -EISCONN);
  int accepted = lsk_sys_accept(server, &peer);
  CHECK(accepted >= 0);
  CHECK(is_cloexec(accepted) && is_blocking(accepted));
  CHECK(lsk_sockaddr_family(&peer) == AF_INET);

  struct lsk_sockaddr own;
  CHECK(lsk_sys_getsockname(client, &own) == 0);
  CHECK(own.to.in.sin_port == peer.to.in.sin_port);
  (void)lsk_sys_close(accepted);
  (void)lsk_sys_close(client);
  (void)lsk_sys_close(server);
}

/* The port is taken, but nobody listens. */
static void test_refused(void) {
  struct lsk_sockaddr addr = loopback();
  int holder = lsk_sys_socket(AF_INET, SOCK_STREAM, 0);
  int client = lsk_sys_socket(AF_INET, SOCK_STREAM, 0);
  CHECK(lsk_sys_bind(holder, &addr) == 0);
  CHECK(lsk_sys_getsockname(holder, &addr) == 0);
  CHECK(lsk_sys_connect(client, &addr) == -ECONNREFUSED);
  CHECK(lsk_sys_bind(client, &addr) == -EADDRINUSE);
  (void)lsk_sys_close(client);
  (void)lsk_sys_close(holder);
}

static void test_moving_bytes(void) {
  int fds[2];
  int flags = 0;
  char buffer[16];
  struct lsk_sockaddr from;
  char ab[] = "ab", cde[] = "cde";
  struct iovec pieces[2] = {{.iov_base = ab, .iov_len = 2},
                            {.iov_base = cde, .iov_len = 3}};
  CHECK(lsk_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  CHECK(lsk_sys_recv(fds[0], buffer, 1, MSG_DONTWAIT) == -EAGAIN);
  CHECK(lsk_sys_send(fds[1], "xyz", 3, 0) == 3);
  CHECK(lsk_sys_sendv(fds[1], pieces, 2, 0, NULL) == 5);
  CHECK(lsk_sys_recv(fds[0], buffer, 3, 0) == 3);
  CHECK(memcmp(buffer, "xyz", 3) == 0);
  CHECK(lsk_sys_recvfrom(fds[0], buffer, sizeof buffer, &flags, &from) == 5);
  CHECK(memcmp(buffer, "abcde", 5) == 0);
  CHECK(from.length == 0);
  CHECK(lsk_sys_shutdown(fds[1], SHUT_WR) == 0);
  CHECK(lsk_sys_recv(fds[0], buffer, sizeof buffer, 0) == 0);
  (void)lsk_sys_close(fds[0]);
  (void)lsk_sys_close(fds[1]);
}

/* SIGPIPE would end this program. */
static void test_no_signal(void) {
  int fds[2];
  char a[] = "a";
  struct iovec piece = {.iov_base = a, .iov_len = 1};
  CHECK(lsk_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  (void)lsk_sys_close(fds[1]);
  CHECK(lsk_sys_send(fds[0], "a", 1, 0) == -EPIPE);
  CHECK(lsk_sys_sendv(fds[0], &piece, 1, 0, NULL) == -EPIPE);
  (void)lsk_sys_close(fds[0]);
}

static void test_poll(void) {
  int fds[2];
  CHECK(lsk_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  struct pollfd entry = {.fd = fds[0], .events = LSK_READABLE};
  CHECK(lsk_sys_poll(&entry, 1, 0) == 0);
  CHECK(lsk_sys_send(fds[1], "a", 1, 0) == 1);
  CHECK(lsk_sys_poll(&entry, 1, -1) == 1);
  CHECK((entry.revents & LSK_READABLE) != 0);
  CHECK(lsk_sys_poll(NULL, 0, 1) == 0);
  (void)lsk_sys_close(fds[0]);
  (void)lsk_sys_close(fds[1]);
}

int main(void) {
  test_socket();
  test_socketpair();
  test_identify_others();
  test_accept();
  test_refused();
  test_moving_bytes();
  test_no_signal();
  test_poll();
  return check_result();
}

/*
** System calls that make, change or end an fd.
*/

#include "sys.h"

#include "compat.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int result(int rc) {
  return rc < 0 ? -errno : rc;
}

/* Clamps the length that the kernel reports: it may exceed the buffer. */
static void clamp(struct lsk_sockaddr *addr, socklen_t length) {
  addr->length = length > sizeof addr->to ? (socklen_t)sizeof addr->to : length;
}

#if LSK_HAVE_ACCEPT4

int lsk_sys_socket(int domain, int type, int protocol) {
  return result(socket(domain, type | SOCK_CLOEXEC, protocol));
}

int lsk_sys_socketpair(int domain, int type, int protocol, int fds[2]) {
  return result(socketpair(domain, type | SOCK_CLOEXEC, protocol, fds));
}

int lsk_sys_plain_type(int type, bool *nonblocking) {
  *nonblocking = (type & SOCK_NONBLOCK) != 0;
  return type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static int accept_cloexec(int fd, struct sockaddr *peer, socklen_t *length) {
  return result(accept4(fd, peer, length, SOCK_CLOEXEC));
}

#else

/* Marks a new fd close-on-exec and blocking, or closes it again. */
static int prepare(int fd) {
  if (fd < 0) return -errno;
  int rc = lsk_sys_set_cloexec(fd);
  if (rc == 0) return fd;
  (void)lsk_sys_close(fd);
  return rc;
}

int lsk_sys_socket(int domain, int type, int protocol) {
  return prepare(socket(domain, type, protocol));
}

int lsk_sys_socketpair(int domain, int type, int protocol, int fds[2]) {
  if (socketpair(domain, type, protocol, fds) < 0) return -errno;
  int rc = prepare(fds[0]);
  if (rc < 0) {
    (void)lsk_sys_close(fds[1]);
    return rc;
  }
  rc = prepare(fds[1]);
  if (rc < 0) {
    (void)lsk_sys_close(fds[0]);
    return rc;
  }
  return 0;
}

int lsk_sys_plain_type(int type, bool *nonblocking) {
  *nonblocking = false;
  return type;
}

/* BSD hands O_NONBLOCK on to the accepted socket, so it is cleared here. */
static int accept_cloexec(int fd, struct sockaddr *peer, socklen_t *length) {
  int accepted = prepare(accept(fd, peer, length));
  if (accepted < 0) return accepted;
  int rc = lsk_sys_set_nonblocking(accepted, false);
  if (rc < 0) {
    (void)lsk_sys_close(accepted);
    return rc;
  }
  return accepted;
}

#endif

int lsk_sys_accept(int fd, struct lsk_sockaddr *peer) {
  socklen_t length = sizeof peer->to;
  int accepted = accept_cloexec(fd, &peer->to.any, &length);
  if (accepted >= 0) clamp(peer, length);
  return accepted;
}

int lsk_sys_bind(int fd, const struct lsk_sockaddr *addr) {
  return result(bind(fd, &addr->to.any, addr->length));
}

int lsk_sys_listen(int fd, int backlog) {
  return result(listen(fd, backlog));
}

int lsk_sys_shutdown(int fd, int how) {
  return result(shutdown(fd, how));
}

int lsk_sys_connect(int fd, const struct lsk_sockaddr *addr) {
  int rc = result(connect(fd, &addr->to.any, addr->length));
  return rc == -EINTR ? -EINPROGRESS : rc;
}

int lsk_sys_getsockname(int fd, struct lsk_sockaddr *addr) {
  socklen_t length = sizeof addr->to;
  int rc = result(getsockname(fd, &addr->to.any, &length));
  if (rc == 0) clamp(addr, length);
  return rc;
}

int lsk_sys_getpeername(int fd, struct lsk_sockaddr *addr) {
  socklen_t length = sizeof addr->to;
  int rc = result(getpeername(fd, &addr->to.any, &length));
  if (rc == 0) clamp(addr, length);
  return rc;
}

/* The size of the elements in which the kernel counts an option's length: it
   takes and gives a packet filter as a number of instructions of 8 bytes. */
#ifdef SO_GET_FILTER

static socklen_t element_size(int level, int name) {
  return level == SOL_SOCKET && name == SO_GET_FILTER ? 8 : 1;
}

#else

static socklen_t element_size(int level, int name) {
  (void)level;
  (void)name;
  return 1;
}

#endif

int lsk_sys_getsockopt(int fd, int level, int name, void *value,
                       socklen_t *length) {
  socklen_t element = element_size(level, name);
  socklen_t count = *length / element;
  int rc = result(getsockopt(fd, level, name, value, &count));
  if (rc == 0 && count < *length / element) *length = count * element;
  return rc;
}

int lsk_sys_setsockopt(int fd, int level, int name, const void *value,
                       socklen_t length) {
  return result(setsockopt(fd, level, name, value, length));
}

int lsk_sys_getsockopt_int(int fd, int name, int *value) {
  socklen_t length = sizeof *value;
  return lsk_sys_getsockopt(fd, SOL_SOCKET, name, value, &length);
}

#if LSK_HAVE_SO_DOMAIN

int lsk_sys_identify(int fd, int *domain, int *type, int *protocol) {
  int rc = lsk_sys_getsockopt_int(fd, SO_TYPE, type);
  if (rc == 0) rc = lsk_sys_getsockopt_int(fd, SO_DOMAIN, domain);
  if (rc == 0) rc = lsk_sys_getsockopt_int(fd, SO_PROTOCOL, protocol);
  return rc;
}

#else

/* The family is that of the socket's own name; the protocol stays unknown. */
int lsk_sys_identify(int fd, int *domain, int *type, int *protocol) {
  struct lsk_sockaddr addr;
  int rc = lsk_sys_getsockopt_int(fd, SO_TYPE, type);
  if (rc == 0) rc = lsk_sys_getsockname(fd, &addr);
  if (rc < 0) return rc;
  *domain = lsk_sockaddr_family(&addr);
  *protocol = 0;
  return 0;
}

#endif

#if LSK_HAVE_PEERCRED

int lsk_sys_getpeereid(int fd, uid_t *user, gid_t *group) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  int rc = lsk_sys_getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length);
  if (rc < 0) return rc;
  if (peer.uid == (uid_t)-1) return -ENOTCONN; /* what it says of no peer */
  *user = peer.uid;
  *group = peer.gid;
  return 0;
}

#else

int lsk_sys_getpeereid(int fd, uid_t *user, gid_t *group) {
  return result(getpeereid(fd, user, group));
}

#endif

int lsk_sys_set_nonblocking(int fd, bool on) {
  int value = on;
  return result(
      ioctl(fd, FIONBIO, &value)); /* one call where fcntl takes two */
}

int lsk_sys_is_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : (flags & O_NONBLOCK) != 0;
}

int lsk_sys_set_cloexec(int fd) {
  return result(fcntl(fd, F_SETFD, FD_CLOEXEC));
}

int lsk_sys_dup(int fd) {
  return result(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

int lsk_sys_file(int fd, FILE **file) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  bool appends = (flags & O_APPEND) != 0;
  const char *mode = "r";
  if ((flags & O_ACCMODE) == O_WRONLY) mode = appends ? "a" : "w";
  if ((flags & O_ACCMODE) == O_RDWR) mode = appends ? "a+" : "r+";
  *file = fdopen(fd, mode);
  return *file == NULL ? -errno : 0;
}

int lsk_sys_fcntl(int fd, int command, intptr_t argument) {
  return result(fcntl(fd, command, argument));
}

int lsk_sys_ioctl(int fd, unsigned long request, intptr_t argument) {
  return result(ioctl(fd, request, argument));
}

int lsk_sys_fsync(int fd) {
  return fsync(fd) < 0 ? -errno : 0;
}

int lsk_sys_close(int fd) {
  int rc = result(close(fd));
  return rc == -EINTR ? 0 : rc;
}

/*
** System calls that move bytes or wait for them. Nothing here raises: a count,
** or -errno. EINTR is given back: whoever waits decides. Sends never raise
** SIGPIPE.
*/

#ifndef LSK_SYS_IO_H
#define LSK_SYS_IO_H

#include "sockaddr.h"

#include <errno.h>
#include <stdbool.h>

#include <poll.h>
#include <sys/types.h>
#include <sys/uio.h>

/* What a socket is waited for. */
#define LSK_READABLE POLLIN
#define LSK_WRITABLE POLLOUT
#define LSK_PRIORITY POLLPRI

/* How many bytes arrived (0: end of stream, or an empty datagram) | -errno.
   Inline, with its like: the hottest calls of all. */
static inline ssize_t lsk_sys_recv(int fd, void *buffer, size_t size,
                                   int flags) {
  ssize_t rc = recv(fd, buffer, size, flags);
  if (rc < 0) return -errno;
  return rc < (ssize_t)size ? rc : (ssize_t)size; /* MSG_TRUNC tells more */
}

/*
** The same, with the sender's address; its length is 0 where there is none.
** `*flags` become those of the message: MSG_TRUNC where it was cut.
*/
ssize_t lsk_sys_recvfrom(int fd, void *buffer, size_t size, int *flags,
                         struct lsk_sockaddr *from);

/* The length of the next datagram, which stays where it is | -errno. */
ssize_t lsk_sys_next_length(int fd, int flags);

/* How many bytes were taken | -errno. */
static inline ssize_t lsk_sys_send(int fd, const void *data, size_t size,
                                   int flags) {
  ssize_t rc = send(fd, data, size, flags | MSG_NOSIGNAL);
  return rc < 0 ? -errno : rc;
}

ssize_t lsk_sys_sendto(int fd, const void *data, size_t size, int flags,
                       const struct lsk_sockaddr *to);

/* The same for `count` pieces, at most IOV_MAX; `to` may be NULL. */
ssize_t lsk_sys_sendv(int fd, const struct iovec *pieces, size_t count,
                      int flags, const struct lsk_sockaddr *to);

/* read(2), for what is no socket: how many bytes | -errno. */
ssize_t lsk_sys_read(int fd, void *buffer, size_t size);

/* The same for a message with all that it may carry. */
ssize_t lsk_sys_sendmsg(int fd, const struct msghdr *message, int flags);

/*
** Receives a message with all that comes along: how many bytes | -errno. Its
** lengths and flags become those of what came. Passed fds are close-on-exec,
** and the caller's to close.
*/
ssize_t lsk_sys_recvmsg(int fd, struct msghdr *message, int flags);

/* Whether a receive with these flags never waits, whatever else is there. */
bool lsk_sys_is_immediate(int flags);

/* poll(2): how many entries are ready | -errno. */
int lsk_sys_poll(struct pollfd *entries, size_t count, int milliseconds);

#endif

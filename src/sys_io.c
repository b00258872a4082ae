/*
** System calls that move bytes or wait for them.
*/

#include "sys_io.h"

#include "cmsg.h"
#include "compat.h"
#include "sys.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static ssize_t result(ssize_t rc) {
  return rc < 0 ? -errno : rc;
}

ssize_t lsk_sys_recvfrom(int fd, void *buffer, size_t size, int *flags,
                         struct lsk_sockaddr *from) {
  struct iovec piece = {.iov_base = buffer, .iov_len = size};
  struct msghdr message = {.msg_name = &from->to,
                           .msg_namelen = sizeof from->to,
                           .msg_iov = &piece,
                           .msg_iovlen = 1};
  ssize_t rc = result(recvmsg(fd, &message, *flags));
  from->length = message.msg_namelen > sizeof from->to
                     ? (socklen_t)sizeof from->to
                     : message.msg_namelen;
  if (rc < 0) return rc;
  *flags = message.msg_flags;
  return rc < (ssize_t)size ? rc : (ssize_t)size; /* MSG_TRUNC tells more */
}

#if LSK_HAVE_TRUNC_LENGTH

ssize_t lsk_sys_next_length(int fd, int flags) {
  return result(recv(fd, NULL, 0, flags | MSG_PEEK | MSG_TRUNC));
}

#else

/* Peeks with a growing buffer until the datagram fits. */
ssize_t lsk_sys_next_length(int fd, int flags) {
  for (size_t size = 65536;; size *= 4) {
    char *buffer = malloc(size);
    if (buffer == NULL) return -ENOMEM;
    ssize_t rc = result(recv(fd, buffer, size, flags | MSG_PEEK));
    free(buffer);
    if (rc < (ssize_t)size) return rc;
  }
}

#endif

ssize_t lsk_sys_sendto(int fd, const void *data, size_t size, int flags,
                       const struct lsk_sockaddr *to) {
  return result(
      sendto(fd, data, size, flags | MSG_NOSIGNAL, &to->to.any, to->length));
}

ssize_t lsk_sys_sendmsg(int fd, const struct msghdr *message, int flags) {
  return result(sendmsg(fd, message, flags | MSG_NOSIGNAL));
}

ssize_t lsk_sys_sendv(int fd, const struct iovec *pieces, size_t count,
                      int flags, const struct lsk_sockaddr *to) {
  struct msghdr message = {0};
  message.msg_iov = (struct iovec *)(uintptr_t)pieces; /* only read by a send */
  message.msg_iovlen = count;
  if (to != NULL) {
    message.msg_name = (void *)(uintptr_t)&to->to;
    message.msg_namelen = to->length;
  }
  return lsk_sys_sendmsg(fd, &message, flags);
}

ssize_t lsk_sys_read(int fd, void *buffer, size_t size) {
  return result(read(fd, buffer, size));
}

#if LSK_HAVE_CMSG_CLOEXEC

ssize_t lsk_sys_recvmsg(int fd, struct msghdr *message, int flags) {
  ssize_t rc = result(recvmsg(fd, message, flags | MSG_CMSG_CLOEXEC));
  message->msg_flags &= ~MSG_CMSG_CLOEXEC; /* says nothing of the message */
  return rc;
}

#else

ssize_t lsk_sys_recvmsg(int fd, struct msghdr *message, int flags) {
  ssize_t rc = result(recvmsg(fd, message, flags));
  if (rc >= 0)
    lsk_cmsg_each_fd(message->msg_control, message->msg_controllen,
                     lsk_sys_set_cloexec);
  return rc;
}

#endif

#if LSK_HAVE_ERROR_QUEUE

bool lsk_sys_is_immediate(int flags) {
  return (flags & MSG_ERRQUEUE) != 0;
}

#else

bool lsk_sys_is_immediate(int flags) {
  (void)flags;
  return false;
}

#endif

int lsk_sys_poll(struct pollfd *entries, size_t count, int milliseconds) {
  return (int)result(poll(entries, (nfds_t)count, milliseconds));
}

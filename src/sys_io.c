/*
** System calls that move bytes or wait for them.
*/

#include "sys_io.h"

#include <errno.h>
#include <stdint.h>

static ssize_t result(ssize_t rc) {
  return rc < 0 ? -errno : rc;
}

ssize_t lsk_sys_recv(int fd, void *buffer, size_t size, int flags) {
  return result(recv(fd, buffer, size, flags));
}

ssize_t lsk_sys_recvfrom(int fd, void *buffer, size_t size, int flags,
                         struct lsk_sockaddr *from) {
  socklen_t length = sizeof from->to;
  ssize_t rc =
      result(recvfrom(fd, buffer, size, flags, &from->to.any, &length));
  from->length = length > sizeof from->to ? (socklen_t)sizeof from->to : length;
  return rc;
}

ssize_t lsk_sys_send(int fd, const void *data, size_t size, int flags,
                     const struct lsk_sockaddr *to) {
  flags |= MSG_NOSIGNAL;
  if (to == NULL) return result(send(fd, data, size, flags));
  return result(sendto(fd, data, size, flags, &to->to.any, to->length));
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
  return result(sendmsg(fd, &message, flags | MSG_NOSIGNAL));
}

int lsk_sys_poll(struct pollfd *entries, size_t count, int milliseconds) {
  return (int)result(poll(entries, (nfds_t)count, milliseconds));
}

/*
** Datagrams: many with one system call, and replies from where they were sent
** to.
*/

#include "sys_datagram.h"

#include "cmsg.h"
#include "compat.h"
#include "pktinfo.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static struct msghdr message_for(struct lsk_datagram *datagram,
                                 struct iovec *piece) {
  *piece =
      (struct iovec){.iov_base = datagram->bytes, .iov_len = datagram->size};
  return (struct msghdr){.msg_name = &datagram->from,
                         .msg_namelen = sizeof datagram->from,
                         .msg_iov = piece,
                         .msg_iovlen = 1,
                         .msg_control = datagram->control,
                         .msg_controllen = sizeof datagram->control};
}

static void settle(struct lsk_datagram *datagram, const struct msghdr *message,
                   size_t length) {
  socklen_t room = sizeof datagram->from;
  datagram->length = length;
  datagram->from_length =
      message->msg_namelen < room ? message->msg_namelen : room;
  datagram->control_length = message->msg_controllen;
}

#if LSK_HAVE_RECVMMSG

int lsk_sys_recv_datagrams(int fd, struct lsk_datagram *list, size_t count,
                           int flags) {
  struct mmsghdr messages[LSK_DATAGRAMS];
  struct iovec pieces[LSK_DATAGRAMS];
  if (count > LSK_DATAGRAMS) count = LSK_DATAGRAMS;
  for (size_t i = 0; i < count; i++)
    messages[i].msg_hdr = message_for(&list[i], &pieces[i]);
  int got =
      recvmmsg(fd, messages, (unsigned)count, flags | MSG_WAITFORONE, NULL);
  if (got < 0) return -errno;
  for (int i = 0; i < got; i++)
    settle(&list[i], &messages[i].msg_hdr, messages[i].msg_len);
  return got;
}

#else

int lsk_sys_recv_datagrams(int fd, struct lsk_datagram *list, size_t count,
                           int flags) {
  for (size_t i = 0; i < count; i++) {
    struct iovec piece;
    struct msghdr message = message_for(&list[i], &piece);
    ssize_t rc = recvmsg(fd, &message, i == 0 ? flags : flags | MSG_DONTWAIT);
    if (rc < 0) return i == 0 ? -errno : (int)i;
    settle(&list[i], &message, (size_t)rc);
  }
  return (int)count;
}

#endif

static bool read_ipv4(const struct lsk_cmsg *cmsg, struct lsk_sockaddr *local) {
  struct lsk_pktinfo info;
  if (cmsg->level != IPPROTO_IP || cmsg->type != lsk_pktinfo_type() ||
      !lsk_pktinfo_get(&info, cmsg->data, cmsg->length))
    return false;
  lsk_sockaddr_set_in(local, &info.local, 0); /* the interface's, for a group */
  return true;
}

static struct lsk_cmsg write_ipv4(const struct lsk_sockaddr *from,
                                  char bytes[LSK_PKTINFO_MAX]) {
  const struct lsk_pktinfo info = {.local = from->to.in.sin_addr};
  return (struct lsk_cmsg){.level = IPPROTO_IP,
                           .type = lsk_pktinfo_type(),
                           .data = bytes,
                           .length = lsk_pktinfo_put(&info, bytes)};
}

static bool read_ipv6(const struct lsk_cmsg *cmsg, struct lsk_sockaddr *local) {
  struct in6_pktinfo info;
  if (cmsg->level != IPPROTO_IPV6 || cmsg->type != IPV6_PKTINFO ||
      cmsg->length < sizeof info)
    return false;
  memcpy(&info, cmsg->data, sizeof info);
  memset(&local->to.in6, 0, sizeof local->to.in6);
  local->to.in6.sin6_family = AF_INET6;
  local->to.in6.sin6_addr = info.ipi6_addr;
  if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
    local->to.in6.sin6_scope_id = (uint32_t)info.ipi6_ifindex;
  local->length = sizeof local->to.in6;
  return true;
}

/* Nothing can leave from a group: the system chooses the address then. */
static struct lsk_cmsg write_ipv6(const struct lsk_sockaddr *from,
                                  struct in6_pktinfo *info) {
  memset(info, 0, sizeof *info);
  if (IN6_IS_ADDR_MULTICAST(&from->to.in6.sin6_addr))
    return (struct lsk_cmsg){0};
  info->ipi6_addr = from->to.in6.sin6_addr;
  info->ipi6_ifindex = from->to.in6.sin6_scope_id;
  return (struct lsk_cmsg){.level = IPPROTO_IPV6,
                           .type = IPV6_PKTINFO,
                           .data = (const char *)info,
                           .length = sizeof *info};
}

bool lsk_datagram_local(const struct lsk_datagram *datagram,
                        struct lsk_sockaddr *local) {
  struct lsk_cmsg cmsg;
  size_t at = 0;
  while (lsk_cmsg_next(datagram->control, datagram->control_length, &at, &cmsg))
    if (read_ipv4(&cmsg, local) || read_ipv6(&cmsg, local)) return true;
  return false;
}

void lsk_datagram_set_local(struct lsk_datagram *datagram,
                            const struct lsk_sockaddr *local) {
  char info4[LSK_PKTINFO_MAX];
  struct in6_pktinfo info6;
  struct lsk_cmsg cmsg = lsk_sockaddr_family(local) == AF_INET6
                             ? write_ipv6(local, &info6)
                             : write_ipv4(local, info4);
  memset(datagram->control, 0, sizeof datagram->control);
  datagram->control_length =
      cmsg.length > 0 ? lsk_cmsg_put(datagram->control, 0, &cmsg) : 0;
}

/* The header of a datagram to send, which only reads what it points to. */
static struct msghdr message_of(const struct lsk_datagram *datagram,
                                struct iovec *piece) {
  bool has_control = datagram->control_length > 0;
  *piece =
      (struct iovec){.iov_base = datagram->bytes, .iov_len = datagram->length};
  return (struct msghdr){
      .msg_name = (void *)(uintptr_t)&datagram->from,
      .msg_namelen = datagram->from_length,
      .msg_iov = piece,
      .msg_iovlen = 1,
      .msg_control = has_control ? (void *)(uintptr_t)datagram->control : NULL,
      .msg_controllen = datagram->control_length};
}

static ssize_t send_one(int fd, const struct lsk_datagram *datagram,
                        int flags) {
  struct iovec piece;
  struct msghdr message = message_of(datagram, &piece);
  ssize_t rc = sendmsg(fd, &message, flags | MSG_NOSIGNAL);
  return rc < 0 ? -errno : rc;
}

#if LSK_HAVE_RECVMMSG

int lsk_sys_send_datagrams(int fd, const struct lsk_datagram *list,
                           size_t count, int flags) {
  struct mmsghdr messages[LSK_DATAGRAMS];
  struct iovec pieces[LSK_DATAGRAMS];
  if (count > LSK_DATAGRAMS) count = LSK_DATAGRAMS;
  for (size_t i = 0; i < count; i++)
    messages[i].msg_hdr = message_of(&list[i], &pieces[i]);
  int sent = sendmmsg(fd, messages, (unsigned)count, flags | MSG_NOSIGNAL);
  return sent < 0 ? -errno : sent;
}

#else

int lsk_sys_send_datagrams(int fd, const struct lsk_datagram *list,
                           size_t count, int flags) {
  for (size_t i = 0; i < count; i++) {
    ssize_t rc = send_one(fd, &list[i], flags);
    if (rc < 0) return i == 0 ? (int)rc : (int)i;
  }
  return (int)count;
}

#endif

ssize_t lsk_sys_send_from(int fd, const void *data, size_t size, int flags,
                          const struct lsk_sockaddr *to,
                          const struct lsk_sockaddr *from) {
  struct lsk_datagram datagram = {.bytes = (char *)(uintptr_t)data,
                                  .length = size};
  datagram.from_length = to->length < sizeof datagram.from
                             ? to->length
                             : (socklen_t)sizeof datagram.from;
  memcpy(&datagram.from, &to->to, datagram.from_length);
  lsk_datagram_set_local(&datagram, from);
  return send_one(fd, &datagram, flags);
}

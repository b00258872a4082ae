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

/* UDP_SEGMENT, which older headers lack: the message is cut into datagrams of
   that length. */
#define SEGMENT 103

/* No longer datagram is joined to others: those fit any way. */
#define LONGEST_JOINED ((size_t)1200)

/* Room for one more control message, of a number. */
#define JOINED_CONTROL (LSK_DATAGRAM_CONTROL + 32)

/* The messages of one call. */
struct outgoing {
  struct mmsghdr messages[LSK_DATAGRAMS];
  struct iovec pieces[LSK_DATAGRAMS];
  _Alignas(8) char controls[LSK_DATAGRAMS][JOINED_CONTROL];
};

bool lsk_sys_can_join_datagrams(int fd) {
  int length;
  socklen_t size = sizeof length;
  return getsockopt(fd, IPPROTO_UDP, SEGMENT, &length, &size) == 0;
}

/* Whether two datagrams have the same ends. */
static bool have_same_ends(const struct lsk_datagram *one,
                           const struct lsk_datagram *other) {
  return one->from_length == other->from_length &&
         memcmp(&one->from, &other->from, one->from_length) == 0 &&
         one->control_length == other->control_length &&
         memcmp(one->control, other->control, one->control_length) == 0;
}

/* How many datagrams from the first on can be one message: they are as long as
   the first, but for the last, which may be shorter. */
static size_t count_joined(const struct lsk_datagram *list, size_t count) {
  size_t length = list[0].length, joined = 1;
  if (length == 0 || length > LONGEST_JOINED) return 1;
  while (joined < count && have_same_ends(&list[0], &list[joined])) {
    size_t next = list[joined].length;
    if (next == 0 || next > length) break;
    joined++;
    if (next < length) break;
  }
  return joined;
}

/* Makes it one message of that many datagrams. */
static void join(struct msghdr *message, const struct lsk_datagram *list,
                 size_t joined, struct iovec *pieces, char *control) {
  uint16_t length = (uint16_t)list[0].length;
  const struct lsk_cmsg cut = {.level = IPPROTO_UDP,
                               .type = SEGMENT,
                               .data = (const char *)&length,
                               .length = sizeof length};
  for (size_t i = 1; i < joined; i++)
    pieces[i] =
        (struct iovec){.iov_base = list[i].bytes, .iov_len = list[i].length};
  memcpy(control, list[0].control, list[0].control_length);
  message->msg_iovlen = joined;
  message->msg_control = control;
  message->msg_controllen = lsk_cmsg_put(control, list[0].control_length, &cut);
}

/* As below. */
static int send_messages(int fd, const struct lsk_datagram *list, size_t count,
                         bool joins, int flags) {
  struct outgoing out;
  unsigned messages = 0;
  for (size_t i = 0; i < count; messages++) {
    struct msghdr *message = &out.messages[messages].msg_hdr;
    size_t joined = joins ? count_joined(list + i, count - i) : 1;
    *message = message_of(&list[i], &out.pieces[i]);
    if (joined > 1)
      join(message, list + i, joined, &out.pieces[i], out.controls[messages]);
    i += joined;
  }
  int sent = sendmmsg(fd, out.messages, messages, flags | MSG_NOSIGNAL);
  if (sent < 0) return -errno;
  size_t datagrams = 0;
  for (int i = 0; i < sent; i++)
    datagrams += out.messages[i].msg_hdr.msg_iovlen;
  return (int)datagrams;
}

/* A device may be unable to cut, or a way too narrow for the pieces. */
static bool is_for_joining(int rc) {
  return rc == -EINVAL || rc == -EIO || rc == -EMSGSIZE;
}

int lsk_sys_send_datagrams(int fd, const struct lsk_datagram *list,
                           size_t count, bool *joins, int flags) {
  if (count > LSK_DATAGRAMS) count = LSK_DATAGRAMS;
  int rc = send_messages(fd, list, count, *joins, flags);
  if (!is_for_joining(rc) || !*joins) return rc;
  *joins = false;
  return send_messages(fd, list, count, false, flags);
}

#else

bool lsk_sys_can_join_datagrams(int fd) {
  (void)fd;
  return false;
}

int lsk_sys_send_datagrams(int fd, const struct lsk_datagram *list,
                           size_t count, bool *joins, int flags) {
  (void)joins;
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

/*
** Control messages: building and taking apart the buffer that sendmsg(2) and
** recvmsg(2) carry beside the data.
*/

#include "cmsg.h"

#include "sys.h"

#include <stdint.h>
#include <string.h>

#include <sys/socket.h>

/* Where a message's data begins. */
#define HEAD CMSG_LEN(0)

/* How far the start of one message is from that of the next. */
static size_t aligned(size_t length) {
  return CMSG_SPACE(length) - CMSG_SPACE(0);
}

bool lsk_cmsg_next(const void *control, size_t size, size_t *at,
                   struct lsk_cmsg *message) {
  if (*at > size || size - *at < HEAD) return false;
  struct cmsghdr head;
  const char *start = (const char *)control + *at;
  memcpy(&head, start, sizeof head);
  if (head.cmsg_len < HEAD) return false;
  size_t left = size - *at - HEAD;
  size_t length = (size_t)head.cmsg_len - HEAD;
  message->level = head.cmsg_level;
  message->type = head.cmsg_type;
  message->data = start + HEAD;
  message->length = length < left ? length : left;
  *at = length > left ? size : *at + HEAD + aligned(length);
  return true;
}

size_t lsk_cmsg_space(size_t length) {
  return CMSG_SPACE(length);
}

size_t lsk_cmsg_put(void *control, size_t at, const struct lsk_cmsg *message) {
  size_t end = at + CMSG_SPACE(message->length);
  char *start = (char *)control + at;
  struct cmsghdr head = {.cmsg_len = CMSG_LEN(message->length),
                         .cmsg_level = message->level,
                         .cmsg_type = message->type};
  memset(start, 0, end - at);
  memcpy(start, &head, sizeof head);
  memcpy(start + HEAD, message->data, message->length);
  return end;
}

bool lsk_cmsg_is_rights(const struct lsk_cmsg *message) {
  return message->level == SOL_SOCKET && message->type == SCM_RIGHTS;
}

size_t lsk_cmsg_fds(const struct lsk_cmsg *message) {
  return message->length / sizeof(int);
}

int lsk_cmsg_fd(const struct lsk_cmsg *message, size_t index) {
  int fd;
  memcpy(&fd, message->data + index * sizeof fd, sizeof fd);
  return fd;
}

void lsk_cmsg_disown(const struct lsk_cmsg *message, size_t index) {
  int nobody = -1;
  char *place = (char *)(uintptr_t)(message->data + index * sizeof nobody);
  memcpy(place, &nobody, sizeof nobody);
}

void lsk_cmsg_each_fd(const void *control, size_t size, int (*fn)(int fd)) {
  size_t at = 0;
  struct lsk_cmsg message;
  while (lsk_cmsg_next(control, size, &at, &message)) {
    if (!lsk_cmsg_is_rights(&message)) continue;
    for (size_t i = 0; i < lsk_cmsg_fds(&message); i++) {
      int fd = lsk_cmsg_fd(&message, i);
      if (fd >= 0) (void)fn(fd);
    }
  }
}

void lsk_cmsg_close(void *control, size_t size) {
  lsk_cmsg_each_fd(control, size, lsk_sys_close);
}

/*
** Walking control messages: the input is what the kernel might have given.
** Whatever it is, each message lies within it, and the walk ends. What is put
** into a buffer is found there again.
*/

#include "target.h"

#include "cmsg.h"

#include <string.h>

static size_t fds;

static int count_fd(int fd) {
  MUST(fd >= 0);
  fds++;
  return 0;
}

static void check_message(const char *control, size_t size,
                          const struct lsk_cmsg *message) {
  MUST(message->data >= control && message->data <= control + size);
  MUST(message->length <= size - (size_t)(message->data - control));
  if (!lsk_cmsg_is_rights(message)) return;
  size_t count = lsk_cmsg_fds(message);
  MUST(count * sizeof(int) <= message->length);
  for (size_t i = 0; i < count; i++) (void)lsk_cmsg_fd(message, i);
}

/* The message alone in a buffer of its own. */
static void check_put(const struct lsk_cmsg *message) {
  size_t size = lsk_cmsg_space(message->length), at = 0;
  char *control = malloc(size);
  MUST(control != NULL);
  MUST(lsk_cmsg_put(control, 0, message) == size);
  struct lsk_cmsg found;
  MUST(lsk_cmsg_next(control, size, &at, &found));
  MUST(found.level == message->level && found.type == message->type);
  MUST(found.length == message->length);
  MUST(memcmp(found.data, message->data, found.length) == 0);
  MUST(!lsk_cmsg_next(control, size, &at, &found));
  free(control);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  /* A copy of its own: what is read beyond it is seen. */
  char *control = malloc(size == 0 ? 1 : size);
  MUST(control != NULL);
  memcpy(control, data, size);
  struct lsk_cmsg message;
  size_t at = 0, before = 0;
  while (lsk_cmsg_next(control, size, &at, &message)) {
    MUST(at > before);
    before = at;
    check_message(control, size, &message);
    check_put(&message);
  }
  fds = 0;
  lsk_cmsg_each_fd(control, size, count_fd);
  MUST(fds <= size / sizeof(int));
  at = 0;
  while (lsk_cmsg_next(control, size, &at, &message)) {
    if (!lsk_cmsg_is_rights(&message)) continue;
    for (size_t i = 0; i < lsk_cmsg_fds(&message); i++)
      lsk_cmsg_disown(&message, i);
  }
  fds = 0;
  lsk_cmsg_each_fd(control, size, count_fd);
  MUST(fds == 0);
  free(control);
  return 0;
}

/*
** How a thread wakes another that waits for fds.
*/

#include "wake.h"

#include "compat.h"
#include "sys.h"

#include <errno.h>
#include <stdint.h>

#include <unistd.h>

#if LSK_HAVE_EVENTFD

#include <sys/eventfd.h>

static int open_fds(struct lsk_wake *wake) {
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return -errno;
  wake->wait_fd = wake->post_fd = fd;
  return 0;
}

static void close_fds(const struct lsk_wake *wake) {
  (void)lsk_sys_close(wake->wait_fd);
}

#else

static int prepare(int fd) {
  int rc = lsk_sys_set_cloexec(fd);
  return rc < 0 ? rc : lsk_sys_set_nonblocking(fd, true);
}

static void close_fds(const struct lsk_wake *wake) {
  (void)lsk_sys_close(wake->wait_fd);
  (void)lsk_sys_close(wake->post_fd);
}

static int open_fds(struct lsk_wake *wake) {
  int fds[2];
  if (pipe(fds) < 0) return -errno;
  struct lsk_wake opened = {.wait_fd = fds[0], .post_fd = fds[1]};
  int rc = prepare(fds[0]);
  if (rc == 0) rc = prepare(fds[1]);
  if (rc < 0) {
    close_fds(&opened);
    return rc;
  }
  wake->wait_fd = fds[0];
  wake->post_fd = fds[1];
  return 0;
}

#endif

int lsk_wake_use(struct lsk_wake *wake) {
  int rc = wake->users == 0 ? open_fds(wake) : 0;
  if (rc == 0) wake->users++;
  return rc;
}

void lsk_wake_leave(struct lsk_wake *wake) {
  if (--wake->users == 0) close_fds(wake);
}

int lsk_wake_renew(struct lsk_wake *wake) {
  close_fds(wake);
  wake->wait_fd = wake->post_fd = -1;
  return open_fds(wake);
}

/* Eight bytes, as an eventfd wants them. A pipe that has no room for them is
   readable already. */
void lsk_wake_post(const struct lsk_wake *wake) {
  const uint64_t one = 1;
  ssize_t ignored = write(wake->post_fd, &one, sizeof one);
  (void)ignored;
}

void lsk_wake_drain(const struct lsk_wake *wake) {
  uint64_t posted[8];
  while (read(wake->wait_fd, posted, sizeof posted) == sizeof posted) {
  }
}

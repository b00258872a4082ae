/*
** Moving bytes between fds inside the kernel.
*/

#include "sys_copy.h"

#include "compat.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#if LSK_HAVE_SPLICE

#include <sys/sendfile.h>

int lsk_sys_pipe(int fds[2], size_t size) {
  if (pipe2(fds, O_CLOEXEC) < 0) return -errno;
  (void)fcntl(fds[1], F_SETPIPE_SZ, (int)size); /* a smaller one serves, too */
  return 0;
}

ssize_t lsk_sys_splice(int from, int to, size_t size, bool nonblocking) {
  unsigned flags = SPLICE_F_MOVE | (nonblocking ? SPLICE_F_NONBLOCK : 0U);
  ssize_t rc = splice(from, NULL, to, NULL, size, flags);
  return rc < 0 ? -errno : rc;
}

ssize_t lsk_sys_sendfile(int to, int file, off_t *offset, size_t size) {
  ssize_t rc = sendfile(to, file, offset, size);
  return rc < 0 ? -errno : rc;
}

#else

int lsk_sys_pipe(int fds[2], size_t size) {
  (void)fds;
  (void)size;
  return -ENOSYS;
}

ssize_t lsk_sys_splice(int from, int to, size_t size, bool nonblocking) {
  (void)from;
  (void)to;
  (void)size;
  (void)nonblocking;
  return -ENOSYS;
}

ssize_t lsk_sys_sendfile(int to, int file, off_t *offset, size_t size) {
  (void)to;
  (void)file;
  (void)offset;
  (void)size;
  return -ENOSYS;
}

#endif

static bool is_pending(void) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static sigset_t only_sigpipe(void) {
  sigset_t set;
  (void)sigemptyset(&set);
  (void)sigaddset(&set, SIGPIPE);
  return set;
}

void lsk_sys_block_sigpipe(struct lsk_sigpipe *saved) {
  sigset_t set = only_sigpipe();
  saved->was_pending = is_pending();
  (void)pthread_sigmask(SIG_BLOCK, &set, &saved->before);
}

void lsk_sys_restore_sigpipe(const struct lsk_sigpipe *saved) {
  sigset_t set = only_sigpipe();
  struct timespec at_once = {0};
  if (!saved->was_pending && is_pending())
    (void)sigtimedwait(&set, NULL, &at_once);
  (void)pthread_sigmask(SIG_SETMASK, &saved->before, NULL);
}

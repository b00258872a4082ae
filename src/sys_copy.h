/*
** Moving bytes between fds inside the kernel. Nothing here raises: a count, or
** -errno; -ENOSYS where the platform has no such call. EINTR is given back.
*/

#ifndef LSK_SYS_COPY_H
#define LSK_SYS_COPY_H

#include <stdbool.h>
#include <stddef.h>

#include <signal.h>
#include <sys/types.h>

/* A new pipe of about `size` bytes: 0 | -errno. */
int lsk_sys_pipe(int fds[2], size_t size);

/* Moves at most `size` bytes, one end being a pipe: how many (0: the source is
   at its end) | -errno. It may send a SIGPIPE. */
ssize_t lsk_sys_splice(int from, int to, size_t size, bool nonblocking);

/* Moves at most `size` bytes of a file, from where it stands, or from `*offset`
   on, which is moved. It may send a SIGPIPE. */
ssize_t lsk_sys_sendfile(int to, int file, off_t *offset, size_t size);

/*
** Neither call has a MSG_NOSIGNAL: around them SIGPIPE is blocked for the
** thread, and one that they caused is taken out.
*/
struct lsk_sigpipe {
  sigset_t before;
  bool was_pending;
};

void lsk_sys_block_sigpipe(struct lsk_sigpipe *saved);
void lsk_sys_restore_sigpipe(const struct lsk_sigpipe *saved);

#endif

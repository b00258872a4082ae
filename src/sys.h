/*
** System calls that make, change or end an fd. Nothing here raises: a result,
** or -errno. Every fd is born close-on-exec.
*/

#ifndef LSK_SYS_H
#define LSK_SYS_H

#include "sockaddr.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <sys/types.h>

/* A new socket's fd | -errno. */
int lsk_sys_socket(int domain, int type, int protocol);

/* The type without the flags that socket(2) takes along with it; whether one of
   them makes the socket non-blocking. */
int lsk_sys_plain_type(int type, bool *nonblocking);

/* 0 with two connected fds | -errno. */
int lsk_sys_socketpair(int domain, int type, int protocol, int fds[2]);

/* 0 | -errno. */
int lsk_sys_bind(int fd, const struct lsk_sockaddr *addr);
int lsk_sys_listen(int fd, int backlog);
int lsk_sys_shutdown(int fd, int how);

/*
** Starts or makes a connection: 0 | -errno. An interrupted connect goes on in
** the kernel, so EINTR is given as -EINPROGRESS.
*/
int lsk_sys_connect(int fd, const struct lsk_sockaddr *addr);

/*
** The fd of the next connection, in blocking mode, and its peer's address |
** -errno. EINTR is given back: whoever waits decides.
*/
int lsk_sys_accept(int fd, struct lsk_sockaddr *peer);

/* 0 with the address of one's own end, or of the peer | -errno. */
int lsk_sys_getsockname(int fd, struct lsk_sockaddr *addr);
int lsk_sys_getpeername(int fd, struct lsk_sockaddr *addr);

/* 0 | -errno; `*length` is the buffer's size, then what the kernel wrote. */
int lsk_sys_getsockopt(int fd, int level, int name, void *value,
                       socklen_t *length);
int lsk_sys_setsockopt(int fd, int level, int name, const void *value,
                       socklen_t length);

/* The value of an integer option at level SOL_SOCKET in `*value`: 0 | -errno.
 */
int lsk_sys_getsockopt_int(int fd, int name, int *value);

/* A copy of an fd: the new one | -errno. */
int lsk_sys_dup(int fd);

/* What a foreign fd is: 0 | -errno (ENOTSOCK when it is no socket). */
int lsk_sys_identify(int fd, int *domain, int *type, int *protocol);

/* The user and the group of the process at the other end, as they were when it
   connected: 0 | -errno. */
int lsk_sys_getpeereid(int fd, uid_t *user, gid_t *group);

/* Sets or clears O_NONBLOCK: 0 | -errno. */
int lsk_sys_set_nonblocking(int fd, bool on);

/* Whether O_NONBLOCK is set: 1, 0 | -errno. */
int lsk_sys_is_nonblocking(int fd);

/* Sets FD_CLOEXEC: 0 | -errno. */
int lsk_sys_set_cloexec(int fd);

/* A stream for the fd, in the mode that it was opened in: 0 | -errno. */
int lsk_sys_file(int fd, FILE **file);

/* fcntl(2) and ioctl(2), with a number or a pointer: the result | -errno. */
int lsk_sys_fcntl(int fd, int command, intptr_t argument);
int lsk_sys_ioctl(int fd, unsigned long request, intptr_t argument);

/* fsync(2): 0 | -errno. */
int lsk_sys_fsync(int fd);

/* Closes once, whatever the outcome: 0 | -errno. EINTR counts as closed. */
int lsk_sys_close(int fd);

#endif

/*
** What the load and the plain servers share: sockets on the loopback, time, and
** a way out. A failure ends the program, since a figure taken after one means
** nothing.
*/

#ifndef COMMON_H
#define COMMON_H

#include <stddef.h>
#include <stdint.h>

#include <sys/epoll.h>
#include <sys/types.h>

/* What streams move with one call. */
#define BLOCK ((size_t)65536)

/* Events that one wait takes. */
#define EVENTS 256

/* Ends the program and tells errno. */
_Noreturn void give_up(const char *what);

static inline void check(int ok, const char *what) {
  if (!ok) give_up(what);
}

/* Nanoseconds of the monotonic clock. */
uint64_t now(void);

/* As many fds as the system allows. */
void raise_fd_limit(void);

void set_nodelay(int fd);

/* A bound (and for streams listening) socket, whose port has been printed. */
int serve_port(int type, int flags);

/* To 127.0.0.1, from 127.0.0.HOST or, where that is 0, from any address. A
   connect that is under way is no failure. */
int connect_to(int port, int host, int type, int flags);

void epoll_set(int epoll, int operation, int fd, uint32_t events, void *data);

/* Waits at most so many nanoseconds, which count as whole milliseconds. */
int epoll_next(int epoll, struct epoll_event *events, int64_t timeout);

#endif

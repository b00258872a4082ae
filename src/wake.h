/*
** How a thread wakes another that waits for fds: by one more fd, which becomes
** readable. Whoever shares one looks for what it has waited for by itself.
** Nothing here raises.
*/

#ifndef LSK_WAKE_H
#define LSK_WAKE_H

#include <stddef.h>

/* All zero at first. It stands in its owner, and belongs to one thread but for
   lsk_wake_post. */
struct lsk_wake {
  size_t users; /* while there are some, these are open: */
  int wait_fd;  /* becomes readable */
  int post_fd;  /* the other end of that, or the same */
};

/* One more uses it; the first opens it: 0 | -errno. */
int lsk_wake_use(struct lsk_wake *wake);

/* One fewer uses it; the last closes it. */
void lsk_wake_leave(struct lsk_wake *wake);

/* In a child of fork, which shares the fds with its parent: opens others, for
   the same users: 0 | -errno, and then they are -1. */
int lsk_wake_renew(struct lsk_wake *wake);

/* Makes it readable; on any thread, while it is in use. */
void lsk_wake_post(const struct lsk_wake *wake);

/* Makes it unreadable. What was posted before can be seen then. */
void lsk_wake_drain(const struct lsk_wake *wake);

#endif

/*
** Which fds are watched while a loop runs, and for whom. Each has one watch,
** and the poller tells of its events. Nothing here raises.
**
** A watch stands in the fd's owner; one for an fd without an owner is loose: it
** is made for those who wait for several fds, and goes with the last of them.
*/

#ifndef LSK_WATCHES_H
#define LSK_WATCHES_H

#include "buffer.h"
#include "poller.h"
#include "sys_io.h"
#include "wake.h"

#include <stdbool.h>
#include <stdint.h>

struct lsk_waiter;
struct lsk_many;

/* The two directions, as indexes. */
enum { LSK_READING, LSK_WRITING, LSK_DIRECTIONS };

static inline int lsk_direction(int events) {
  return events == LSK_WRITABLE ? LSK_WRITING : LSK_READING;
}

/* Waiters in their order: a ring, of which this is the first. */
struct lsk_queue {
  struct lsk_waiter *first;
};

/* An fd's part in a wait for several; it stands in that wait. */
struct lsk_observer {
  struct lsk_observer *next, *previous; /* of the same watch */
  struct lsk_watch *watch;              /* NULL: of none */
  struct lsk_many *many;
};

/* What is known of an fd while a loop runs. */
struct lsk_watch {
  struct lsk_queue calls[LSK_DIRECTIONS];
  struct lsk_observer *observers; /* who waits for several fds, this among */
  uint32_t generation;            /* tells its events from a former owner's */
  unsigned char blocked;  /* directions known not to be ready: 1 << LSK_... */
  bool is_final : 1;      /* the peer has ended the stream, or urgent data came:
                             a short read says nothing */
  bool is_loose : 1;      /* belongs to the table, for the observers alone */
  bool is_shared : 1;     /* another event loop may know of the fd */
  bool wants_writing : 1; /* the last call that would block was to write */
};

/* The table of them; all zero at first but for its memory. */
struct lsk_watches {
  struct lsk_poller *poller; /* NULL: it is not open */
  struct lsk_watch **by_fd;  /* NULL: not watched */
  int count;                 /* how many fds the table has */
  uint32_t generation;       /* the last that was given */
  struct lsk_memory memory;
  bool has_wake;               /* lsk_watches_get_wake was called: */
  struct lsk_wake wake;        /* tells that work has been done */
  struct lsk_watch wake_watch; /* the watch of that */
};

/* Opens the table: 0 | -errno. */
int lsk_watches_open(struct lsk_watches *watches);

/* Closes it, when it is open and nobody observes an fd any more. */
void lsk_watches_close(struct lsk_watches *watches);

/* The fd's watch; NULL: it is not watched. */
static inline struct lsk_watch *
lsk_watches_find(const struct lsk_watches *watches, int fd) {
  return fd < 0 || fd >= watches->count ? NULL : watches->by_fd[fd];
}

/* Watches the fd no more; the poller may still do. */
static inline void lsk_watches_forget(struct lsk_watches *watches, int fd,
                                      struct lsk_watch *watch) {
  if (lsk_watches_find(watches, fd) == watch) watches->by_fd[fd] = NULL;
  watch->generation = 0;
  watch->blocked = 0;
}

/* In a child of fork, which shares the parent's poller and must not touch it:
   has all fds watched anew. */
void lsk_watches_renew(struct lsk_watches *watches);

/* Makes this the fd's watch, whose observers come along: 0 | -errno. */
int lsk_watches_add(struct lsk_watches *watches, struct lsk_watch *watch,
                    int fd, int events);

/* Has the poller tell of the fd's changes: 0 | -errno. */
static inline int lsk_watches_arm(struct lsk_watches *watches,
                                  struct lsk_watch *watch, int fd, int events) {
  if (lsk_poller_is_stale(watches->poller)) lsk_watches_renew(watches);
  if (watch->generation == 0 || lsk_watches_find(watches, fd) != watch)
    return lsk_watches_add(watches, watch, fd, events);
  return lsk_poller_watch(watches->poller, fd, watch->generation, events,
                          false);
}

/* Adds one, who observes nothing yet, to those of the fd, which is watched from
   now on: 0 | -errno. */
int lsk_watches_observe(struct lsk_watches *watches,
                        struct lsk_observer *observer, int fd, int events);

/* Takes it out again; nothing if it observes nothing. */
void lsk_watches_leave(struct lsk_watches *watches,
                       struct lsk_observer *observer, int fd);

/* What work on another thread is started with: 0 | -errno. */
int lsk_watches_get_wake(struct lsk_watches *watches, struct lsk_wake **wake);

/* The wake has been heard, and will be again. */
void lsk_watches_drain_wake(struct lsk_watches *watches);

/* A call has found out that a direction is not ready any more: it was short.
   Only for what is watched; an event ends it. */
static inline void lsk_watch_note_short(struct lsk_watch *watch,
                                        int direction) {
  if (watch->generation != 0 && !watch->is_final)
    watch->blocked |= (unsigned char)(1 << direction);
}

#endif

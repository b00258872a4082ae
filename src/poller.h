/*
** Tells which fds have become ready. Each fd is watched once, for everything,
** for as long as it lives; a change of its readiness is told once (edge-
** triggered). One of two back ends is chosen at build time: poller_epoll.c, or
** poller_poll.c where there is no epoll(7). Nothing here raises.
**
** Whoever waits first finds out by a call that an fd is not ready, then has it
** watched for what it waits for, then waits for events. An event may be late or
** superfluous: the generation, which its owner gives an fd and which no earlier
** fd of that number had, tells whose it is.
*/

#ifndef LSK_POLLER_H
#define LSK_POLLER_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

struct lsk_poller; /* its memory comes from lsk_memory */

/* What became of an fd. */
struct lsk_event {
  int fd;
  uint32_t generation;
  int events; /* LSK_READABLE ..., and LSK_HANGUP; several at a time */
};

/* The peer has ended the stream, or the fd has failed; comes with
   LSK_READABLE, and with LSK_WRITABLE if it failed. */
#define LSK_HANGUP 0x10000

/* Most events that one wait gives. */
#define LSK_EVENTS 64

/* A new poller | NULL, and -errno in `*err`. */
struct lsk_poller *lsk_poller_open(struct lsk_memory memory, int *err);

void lsk_poller_close(struct lsk_poller *poller, struct lsk_memory memory);

/*
** Has changes of the fd told, of `events` at least: 0 | -errno; -EPERM for what
** is always ready (a regular file). `is_new`: the fd is not watched yet, or not
** with this generation. With the epoll back end that is the only time that
** costs a system call; the other one tells an event once for each call.
*/
int lsk_poller_watch(struct lsk_poller *poller, int fd, uint32_t generation,
                     int events, bool is_new);

/* Ends that; for an fd that is about to be closed it may be left out where
   `lsk_poller_forgets` says so. */
void lsk_poller_unwatch(struct lsk_poller *poller, int fd);

/* What it uses: "epoll" or "poll". */
extern const char lsk_poller_name[];

/* Whether a closed fd is forgotten by itself. */
extern const bool lsk_poller_forgets;

/*
** Waits until there are events, for so many milliseconds at the most (0: looks
** only; -1: for ever): how many | -errno (-EINTR too). In a child of fork the
** poller is not the parent's any more: it is empty, and all its fds are to be
** watched anew; lsk_poller_is_stale tells so beforehand.
*/
int lsk_poller_wait(struct lsk_poller *poller, struct lsk_event *events,
                    int milliseconds);

/* Whether this process is a child of the one that opened the poller. Costs a
   comparison, no system call. */
bool lsk_poller_is_stale(const struct lsk_poller *poller);

#endif

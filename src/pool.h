/*
** A few threads that do work which blocks, so that the calling thread need not.
** They are made when there is work and none of them is free, and all but a few
** end when there is no more. A thread whose work was dropped counts no longer:
** another may take its place. Nothing here raises. A child of fork has none of
** its parent's threads and makes its own.
*/

#ifndef LSK_POOL_H
#define LSK_POOL_H

#include "wake.h"

#include <stdbool.h>

/* Most threads at a time that do what somebody waits for; work beyond that is
   queued. */
#define LSK_POOL_THREADS 16

/* Most threads at all: work that was dropped may hang, and holds up the rest
   only when so much of it does. */
#define LSK_POOL_MOST 64

enum lsk_work_state {
  LSK_WORK_NEW,     /* not started */
  LSK_WORK_QUEUED,  /* no thread has it yet */
  LSK_WORK_RUNNING, /* a thread works on it */
  LSK_WORK_DONE,    /* what it made can be read */
  LSK_WORK_LOST     /* it stayed with the parent of this process */
};

/*
** The start of whatever is to be done, which is allocated with malloc and
** shared with a thread. The first two fields are set by whoever makes it, the
** others, zero at first, belong to the pool.
*/
struct lsk_work {
  void (*run)(struct lsk_work *work);     /* on a thread of the pool */
  void (*destroy)(struct lsk_work *work); /* on any thread */
  enum lsk_work_state state;
  bool dropped;          /* the thread that runs it destroys it */
  unsigned generation;   /* of the pool that it was given to */
  struct lsk_wake *wake; /* told when it is done */
  struct lsk_work *next;
};

/*
** Has new work done: 0 | -errno. The wake, which others may share, is told when
** it is done, and is in use until lsk_pool_drop.
*/
int lsk_pool_start(struct lsk_work *work, struct lsk_wake *wake);

/* How far it is. */
enum lsk_work_state lsk_pool_state(struct lsk_work *work);

/*
** Ends the caller's interest, at any time. What no thread runs is destroyed
** here, the rest when its thread comes back.
*/
void lsk_pool_drop(struct lsk_work *work);

#endif

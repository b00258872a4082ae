/*
** The scheduler's inner part, which knows nothing of Lua: who waits for which
** fd, for what time and for whom, and who can go on. Nothing here raises.
**
** A waiter is one flow of control, and waits for one thing at a time. A watch
** belongs to one fd; in each direction a queue of waiters stands there, whose
** first one has the turn. It keeps the turn, also while it runs, until its call
** has ended: so a whole call is served before the next one begins. A request is
** a waiter that stands for a call to be made later; it never goes on, but is
** told of through `notify`.
*/

#ifndef LSK_LOOP_H
#define LSK_LOOP_H

#include "clock.h"
#include "many.h"
#include "timers.h"
#include "watches.h"

#include <stdbool.h>
#include <stddef.h>

/* Why a wait has ended. */
enum lsk_outcome {
  LSK_READY,    /* try again */
  LSK_LATE,     /* the deadline has passed */
  LSK_CANCELED, /* the task is to end */
  LSK_ENDED,    /* the fd ends (told to requests alone) */
};

struct lsk_waiter {
  struct lsk_waiter *next, *previous; /* in its queue */
  struct lsk_queue *queue;            /* where it stands; NULL: nowhere */
  struct lsk_watch *watch;            /* whose queue that is; may be NULL */
  struct lsk_many *many;              /* what it waits for, if several fds */
  struct lsk_waiter *next_ready;      /* in the list of those that can go on */
  struct lsk_timer timer;
  unsigned char outcome; /* enum lsk_outcome, of the last wait */
  bool is_waiting;
  bool is_ready;   /* it stands in a list of those that can go on */
  bool is_request; /* stands for a call to be made later */
  bool is_foreign; /* of another event loop: no task, and none's concern */
};

/* First in, first out. */
struct lsk_ready_list {
  struct lsk_waiter *first, *last;
};

struct lsk_loop {
  struct lsk_timers timers;
  struct lsk_ready_list ready; /* woken by an event */
  struct lsk_ready_list later; /* gave way to the others */
  size_t later_count;          /* how many that are */
  size_t later_turns;          /* how many of them go on before the next poll */
  unsigned turns;              /* how many have gone on since the last poll */
  size_t waiting_for_fds;
  lsk_deadline error_time;        /* when an fd was last told to have failed */
  struct lsk_many *wait_for_work; /* those who wait for some */
  /* what becomes of a request: it may be ready, and has the turn, or its fd
     ends and it stands in the queue no more */
  void (*notify)(struct lsk_waiter *request, enum lsk_outcome outcome);
  struct lsk_watches watches;
};

/* Opens the loop, which is all zero but for the watches' memory: 0 | -errno. */
int lsk_loop_open(struct lsk_loop *loop);

/* Closes it, when nobody waits any more. */
void lsk_loop_close(struct lsk_loop *loop);

static inline bool lsk_loop_is_open(const struct lsk_loop *loop) {
  return loop->watches.poller != NULL;
}

/* What work that a waiter of the loop waits for is started with: 0 | -errno. */
static inline int lsk_loop_get_wake(struct lsk_loop *loop,
                                    struct lsk_wake **wake) {
  return lsk_watches_get_wake(&loop->watches, wake);
}

/* Makes sure that so many waiters can wait in all: false when memory is out. */
bool lsk_loop_reserve(struct lsk_loop *loop, size_t waiters);

/*
** Each begins a wait of a waiter that does not wait: it ends when what it waits
** for has come, or at the deadline. The caller then lets others go on.
*/

/* For the fd's readiness in a direction, behind those who wait for it already,
   unless the turn is this waiter's: 0 | -errno. */
int lsk_wait_for_fd(struct lsk_loop *loop, struct lsk_waiter *waiter,
                    struct lsk_watch *watch, int fd, int direction,
                    lsk_deadline deadline);

/* For somebody who calls lsk_wake_first or lsk_wake_all. */
void lsk_wait_in_queue(struct lsk_loop *loop, struct lsk_waiter *waiter,
                       struct lsk_queue *queue, lsk_deadline deadline);

/* For time alone; without any the others get a turn. */
void lsk_wait_for_time(struct lsk_loop *loop, struct lsk_waiter *waiter,
                       lsk_deadline deadline);

/* For one of several things; the memory, of lsk_many_size(count) bytes, is the
   caller's, too: 0 | -errno. */
int lsk_wait_for_many(struct lsk_loop *loop, struct lsk_waiter *waiter,
                      struct lsk_many *many, const struct lsk_wanted *wanted,
                      lsk_deadline deadline);

/* Ends a wait; the waiter can go on. Nothing if it does not wait. */
void lsk_end_wait(struct lsk_loop *loop, struct lsk_waiter *waiter,
                  enum lsk_outcome outcome);

/* Ends the waits of a queue. */
void lsk_wake_all(struct lsk_loop *loop, struct lsk_queue *queue);
void lsk_wake_first(struct lsk_loop *loop, struct lsk_queue *queue);

/* Lets a waiter that does not wait (a new one) go on, after the others. */
void lsk_make_ready(struct lsk_loop *loop, struct lsk_waiter *waiter);

/* Takes a waiter out of all that it stands in: it waits no more, has no turn,
   and cannot go on. */
void lsk_withdraw(struct lsk_loop *loop, struct lsk_waiter *waiter);

/* Puts a waiter that stands nowhere into a queue of calls, without a wait:
   last, or first, which gives it the turn. */
void lsk_join_calls(struct lsk_waiter *waiter, struct lsk_watch *watch,
                    int direction, bool is_first);

/* The second gets the first one's place in its queue of calls, whose wait is
   over with that. */
void lsk_hand_over(struct lsk_loop *loop, struct lsk_waiter *from,
                   struct lsk_waiter *to);

/* The call has ended for which the waiter had its turn: the next one's has
   come. Nothing if it has none. */
void lsk_end_turn(struct lsk_loop *loop, struct lsk_waiter *waiter);

/* Whether the turn is another's. */
static inline bool lsk_is_others_turn(const struct lsk_watch *watch,
                                      int direction,
                                      const struct lsk_waiter *waiter) {
  const struct lsk_waiter *first = watch->calls[direction].first;
  return first != NULL && first != waiter && !first->is_foreign;
}

/* How many wait in that direction, or have started a call. */
size_t lsk_watch_waiters(const struct lsk_watch *watch, int direction);

/* Takes the next one that can go on; NULL: none can, or it is time to poll. */
struct lsk_waiter *lsk_loop_next(struct lsk_loop *loop);

/* What lsk_loop_poll finds beside what can go on. */
#define LSK_DEADLOCK (-EDEADLK)

/*
** Looks for events and for deadlines that have passed; waits for them when
** nobody can go on: 0 | -errno (-EINTR too), LSK_DEADLOCK when that would be
** for ever, as everybody waits for somebody.
*/
int lsk_loop_poll(struct lsk_loop *loop);

/* The fd is about to be closed, or given away (`is_closing` is false): those
   who wait for it try again, and find that out. */
void lsk_watch_end(struct lsk_loop *loop, struct lsk_watch *watch, int fd,
                   bool is_closing);

#endif

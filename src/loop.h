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

#include "buffer.h"
#include "clock.h"
#include "poller.h"
#include "pool.h"
#include "sys_io.h"
#include "timers.h"
#include "wake.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lsk_waiter;
struct lsk_observer;
struct lsk_many;

/* The two directions, as indexes. */
enum { LSK_READING, LSK_WRITING, LSK_DIRECTIONS };

static inline int lsk_direction(int events) {
  return events == LSK_WRITABLE ? LSK_WRITING : LSK_READING;
}

/* Several things to wait for. They are the caller's until the wait has ended;
   the entries then tell what is ready. */
struct lsk_wanted {
  struct pollfd *entries;
  struct lsk_work *const *works; /* whose end makes an entry, of an fd below 0,
                                    readable; NULL: of none */
  size_t count;
  int owners; /* the stack index of what they belong to, for another event
                 loop: a table that lists it, or the one thing itself */
};

/* Waiters in their order: a ring, of which this is the first. */
struct lsk_queue {
  struct lsk_waiter *first;
};

/* What is known of an fd while a loop runs. It stands in the fd's owner. */
struct lsk_watch {
  struct lsk_queue calls[LSK_DIRECTIONS];
  struct lsk_observer *observers; /* who waits for several fds, this among */
  uint32_t generation;            /* tells its events from a former owner's */
  unsigned char blocked;  /* directions known not to be ready: 1 << LSK_... */
  bool is_final : 1;      /* the peer has ended the stream, or urgent data came:
                             a short read says nothing */
  bool is_loose : 1;      /* belongs to the loop, for the observers alone */
  bool is_shared : 1;     /* another event loop may know of the fd */
  bool wants_writing : 1; /* the last call that would block was to write */
};

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
  struct lsk_memory memory;
  struct lsk_poller *poller; /* NULL: the loop is not open */
  struct lsk_timers timers;
  struct lsk_watch **watches;  /* by fd; NULL: not watched */
  int watch_count;             /* how many fds that table has */
  uint32_t generation;         /* the last that was given */
  struct lsk_ready_list ready; /* woken by an event */
  struct lsk_ready_list later; /* gave way to the others */
  size_t later_count;          /* how many that are */
  size_t later_turns;          /* how many of them go on before the next poll */
  unsigned turns;              /* how many have gone on since the last poll */
  size_t waiting_for_fds;
  lsk_deadline error_time;        /* when an fd was last told to have failed */
  struct lsk_wake wake;           /* tells that work has been done */
  struct lsk_watch wake_watch;    /* once lsk_loop_get_wake was called: */
  bool has_wake;                  /* it is in use */
  struct lsk_many *wait_for_work; /* those who wait for some */
  /* what becomes of a request: it may be ready, and has the turn, or its fd
     ends and it stands in the queue no more */
  void (*notify)(struct lsk_waiter *request, enum lsk_outcome outcome);
};

/* Opens the loop, which is all zero but for its memory: 0 | -errno. */
int lsk_loop_open(struct lsk_loop *loop);

/* Closes it, when nobody waits any more. */
void lsk_loop_close(struct lsk_loop *loop);

static inline bool lsk_loop_is_open(const struct lsk_loop *loop) {
  return loop->poller != NULL;
}

/* What work that a waiter of the loop waits for is started with: 0 | -errno. */
int lsk_loop_get_wake(struct lsk_loop *loop, struct lsk_wake **wake);

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
size_t lsk_many_size(size_t count);

/* Looks at them without waiting: how many are ready | -errno. */
int lsk_look(const struct lsk_wanted *wanted);

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

/* A call has found out that a direction is not ready any more: it was short.
   Only for what is watched; an event ends it. */
static inline void lsk_watch_note_short(struct lsk_watch *watch,
                                        int direction) {
  if (watch->generation != 0 && !watch->is_final)
    watch->blocked |= (unsigned char)(1 << direction);
}

#endif

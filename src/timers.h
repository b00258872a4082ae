/*
** Deadlines that may be waited for: a heap, so that a hundred thousand live
** timers cost little more than ten. Of equal ones the first that was started is
** the earliest. Nothing here raises, and only reserving allocates.
*/

#ifndef LSK_TIMERS_H
#define LSK_TIMERS_H

#include "buffer.h"
#include "clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One timer; it stands in its owner, and belongs to the heap while it runs. */
struct lsk_timer {
  lsk_deadline deadline;
  uint32_t place; /* its place in the heap, from 1 on; 0: it does not run */
  uint32_t order; /* of its start */
};

/* A place in the heap. The deadline stands here, too: to compare it costs no
   look at its owner, which is seldom in the processor's cache. */
struct lsk_timer_place {
  lsk_deadline deadline;
  struct lsk_timer *timer;
};

struct lsk_timers {
  struct lsk_timer_place
      *heap; /* places 1 to count; the first is the earliest */
  size_t count;
  size_t room;    /* how many timers can run */
  uint32_t order; /* of the last start */
};

/* Makes room for so many timers in all: false when memory is out, and then
   nothing has changed. */
bool lsk_timers_reserve(struct lsk_timers *timers, size_t count,
                        struct lsk_memory memory);

/* Gives the memory back; no timer runs any more. */
void lsk_timers_free(struct lsk_timers *timers, struct lsk_memory memory);

/* Starts a timer that does not run. There is room for it. */
void lsk_timers_start(struct lsk_timers *timers, struct lsk_timer *timer,
                      lsk_deadline deadline);

/* Stops a timer; nothing if it does not run. */
void lsk_timers_stop(struct lsk_timers *timers, struct lsk_timer *timer);

/* The timer with the earliest deadline; NULL when none runs. */
static inline struct lsk_timer *
lsk_timers_first(const struct lsk_timers *timers) {
  return timers->count == 0 ? NULL : timers->heap[1].timer;
}

#endif

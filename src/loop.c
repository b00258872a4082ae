/*
** The scheduler's inner part: who waits for what, and who can go on.
*/

#include "loop.h"

#include "cache.h"

#include <stddef.h>

/* How many may go on before events are looked for: of all, and of those that
   have given way to others. */
#define MOST_TURNS 64
#define MOST_LATER 8

/* Lists of those that can go on. */

static void append(struct lsk_ready_list *list, struct lsk_waiter *waiter) {
  waiter->next_ready = NULL;
  waiter->is_ready = true;
  if (list->last == NULL)
    list->first = waiter;
  else
    list->last->next_ready = waiter;
  list->last = waiter;
}

static struct lsk_waiter *take(struct lsk_ready_list *list) {
  struct lsk_waiter *waiter = list->first;
  list->first = waiter->next_ready;
  if (list->first == NULL) list->last = NULL;
  waiter->is_ready = false;
  return waiter;
}

/* Takes one out of the middle: only who cancels does that. */
static bool remove_ready(struct lsk_ready_list *list,
                         const struct lsk_waiter *waiter) {
  struct lsk_ready_list kept = {0};
  bool is_found = false;
  while (list->first != NULL) {
    struct lsk_waiter *first = take(list);
    if (first == waiter)
      is_found = true;
    else
      append(&kept, first);
  }
  *list = kept;
  return is_found;
}

struct lsk_waiter *lsk_loop_next(struct lsk_loop *loop) {
  if (loop->turns >= MOST_TURNS) return NULL;
  if (loop->ready.first != NULL) {
    loop->turns++;
    return take(&loop->ready);
  }
  if (loop->later_turns == 0) return NULL;
  loop->later_turns--;
  loop->later_count--;
  return take(&loop->later);
}

void lsk_make_ready(struct lsk_loop *loop, struct lsk_waiter *waiter) {
  append(&loop->ready, waiter);
}

/* Queues. */

static void enqueue(struct lsk_queue *queue, struct lsk_waiter *waiter) {
  struct lsk_waiter *first = queue->first;
  waiter->queue = queue;
  if (first == NULL) {
    queue->first = waiter->next = waiter->previous = waiter;
    return;
  }
  if (first->previous->is_foreign) /* its loop stands still: it comes after */
    while (!first->is_foreign) first = first->next;
  if (first->is_foreign && first == queue->first) queue->first = waiter;
  waiter->next = first;
  waiter->previous = first->previous;
  waiter->previous->next = first->previous = waiter;
}

static void dequeue(struct lsk_waiter *waiter) {
  struct lsk_queue *queue = waiter->queue;
  if (queue == NULL) return;
  waiter->queue = NULL;
  waiter->watch = NULL;
  if (waiter->next == waiter) {
    queue->first = NULL;
    return;
  }
  if (queue->first == waiter) queue->first = waiter->next;
  waiter->next->previous = waiter->previous;
  waiter->previous->next = waiter->next;
}

void lsk_end_turn(struct lsk_loop *loop, struct lsk_waiter *waiter) {
  struct lsk_queue *queue = waiter->queue;
  bool had_turn =
      queue != NULL && waiter->watch != NULL && queue->first == waiter;
  dequeue(waiter);
  if (had_turn && queue->first != NULL)
    lsk_end_wait(loop, queue->first, LSK_READY);
}

/* Waiting. */

static void begin_wait(struct lsk_loop *loop, struct lsk_waiter *waiter,
                       lsk_deadline deadline) {
  waiter->is_waiting = true;
  waiter->outcome = LSK_READY;
  if (deadline != LSK_NEVER)
    lsk_timers_start(&loop->timers, &waiter->timer, deadline);
}

static void end_many(struct lsk_loop *loop, struct lsk_waiter *waiter) {
  lsk_many_end(waiter->many, &loop->watches, &loop->wait_for_work);
  waiter->many = NULL;
}

/* What ends a wait's hold on the loop, but for its place in a queue. */
static void stop_wait(struct lsk_loop *loop, struct lsk_waiter *waiter) {
  if (waiter->many != NULL || waiter->watch != NULL) loop->waiting_for_fds--;
  if (waiter->many != NULL) end_many(loop, waiter);
  lsk_timers_stop(&loop->timers, &waiter->timer);
  waiter->is_waiting = false;
}

void lsk_end_wait(struct lsk_loop *loop, struct lsk_waiter *waiter,
                  enum lsk_outcome outcome) {
  if (!waiter->is_waiting) return;
  stop_wait(loop, waiter);
  if (waiter->watch == NULL) dequeue(waiter);
  waiter->outcome = (unsigned char)outcome;
  if (waiter->is_request)
    loop->notify(waiter, outcome);
  else
    append(&loop->ready, waiter);
}

void lsk_join_calls(struct lsk_waiter *waiter, struct lsk_watch *watch,
                    int direction, bool is_first) {
  struct lsk_queue *queue = &watch->calls[direction];
  enqueue(queue, waiter);
  waiter->watch = watch;
  if (is_first) queue->first = waiter; /* of a ring: it was the last */
}

void lsk_hand_over(struct lsk_loop *loop, struct lsk_waiter *from,
                   struct lsk_waiter *to) {
  lsk_end_turn(loop, to);
  if (from->is_waiting) stop_wait(loop, from);
  to->queue = from->queue;
  to->watch = from->watch;
  bool is_alone = from->next == from;
  to->next = is_alone ? to : from->next;
  to->previous = is_alone ? to : from->previous;
  to->next->previous = to->previous->next = to;
  if (to->queue->first == from) to->queue->first = to;
  from->queue = NULL;
  from->watch = NULL;
}

/* One of those that gave way has been taken out. */
static void leave_later(struct lsk_loop *loop) {
  loop->later_count--;
  if (loop->later_turns > loop->later_count)
    loop->later_turns = loop->later_count;
}

void lsk_withdraw(struct lsk_loop *loop, struct lsk_waiter *waiter) {
  if (waiter->is_waiting) stop_wait(loop, waiter);
  if (waiter->is_ready && !remove_ready(&loop->ready, waiter) &&
      remove_ready(&loop->later, waiter))
    leave_later(loop);
  lsk_end_turn(loop, waiter);
}

int lsk_wait_for_fd(struct lsk_loop *loop, struct lsk_waiter *waiter,
                    struct lsk_watch *watch, int fd, int direction,
                    lsk_deadline deadline) {
  int events = direction == LSK_READING ? LSK_READABLE : LSK_WRITABLE;
  int rc = lsk_watches_arm(&loop->watches, watch, fd, events);
  if (rc < 0) return rc;
  struct lsk_queue *queue = &watch->calls[direction];
  if (waiter->queue != queue) {
    lsk_end_turn(loop, waiter);
    enqueue(queue, waiter);
    waiter->watch = watch;
  }
  loop->waiting_for_fds++;
  begin_wait(loop, waiter, deadline);
  /* an error that stays would wake it again and again, past its deadline */
  if (deadline <= loop->error_time) lsk_end_wait(loop, waiter, LSK_LATE);
  return 0;
}

void lsk_wait_in_queue(struct lsk_loop *loop, struct lsk_waiter *waiter,
                       struct lsk_queue *queue, lsk_deadline deadline) {
  lsk_end_turn(loop, waiter);
  enqueue(queue, waiter);
  begin_wait(loop, waiter, deadline);
}

void lsk_wait_for_time(struct lsk_loop *loop, struct lsk_waiter *waiter,
                       lsk_deadline deadline) {
  lsk_end_turn(loop, waiter);
  if (deadline != LSK_NOW) {
    begin_wait(loop, waiter, deadline);
    return;
  }
  waiter->outcome = LSK_LATE;
  append(&loop->later, waiter);
  loop->later_count++;
}

int lsk_wait_for_many(struct lsk_loop *loop, struct lsk_waiter *waiter,
                      struct lsk_many *many, const struct lsk_wanted *wanted,
                      lsk_deadline deadline) {
  int rc = lsk_many_begin(many, wanted, waiter, &loop->watches,
                          &loop->wait_for_work);
  if (rc < 0) return rc;
  waiter->many = many;
  lsk_wait_for_time(loop, waiter, deadline);
  loop->waiting_for_fds++;
  return 0;
}

void lsk_wake_first(struct lsk_loop *loop, struct lsk_queue *queue) {
  if (queue->first != NULL) lsk_end_wait(loop, queue->first, LSK_READY);
}

void lsk_wake_all(struct lsk_loop *loop, struct lsk_queue *queue) {
  while (queue->first != NULL) lsk_end_wait(loop, queue->first, LSK_READY);
}

/* Events. */

static void wake_turn(struct lsk_loop *loop, struct lsk_watch *watch,
                      int direction) {
  watch->blocked &= (unsigned char)~(1 << direction);
  struct lsk_waiter *first = watch->calls[direction].first;
  if (first != NULL) lsk_end_wait(loop, first, LSK_READY);
}

/* Has the processor look at what the events are about, before each is dealt
   with: the watches together, then those who wait there. */
static void look_ahead(const struct lsk_loop *loop,
                       const struct lsk_event *events, int count) {
  for (int i = 0; i < count; i++)
    lsk_touch(lsk_watches_find(&loop->watches, events[i].fd));
  for (int i = 0; i < count; i++) {
    const struct lsk_watch *watch =
        lsk_watches_find(&loop->watches, events[i].fd);
    if (watch != NULL) lsk_touch(watch->calls[LSK_READING].first);
  }
}

/* Some work has been done: whoever waits for some looks whether it is his. */
static void hear(struct lsk_loop *loop, struct lsk_many **due) {
  lsk_watches_drain_wake(&loop->watches);
  lsk_many_note_work(loop->wait_for_work, due);
}

static void take_event(struct lsk_loop *loop, const struct lsk_event *event,
                       struct lsk_many **due) {
  struct lsk_watch *watch = lsk_watches_find(&loop->watches, event->fd);
  if (watch == NULL || watch->generation != event->generation) return;
  if (watch == &loop->watches.wake_watch) hear(loop, due);
  if (event->events & (LSK_HANGUP | LSK_PRIORITY)) watch->is_final = true;
  if (event->events & LSK_HANGUP) loop->error_time = lsk_clock_now();
  if (event->events & LSK_READABLE) wake_turn(loop, watch, LSK_READING);
  if (event->events & LSK_WRITABLE) wake_turn(loop, watch, LSK_WRITING);
  if (watch->observers != NULL) lsk_many_note_watch(watch, due);
}

static void check_due(struct lsk_loop *loop, struct lsk_many *due) {
  while (due != NULL) {
    struct lsk_waiter *waiter = lsk_many_take_due(&due, &loop->watches);
    if (waiter != NULL) lsk_end_wait(loop, waiter, LSK_READY);
  }
}

/* Ends the waits whose time is up. */
static void expire(struct lsk_loop *loop) {
  struct lsk_timer *first = lsk_timers_first(&loop->timers);
  if (first == NULL) return;
  lsk_deadline now = lsk_clock_now();
  for (; first != NULL && first->deadline <= now;
       first = lsk_timers_first(&loop->timers)) {
    char *start = (char *)first - offsetof(struct lsk_waiter, timer);
    lsk_end_wait(loop, (struct lsk_waiter *)(void *)start, LSK_LATE);
  }
}

/* How long a poll may take, in milliseconds. */
static int patience(const struct lsk_loop *loop) {
  if (loop->ready.first != NULL || loop->later.first != NULL) return 0;
  const struct lsk_timer *first = lsk_timers_first(&loop->timers);
  return first == NULL ? -1 : lsk_deadline_poll(first->deadline);
}

int lsk_loop_poll(struct lsk_loop *loop) {
  loop->turns = 0;
  int milliseconds = patience(loop);
  int count = 0;
  struct lsk_poller *poller = loop->watches.poller;
  struct lsk_event events[LSK_EVENTS];
  if (loop->waiting_for_fds == 0 && milliseconds < 0) return LSK_DEADLOCK;
  if (lsk_poller_is_stale(poller)) lsk_watches_renew(&loop->watches);
  if (loop->waiting_for_fds > 0 || milliseconds != 0)
    count = lsk_poller_wait(poller, events, milliseconds);
  struct lsk_many *due = NULL;
  look_ahead(loop, events, count);
  for (int i = 0; i < count; i++) take_event(loop, &events[i], &due);
  check_due(loop, due);
  expire(loop);
  loop->later_turns =
      loop->later_count < MOST_LATER ? loop->later_count : MOST_LATER;
  return count < 0 ? count : 0;
}

/* The end of a watch. */

static void wake_observers(struct lsk_loop *loop, struct lsk_watch *watch,
                           int fd) {
  /* one that is loose goes with its last observer */
  while (lsk_watches_find(&loop->watches, fd) == watch &&
         watch->observers != NULL)
    lsk_end_wait(loop, lsk_many_lose(watch, fd), LSK_READY);
}

/* Those who stand in the queue find out that there is no fd any more. */
static void end_calls(struct lsk_loop *loop, struct lsk_queue *queue) {
  while (queue->first != NULL) {
    struct lsk_waiter *waiter = queue->first;
    if (waiter->is_request) {
      if (waiter->is_waiting) stop_wait(loop, waiter);
      dequeue(waiter);
      loop->notify(waiter, LSK_ENDED);
    } else {
      lsk_end_wait(loop, waiter, LSK_READY);
      dequeue(waiter);
    }
  }
}

void lsk_watch_end(struct lsk_loop *loop, struct lsk_watch *watch, int fd,
                   bool is_closing) {
  for (int direction = 0; direction < LSK_DIRECTIONS; direction++)
    end_calls(loop, &watch->calls[direction]);
  if (!lsk_loop_is_open(loop)) return;
  struct lsk_watch *known = lsk_watches_find(&loop->watches, fd);
  if (known == NULL) return;
  wake_observers(loop, known, fd);
  if (lsk_watches_find(&loop->watches, fd) != watch) return; /* it was loose */
  if (!is_closing || !lsk_poller_forgets)
    lsk_poller_unwatch(loop->watches.poller, fd);
  lsk_watches_forget(&loop->watches, fd, watch);
}

/* Opening and closing. */

size_t lsk_watch_waiters(const struct lsk_watch *watch, int direction) {
  const struct lsk_waiter *first = watch->calls[direction].first;
  const struct lsk_waiter *waiter = first;
  size_t count = 0;
  while (waiter != NULL) {
    if (waiter->is_waiting || waiter->is_foreign || waiter->is_request) count++;
    waiter = waiter->next == first ? NULL : waiter->next;
  }
  return count;
}

bool lsk_loop_reserve(struct lsk_loop *loop, size_t waiters) {
  return lsk_timers_reserve(&loop->timers, waiters, loop->watches.memory);
}

int lsk_loop_open(struct lsk_loop *loop) {
  return lsk_watches_open(&loop->watches);
}

void lsk_loop_close(struct lsk_loop *loop) {
  if (!lsk_loop_is_open(loop)) return;
  lsk_watches_close(&loop->watches);
  lsk_timers_free(&loop->timers, loop->watches.memory);
  *loop = (struct lsk_loop){.notify = loop->notify, .watches = loop->watches};
}

/*
** The scheduler's inner part: who waits for what, and who can go on.
*/

#include "loop.h"

#include "compat.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* How many may go on before events are looked for: of all, and of those that
   have given way to others. */
#define MOST_TURNS 64
#define MOST_LATER 8

#define LEAST_WATCHES 64

/* How many events ahead the processor fetches what they are about. */
#define EXPECTED 4

struct lsk_observer {
  struct lsk_observer *next, *previous; /* of the same watch */
  struct lsk_watch *watch;              /* NULL: of none */
  struct lsk_many *many;
};

struct lsk_many {
  struct lsk_waiter *waiter;
  struct lsk_many *next_due;        /* in the list of those to be looked at */
  struct lsk_many *next, *previous; /* of those who wait for work */
  struct lsk_wanted wanted;
  bool is_due;
  struct lsk_observer observers[];
};

size_t lsk_many_size(size_t count) {
  return sizeof(struct lsk_many) + count * sizeof(struct lsk_observer);
}

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

/* The table of watches. */

static bool make_place(struct lsk_loop *loop, int fd) {
  if (fd < loop->watch_count) return true;
  int count = loop->watch_count == 0 ? LEAST_WATCHES : loop->watch_count;
  while (count <= fd) count = count > INT_MAX / 2 ? fd + 1 : count * 2;
  size_t each = sizeof(void *);
  size_t old = (size_t)loop->watch_count;
  struct lsk_watch **watches = loop->memory.allocate(
      loop->memory.ud, loop->watches, old * each, (size_t)count * each);
  if (watches == NULL) return false;
  memset(watches + old, 0, ((size_t)count - old) * each);
  loop->watches = watches;
  loop->watch_count = count;
  return true;
}

static struct lsk_watch *find_watch(const struct lsk_loop *loop, int fd) {
  return fd < 0 || fd >= loop->watch_count ? NULL : loop->watches[fd];
}

static void free_loose(struct lsk_loop *loop, struct lsk_watch *watch) {
  (void)loop->memory.allocate(loop->memory.ud, watch, sizeof *watch, 0);
}

/* The fd's watch is this one from now on: the observers come along. */
static void take_place(struct lsk_loop *loop, int fd, struct lsk_watch *watch) {
  struct lsk_watch *former = loop->watches[fd];
  loop->watches[fd] = watch;
  watch->generation = ++loop->generation;
  if (watch->generation == 0) watch->generation = ++loop->generation;
  watch->blocked = 0;
  watch->is_final = false;
  if (former == NULL) return;
  former->generation = 0;
  if (!former->is_loose) return;
  watch->observers = former->observers;
  for (struct lsk_observer *o = watch->observers; o != NULL; o = o->next)
    o->watch = watch;
  free_loose(loop, former);
}

static void forget(struct lsk_loop *loop, int fd, struct lsk_watch *watch) {
  if (find_watch(loop, fd) == watch) loop->watches[fd] = NULL;
  watch->generation = 0;
  watch->blocked = 0;
}

/* The wake of a child, which shared that of its parent. Work that was lost with
   the threads is to be seen, too. */
static void renew_wake(struct lsk_loop *loop) {
  forget(loop, loop->wake.wait_fd, &loop->wake_watch);
  if (lsk_wake_renew(&loop->wake) < 0) return;
  if (!make_place(loop, loop->wake.wait_fd)) return;
  take_place(loop, loop->wake.wait_fd, &loop->wake_watch);
  lsk_wake_post(&loop->wake);
}

/* A child of fork shares the parent's poller, and must not touch it. */
static void renew(struct lsk_loop *loop) {
  if (loop->has_wake) renew_wake(loop);
  for (int fd = 0; fd < loop->watch_count; fd++) {
    const struct lsk_watch *watch = loop->watches[fd];
    if (watch == NULL) continue;
    int events = LSK_READABLE | LSK_WRITABLE | LSK_PRIORITY;
    (void)lsk_poller_watch(loop->poller, fd, watch->generation, events, true);
  }
}

/* Has the poller tell of the fd's changes: 0 | -errno. */
static int arm(struct lsk_loop *loop, struct lsk_watch *watch, int fd,
               int events) {
  if (lsk_poller_is_stale(loop->poller)) renew(loop);
  bool is_new = watch->generation == 0 || find_watch(loop, fd) != watch;
  if (is_new) {
    if (!make_place(loop, fd)) return -ENOMEM;
    take_place(loop, fd, watch);
  }
  int rc =
      lsk_poller_watch(loop->poller, fd, watch->generation, events, is_new);
  if (rc < 0 && is_new) forget(loop, fd, watch);
  return rc;
}

/* Work on other threads. */

static int watch_wake(struct lsk_loop *loop) {
  return arm(loop, &loop->wake_watch, loop->wake.wait_fd, LSK_READABLE);
}

int lsk_loop_get_wake(struct lsk_loop *loop, struct lsk_wake **wake) {
  *wake = &loop->wake;
  if (loop->has_wake) return loop->wake.wait_fd < 0 ? -EMFILE : 0;
  int rc = lsk_wake_use(&loop->wake);
  if (rc < 0) return rc;
  rc = watch_wake(loop);
  loop->has_wake = rc == 0;
  if (rc < 0) lsk_wake_leave(&loop->wake);
  return rc;
}

static void drop_wake(struct lsk_loop *loop) {
  if (!loop->has_wake) return;
  loop->has_wake = false;
  forget(loop, loop->wake.wait_fd, &loop->wake_watch);
  lsk_wake_leave(&loop->wake);
}

/* Waiting for several fds. */

static void observe(struct lsk_observer *observer, struct lsk_watch *watch) {
  observer->watch = watch;
  observer->previous = NULL;
  observer->next = watch->observers;
  if (watch->observers != NULL) watch->observers->previous = observer;
  watch->observers = observer;
}

static void stop_observing(struct lsk_loop *loop, struct lsk_observer *observer,
                           int fd) {
  struct lsk_watch *watch = observer->watch;
  if (watch == NULL) return;
  observer->watch = NULL;
  if (observer->previous == NULL)
    watch->observers = observer->next;
  else
    observer->previous->next = observer->next;
  if (observer->next != NULL) observer->next->previous = observer->previous;
  if (!watch->is_loose || watch->observers != NULL) return;
  lsk_poller_unwatch(loop->poller, fd);
  forget(loop, fd, watch);
  free_loose(loop, watch);
}

/* The fd's watch, or a new one that belongs to the loop. */
static struct lsk_watch *ready_watch(struct lsk_loop *loop, int fd) {
  struct lsk_watch *watch = find_watch(loop, fd);
  if (watch != NULL) return watch;
  watch = loop->memory.allocate(loop->memory.ud, NULL, 0, sizeof *watch);
  if (watch != NULL) *watch = (struct lsk_watch){.is_loose = true};
  return watch;
}

static int observe_entry(struct lsk_loop *loop, struct lsk_observer *observer,
                         const struct pollfd *entry) {
  if (entry->fd < 0) return 0; /* as poll(2) has it */
  struct lsk_watch *watch = ready_watch(loop, entry->fd);
  if (watch == NULL) return -ENOMEM;
  int rc = arm(loop, watch, entry->fd, entry->events);
  if (rc < 0 && watch->observers == NULL && watch->is_loose)
    free_loose(loop, watch);
  if (rc < 0) return rc;
  observe(observer, watch);
  return 0;
}

static void add_to_list(struct lsk_many **list, struct lsk_many *many) {
  many->previous = NULL;
  many->next = *list;
  if (many->next != NULL) many->next->previous = many;
  *list = many;
}

static void remove_from_list(struct lsk_many **list, struct lsk_many *many) {
  if (many->previous == NULL)
    *list = many->next;
  else
    many->previous->next = many->next;
  if (many->next != NULL) many->next->previous = many->previous;
}

static void end_many(struct lsk_loop *loop, struct lsk_many *many) {
  if (many->wanted.works != NULL) remove_from_list(&loop->wait_for_work, many);
  for (size_t i = 0; i < many->wanted.count; i++)
    stop_observing(loop, &many->observers[i], many->wanted.entries[i].fd);
  many->waiter->many = NULL;
  many->waiter = NULL;
}

int lsk_wait_for_many(struct lsk_loop *loop, struct lsk_waiter *waiter,
                      struct lsk_many *many, const struct lsk_wanted *wanted,
                      lsk_deadline deadline) {
  *many = (struct lsk_many){.waiter = waiter, .wanted = *wanted};
  for (size_t i = 0; i < wanted->count; i++) {
    many->observers[i] = (struct lsk_observer){.many = many};
    wanted->entries[i].revents = 0;
  }
  waiter->many = many;
  if (wanted->works != NULL) add_to_list(&loop->wait_for_work, many);
  for (size_t i = 0; i < wanted->count; i++) {
    int rc = observe_entry(loop, &many->observers[i], &wanted->entries[i]);
    if (rc >= 0) continue;
    end_many(loop, many);
    return rc;
  }
  lsk_wait_for_time(loop, waiter, deadline);
  loop->waiting_for_fds++;
  return 0;
}

static int look_at_works(const struct lsk_wanted *wanted) {
  int done = 0;
  for (size_t i = 0; i < wanted->count; i++) {
    struct lsk_work *work = wanted->works[i];
    if (work == NULL || lsk_pool_state(work) < LSK_WORK_DONE) continue;
    wanted->entries[i].revents = LSK_READABLE;
    done++;
  }
  return done;
}

/* Whether there is anything else. */
static bool wants_fds(const struct lsk_wanted *wanted) {
  for (size_t i = 0; i < wanted->count; i++)
    if (wanted->entries[i].fd >= 0) return true;
  return false;
}

int lsk_look(const struct lsk_wanted *wanted) {
  int ready = 0;
  if (wanted->works == NULL || wants_fds(wanted))
    ready = lsk_sys_poll(wanted->entries, wanted->count, 0);
  if (wanted->works == NULL || ready < 0) return ready;
  return ready + look_at_works(wanted);
}

/* Something may have become of an entry: it is looked at after the events. */
static void make_due(struct lsk_many **due, struct lsk_many *many) {
  if (many->is_due) return;
  many->is_due = true;
  many->next_due = *due;
  *due = many;
}

/* Looks at the entries; the wait goes on if none is ready. */
static void check_many(struct lsk_loop *loop, struct lsk_many *many) {
  if (lsk_look(&many->wanted) != 0) {
    lsk_end_wait(loop, many->waiter, LSK_READY);
    return;
  }
  for (size_t i = 0; i < many->wanted.count; i++) {
    struct lsk_watch *watch = many->observers[i].watch;
    const struct pollfd *entry = &many->wanted.entries[i];
    if (watch != NULL) (void)arm(loop, watch, entry->fd, entry->events);
  }
}

static void check_due(struct lsk_loop *loop, struct lsk_many *due) {
  while (due != NULL) {
    struct lsk_many *many = due;
    due = many->next_due;
    many->is_due = false;
    if (many->waiter != NULL) check_many(loop, many);
  }
}

/* Waiting. */

static void begin_wait(struct lsk_loop *loop, struct lsk_waiter *waiter,
                       lsk_deadline deadline) {
  waiter->is_waiting = true;
  waiter->outcome = LSK_READY;
  if (deadline != LSK_NEVER)
    lsk_timers_start(&loop->timers, &waiter->timer, deadline);
}

/* What ends a wait's hold on the loop, but for its place in a queue. */
static void stop_wait(struct lsk_loop *loop, struct lsk_waiter *waiter) {
  if (waiter->many != NULL || waiter->watch != NULL) loop->waiting_for_fds--;
  if (waiter->many != NULL) end_many(loop, waiter->many);
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
  int rc = arm(loop, watch, fd, events);
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

/* Some work has been done: whoever waits for some looks whether it is his. */
static void hear(struct lsk_loop *loop, struct lsk_many **due) {
  lsk_wake_drain(&loop->wake);
  (void)watch_wake(loop);
  for (struct lsk_many *many = loop->wait_for_work; many != NULL;
       many = many->next)
    make_due(due, many);
}

/* Has the processor fetch what a later event is about. */
static void fetch(const struct lsk_loop *loop, const struct lsk_event *event) {
  LSK_PREFETCH(find_watch(loop, event->fd));
}

static void take_event(struct lsk_loop *loop, const struct lsk_event *event,
                       struct lsk_many **due) {
  struct lsk_watch *watch = find_watch(loop, event->fd);
  if (watch == NULL || watch->generation != event->generation) return;
  if (watch == &loop->wake_watch) hear(loop, due);
  if (event->events & (LSK_HANGUP | LSK_PRIORITY)) watch->is_final = true;
  if (event->events & LSK_HANGUP) loop->error_time = lsk_clock_now();
  if (event->events & LSK_READABLE) wake_turn(loop, watch, LSK_READING);
  if (event->events & LSK_WRITABLE) wake_turn(loop, watch, LSK_WRITING);
  for (struct lsk_observer *o = watch->observers; o != NULL; o = o->next)
    make_due(due, o->many);
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
  struct lsk_event events[LSK_EVENTS];
  if (loop->waiting_for_fds == 0 && milliseconds < 0) return LSK_DEADLOCK;
  if (lsk_poller_is_stale(loop->poller)) renew(loop);
  if (loop->waiting_for_fds > 0 || milliseconds != 0)
    count = lsk_poller_wait(loop->poller, events, milliseconds);
  struct lsk_many *due = NULL;
  for (int i = 0; i < count; i++) {
    if (i + EXPECTED < count) fetch(loop, &events[i + EXPECTED]);
    take_event(loop, &events[i], &due);
  }
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
  while (find_watch(loop, fd) == watch && watch->observers != NULL) {
    struct lsk_many *many = watch->observers->many;
    struct pollfd *entries = many->wanted.entries;
    for (size_t i = 0; i < many->wanted.count; i++)
      if (entries[i].fd == fd) entries[i].revents = POLLNVAL;
    lsk_end_wait(loop, many->waiter, LSK_READY);
  }
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
  struct lsk_watch *known = find_watch(loop, fd);
  if (known == NULL) return;
  wake_observers(loop, known, fd);
  if (find_watch(loop, fd) != watch) return; /* it was loose */
  if (!is_closing || !lsk_poller_forgets) lsk_poller_unwatch(loop->poller, fd);
  forget(loop, fd, watch);
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
  return lsk_timers_reserve(&loop->timers, waiters, loop->memory);
}

int lsk_loop_open(struct lsk_loop *loop) {
  int err = 0;
  loop->poller = lsk_poller_open(loop->memory, &err);
  return loop->poller == NULL ? err : 0;
}

void lsk_loop_close(struct lsk_loop *loop) {
  if (!lsk_loop_is_open(loop)) return;
  drop_wake(loop);
  for (int fd = 0; fd < loop->watch_count; fd++)
    if (loop->watches[fd] != NULL) forget(loop, fd, loop->watches[fd]);
  (void)loop->memory.allocate(loop->memory.ud, loop->watches,
                              (size_t)loop->watch_count * sizeof(void *), 0);
  lsk_timers_free(&loop->timers, loop->memory);
  lsk_poller_close(loop->poller, loop->memory);
  *loop = (struct lsk_loop){.memory = loop->memory,
                            .generation = loop->generation,
                            .wake = loop->wake,
                            .notify = loop->notify};
}

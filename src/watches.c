/*
** The table of watches by fd, and who observes them.
*/

#include "watches.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#define LEAST_WATCHES 64

static bool make_place(struct lsk_watches *watches, int fd) {
  if (fd < watches->count) return true;
  int count = watches->count == 0 ? LEAST_WATCHES : watches->count;
  while (count <= fd) count = count > INT_MAX / 2 ? fd + 1 : count * 2;
  size_t each = sizeof(void *);
  size_t old = (size_t)watches->count;
  struct lsk_watch **by_fd = watches->memory.allocate(
      watches->memory.ud, watches->by_fd, old * each, (size_t)count * each);
  if (by_fd == NULL) return false;
  memset(by_fd + old, 0, ((size_t)count - old) * each);
  watches->by_fd = by_fd;
  watches->count = count;
  return true;
}

static void free_loose(struct lsk_watches *watches, struct lsk_watch *watch) {
  (void)watches->memory.allocate(watches->memory.ud, watch, sizeof *watch, 0);
}

/* The fd's watch is this one from now on: the observers come along. */
static void take_place(struct lsk_watches *watches, int fd,
                       struct lsk_watch *watch) {
  struct lsk_watch *former = watches->by_fd[fd];
  watches->by_fd[fd] = watch;
  watch->generation = ++watches->generation;
  if (watch->generation == 0) watch->generation = ++watches->generation;
  watch->blocked = 0;
  watch->is_final = false;
  if (former == NULL) return;
  former->generation = 0;
  if (!former->is_loose) return;
  watch->observers = former->observers;
  for (struct lsk_observer *o = watch->observers; o != NULL; o = o->next)
    o->watch = watch;
  free_loose(watches, former);
}

/* The wake of a child, which shared that of its parent. Work that was lost with
   the threads is to be seen, too. */
static void renew_wake(struct lsk_watches *watches) {
  lsk_watches_forget(watches, watches->wake.wait_fd, &watches->wake_watch);
  if (lsk_wake_renew(&watches->wake) < 0) return;
  if (!make_place(watches, watches->wake.wait_fd)) return;
  take_place(watches, watches->wake.wait_fd, &watches->wake_watch);
  lsk_wake_post(&watches->wake);
}

void lsk_watches_renew(struct lsk_watches *watches) {
  if (watches->has_wake) renew_wake(watches);
  for (int fd = 0; fd < watches->count; fd++) {
    const struct lsk_watch *watch = watches->by_fd[fd];
    if (watch == NULL) continue;
    int events = LSK_READABLE | LSK_WRITABLE | LSK_PRIORITY;
    (void)lsk_poller_watch(watches->poller, fd, watch->generation, events,
                           true);
  }
}

int lsk_watches_add(struct lsk_watches *watches, struct lsk_watch *watch,
                    int fd, int events) {
  if (!make_place(watches, fd)) return -ENOMEM;
  take_place(watches, fd, watch);
  int rc =
      lsk_poller_watch(watches->poller, fd, watch->generation, events, true);
  if (rc < 0) lsk_watches_forget(watches, fd, watch);
  return rc;
}

/* Observers. */

/* The fd's watch, or a new one that belongs to the table. */
static struct lsk_watch *ready_watch(struct lsk_watches *watches, int fd) {
  struct lsk_watch *watch = lsk_watches_find(watches, fd);
  if (watch != NULL) return watch;
  watch = watches->memory.allocate(watches->memory.ud, NULL, 0, sizeof *watch);
  if (watch != NULL) *watch = (struct lsk_watch){.is_loose = true};
  return watch;
}

int lsk_watches_observe(struct lsk_watches *watches,
                        struct lsk_observer *observer, int fd, int events) {
  struct lsk_watch *watch = ready_watch(watches, fd);
  if (watch == NULL) return -ENOMEM;
  int rc = lsk_watches_arm(watches, watch, fd, events);
  if (rc < 0 && watch->observers == NULL && watch->is_loose)
    free_loose(watches, watch);
  if (rc < 0) return rc;
  observer->watch = watch;
  observer->previous = NULL;
  observer->next = watch->observers;
  if (watch->observers != NULL) watch->observers->previous = observer;
  watch->observers = observer;
  return 0;
}

void lsk_watches_leave(struct lsk_watches *watches,
                       struct lsk_observer *observer, int fd) {
  struct lsk_watch *watch = observer->watch;
  if (watch == NULL) return;
  observer->watch = NULL;
  if (observer->previous == NULL)
    watch->observers = observer->next;
  else
    observer->previous->next = observer->next;
  if (observer->next != NULL) observer->next->previous = observer->previous;
  if (!watch->is_loose || watch->observers != NULL) return;
  lsk_poller_unwatch(watches->poller, fd);
  lsk_watches_forget(watches, fd, watch);
  free_loose(watches, watch);
}

/* Work on other threads. */

static int watch_wake(struct lsk_watches *watches) {
  return lsk_watches_arm(watches, &watches->wake_watch, watches->wake.wait_fd,
                         LSK_READABLE);
}

int lsk_watches_get_wake(struct lsk_watches *watches, struct lsk_wake **wake) {
  *wake = &watches->wake;
  if (watches->has_wake) return watches->wake.wait_fd < 0 ? -EMFILE : 0;
  int rc = lsk_wake_use(&watches->wake);
  if (rc < 0) return rc;
  rc = watch_wake(watches);
  watches->has_wake = rc == 0;
  if (rc < 0) lsk_wake_leave(&watches->wake);
  return rc;
}

void lsk_watches_drain_wake(struct lsk_watches *watches) {
  lsk_wake_drain(&watches->wake);
  (void)watch_wake(watches);
}

static void drop_wake(struct lsk_watches *watches) {
  if (!watches->has_wake) return;
  watches->has_wake = false;
  lsk_watches_forget(watches, watches->wake.wait_fd, &watches->wake_watch);
  lsk_wake_leave(&watches->wake);
}

/* Opening and closing. */

int lsk_watches_open(struct lsk_watches *watches) {
  int err = 0;
  watches->poller = lsk_poller_open(watches->memory, &err);
  return watches->poller == NULL ? err : 0;
}

void lsk_watches_close(struct lsk_watches *watches) {
  drop_wake(watches);
  for (int fd = 0; fd < watches->count; fd++)
    if (watches->by_fd[fd] != NULL)
      lsk_watches_forget(watches, fd, watches->by_fd[fd]);
  (void)watches->memory.allocate(watches->memory.ud, watches->by_fd,
                                 (size_t)watches->count * sizeof(void *), 0);
  lsk_poller_close(watches->poller, watches->memory);
  *watches = (struct lsk_watches){.generation = watches->generation,
                                  .memory = watches->memory,
                                  .wake = watches->wake};
}

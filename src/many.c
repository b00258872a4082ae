/*
** Waits for one of several fds and works.
*/

#include "many.h"

#include <stdbool.h>

struct lsk_many {
  struct lsk_waiter *waiter;        /* NULL: the wait has ended */
  struct lsk_many *next_due;        /* in the list of those to be looked at */
  struct lsk_many *next, *previous; /* of those who wait for work */
  struct lsk_wanted wanted;
  bool is_due;
  struct lsk_observer observers[];
};

size_t lsk_many_size(size_t count) {
  return sizeof(struct lsk_many) + count * sizeof(struct lsk_observer);
}

/* Beginning and ending. */

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

int lsk_many_begin(struct lsk_many *many, const struct lsk_wanted *wanted,
                   struct lsk_waiter *waiter, struct lsk_watches *watches,
                   struct lsk_many **for_work) {
  *many = (struct lsk_many){.waiter = waiter, .wanted = *wanted};
  for (size_t i = 0; i < wanted->count; i++) {
    many->observers[i] = (struct lsk_observer){.many = many};
    wanted->entries[i].revents = 0;
  }
  if (wanted->works != NULL) add_to_list(for_work, many);
  for (size_t i = 0; i < wanted->count; i++) {
    const struct pollfd *entry = &wanted->entries[i];
    if (entry->fd < 0) continue; /* as poll(2) has it */
    int rc = lsk_watches_observe(watches, &many->observers[i], entry->fd,
                                 entry->events);
    if (rc >= 0) continue;
    lsk_many_end(many, watches, for_work);
    return rc;
  }
  return 0;
}

void lsk_many_end(struct lsk_many *many, struct lsk_watches *watches,
                  struct lsk_many **for_work) {
  if (many->wanted.works != NULL) remove_from_list(for_work, many);
  for (size_t i = 0; i < many->wanted.count; i++)
    lsk_watches_leave(watches, &many->observers[i], many->wanted.entries[i].fd);
  many->waiter = NULL;
}

/* Looking. */

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

static void make_due(struct lsk_many **due, struct lsk_many *many) {
  if (many->is_due) return;
  many->is_due = true;
  many->next_due = *due;
  *due = many;
}

void lsk_many_note_watch(const struct lsk_watch *watch, struct lsk_many **due) {
  for (struct lsk_observer *o = watch->observers; o != NULL; o = o->next)
    make_due(due, o->many);
}

void lsk_many_note_work(struct lsk_many *for_work, struct lsk_many **due) {
  for (struct lsk_many *many = for_work; many != NULL; many = many->next)
    make_due(due, many);
}

/* None of the entries is ready: the wait for them goes on. */
static void arm_all(struct lsk_many *many, struct lsk_watches *watches) {
  for (size_t i = 0; i < many->wanted.count; i++) {
    struct lsk_watch *watch = many->observers[i].watch;
    const struct pollfd *entry = &many->wanted.entries[i];
    if (watch != NULL)
      (void)lsk_watches_arm(watches, watch, entry->fd, entry->events);
  }
}

struct lsk_waiter *lsk_many_take_due(struct lsk_many **due,
                                     struct lsk_watches *watches) {
  struct lsk_many *many = *due;
  *due = many->next_due;
  many->is_due = false;
  if (many->waiter == NULL) return NULL;
  if (lsk_look(&many->wanted) != 0) return many->waiter;
  arm_all(many, watches);
  return NULL;
}

struct lsk_waiter *lsk_many_lose(const struct lsk_watch *watch, int fd) {
  const struct lsk_many *many = watch->observers->many;
  struct pollfd *entries = many->wanted.entries;
  for (size_t i = 0; i < many->wanted.count; i++)
    if (entries[i].fd == fd) entries[i].revents = POLLNVAL;
  return many->waiter;
}

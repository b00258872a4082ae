/*
** Timers: the heap against a table that is searched, many at a time, and what
** becomes of them when memory is out.
*/

#include "timers.h"

#include "check.h"

#include <stdint.h>
#include <stdlib.h>

static size_t allocated;
static bool is_memory_out;

static void *allocate(void *ud, void *block, size_t old, size_t new) {
  (void)ud;
  if (new > old && is_memory_out) return NULL;
  allocated += new - old;
  if (new > 0) return realloc(block, new);
  free(block);
  return NULL;
}

static const struct lsk_memory memory = {allocate, NULL};

/* The same numbers in each run. */
static uint32_t random_below(uint32_t limit) {
  static uint32_t state = 1;
  state = state * 1664525 + 1013904223;
  return (uint32_t)(((uint64_t)state * limit) >> 32);
}

/* Whether nothing is earlier than what it stands below, and each timer knows
   its place. */
static bool is_heap(const struct lsk_timers *timers) {
  for (size_t i = 1; i <= timers->count; i++) {
    const struct lsk_timer_place *at = &timers->heap[i];
    if (at->timer->place != i || at->timer->deadline != at->deadline)
      return false;
    if (i > 1 && timers->heap[(i + 2) / 4].deadline > at->deadline)
      return false;
  }
  return true;
}

/* The earliest deadline of those that run; LSK_NEVER when none does. */
static lsk_deadline earliest(const struct lsk_timer *timers, size_t count) {
  lsk_deadline found = LSK_NEVER;
  for (size_t i = 0; i < count; i++) {
    if (timers[i].place != 0 && timers[i].deadline < found)
      found = timers[i].deadline;
  }
  return found;
}

static lsk_deadline first_deadline(const struct lsk_timers *timers) {
  const struct lsk_timer *first = lsk_timers_first(timers);
  return first == NULL ? LSK_NEVER : first->deadline;
}

/* Few deadlines, so that many are equal. */
static void test_random(void) {
  enum { COUNT = 60, STEPS = 20000 };
  struct lsk_timer own[COUNT] = {{0}};
  struct lsk_timers timers = {0};
  size_t running = 0;
  CHECK(lsk_timers_reserve(&timers, COUNT, memory));
  for (int i = 0; i < STEPS; i++) {
    struct lsk_timer *timer = &own[random_below(COUNT)];
    bool runs = timer->place != 0;
    if (runs)
      lsk_timers_stop(&timers, timer);
    else
      lsk_timers_start(&timers, timer, (lsk_deadline)random_below(50) + 1);
    running = runs ? running - 1 : running + 1;
    CHECK((timer->place == 0) == runs);
    CHECK(timers.count == running && is_heap(&timers));
    CHECK(first_deadline(&timers) == earliest(own, COUNT));
  }
  lsk_timers_free(&timers, memory);
  CHECK(earliest(own, COUNT) == LSK_NEVER);
  CHECK(allocated == 0);
}

/* Few deadlines, with stops in between. */
static void test_equal(void) {
  enum { COUNT = 500 };
  struct lsk_timer own[COUNT] = {{0}};
  struct lsk_timers timers = {.order = UINT32_MAX - COUNT / 2};
  CHECK(lsk_timers_reserve(&timers, COUNT, memory));
  for (int i = 0; i < COUNT; i++)
    lsk_timers_start(&timers, &own[i], (lsk_deadline)random_below(3) + 1);
  for (int i = 0; i < COUNT; i += 3) lsk_timers_stop(&timers, &own[i]);
  for (lsk_deadline deadline = 1; deadline <= 3; deadline++) {
    for (int i = 0; i < COUNT; i++) {
      if (own[i].place == 0 || own[i].deadline != deadline) continue;
      CHECK(lsk_timers_first(&timers) == &own[i]);
      lsk_timers_stop(&timers, &own[i]);
    }
  }
  CHECK(timers.count == 0);
  lsk_timers_free(&timers, memory);
}

/* Stops the earliest until none is left: they come in order. */
static size_t drain(struct lsk_timers *timers) {
  size_t count = 0;
  lsk_deadline before = LSK_NOW;
  for (struct lsk_timer *first; (first = lsk_timers_first(timers)) != NULL;) {
    CHECK(first->deadline >= before);
    before = first->deadline;
    lsk_timers_stop(timers, first);
    count++;
  }
  return count;
}

static void test_many(void) {
  enum { COUNT = 100000 };
  struct lsk_timer *own = calloc(COUNT, sizeof *own);
  struct lsk_timers timers = {0};
  if (own == NULL) abort();
  for (int i = 0; i < COUNT; i++) {
    CHECK(lsk_timers_reserve(&timers, timers.count + 1, memory));
    lsk_timers_start(&timers, &own[i], (lsk_deadline)random_below(1000000) + 1);
  }
  CHECK(is_heap(&timers));
  for (int i = 0; i < COUNT; i += 2) lsk_timers_stop(&timers, &own[i]);
  CHECK(is_heap(&timers));
  CHECK(drain(&timers) == COUNT / 2);
  lsk_timers_free(&timers, memory);
  free(own);
  CHECK(allocated == 0);
}

static void test_stopped(void) {
  struct lsk_timer timer = {0};
  struct lsk_timers timers = {0};
  lsk_timers_stop(&timers, &timer);
  CHECK(lsk_timers_first(&timers) == NULL);
  CHECK(lsk_timers_reserve(&timers, 1, memory));
  lsk_timers_start(&timers, &timer, LSK_NEVER);
  CHECK(lsk_timers_first(&timers) == &timer);
  lsk_timers_stop(&timers, &timer);
  lsk_timers_stop(&timers, &timer);
  CHECK(timers.count == 0);
  lsk_timers_free(&timers, memory);
}

static void test_memory_out(void) {
  struct lsk_timer timer = {0};
  struct lsk_timers timers = {0};
  is_memory_out = true;
  CHECK(!lsk_timers_reserve(&timers, 1, memory));
  CHECK(lsk_timers_reserve(&timers, 0, memory));
  is_memory_out = false;
  CHECK(lsk_timers_reserve(&timers, 1, memory));
  lsk_timers_start(&timers, &timer, 5);
  is_memory_out = true;
  size_t room = timers.room;
  CHECK(!lsk_timers_reserve(&timers, room + 1, memory));
  CHECK(!lsk_timers_reserve(&timers, SIZE_MAX, memory));
  CHECK(timers.room == room && lsk_timers_first(&timers) == &timer);
  is_memory_out = false;
  CHECK(!lsk_timers_reserve(&timers, SIZE_MAX / 2, memory));
  lsk_timers_free(&timers, memory);
  CHECK(timer.place == 0 && allocated == 0);
}

int main(void) {
  test_random();
  test_equal();
  test_many();
  test_stopped();
  test_memory_out();
  return check_result();
}

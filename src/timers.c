/*
** Deadlines that may be waited for: a heap in which each place has four below
** it. Most timers are late ones that are stopped soon: they come and go near
** the bottom, in a step or two.
*/

#include "timers.h"

/* How many places are below each. */
#define WIDTH ((size_t)4)

/* The least room that is made. */
#define LEAST_ROOM ((size_t)16)

/* The most room: a place is a number of 32 bits, as all sizes may be. */
#define MOST_ROOM ((size_t)1 << 27)

/* Place 0 is not used. */
static size_t bytes_for(size_t room) {
  return (room + 1) * sizeof(struct lsk_timer_place);
}

bool lsk_timers_reserve(struct lsk_timers *timers, size_t count,
                        struct lsk_memory memory) {
  if (count <= timers->room) return true;
  if (count > MOST_ROOM) return false;
  size_t room = timers->room == 0 ? LEAST_ROOM : timers->room;
  while (room < count) room *= 2;
  size_t old = timers->heap == NULL ? 0 : bytes_for(timers->room);
  void *heap = memory.allocate(memory.ud, timers->heap, old, bytes_for(room));
  if (heap == NULL) return false;
  timers->heap = heap;
  timers->room = room;
  return true;
}

void lsk_timers_free(struct lsk_timers *timers, struct lsk_memory memory) {
  for (size_t i = 1; i <= timers->count; i++) timers->heap[i].timer->place = 0;
  if (timers->heap != NULL)
    (void)memory.allocate(memory.ud, timers->heap, bytes_for(timers->room), 0);
  *timers = (struct lsk_timers){0};
}

static void put(const struct lsk_timers *timers, size_t place,
                struct lsk_timer_place content) {
  timers->heap[place] = content;
  content.timer->place = (uint32_t)place;
}

/* The order of starts goes round. */
static bool is_before(struct lsk_timer_place a, struct lsk_timer_place b) {
  if (a.deadline != b.deadline) return a.deadline < b.deadline;
  return (int32_t)(a.timer->order - b.timer->order) < 0;
}

/* Moves down whatever is later above a free place: the place that is free then,
   as high as the content may stand. */
static size_t rise(const struct lsk_timers *timers, size_t place,
                   struct lsk_timer_place content) {
  while (place > 1) {
    size_t above = (place + WIDTH - 2) / WIDTH;
    if (!is_before(content, timers->heap[above])) break;
    put(timers, place, timers->heap[above]);
    place = above;
  }
  return place;
}

/* The earliest of the places below one; 0 when there are none. */
static size_t earliest_below(const struct lsk_timers *timers, size_t place) {
  size_t first = place * WIDTH - (WIDTH - 2);
  if (first > timers->count) return 0;
  size_t last = first + WIDTH - 1;
  if (last > timers->count) last = timers->count;
  size_t earliest = first;
  for (size_t i = first + 1; i <= last; i++) {
    if (is_before(timers->heap[i], timers->heap[earliest])) earliest = i;
  }
  return earliest;
}

/* Moves up whatever is earlier below a free place: the place that is free then,
   as low as the content may stand. */
static size_t sink(const struct lsk_timers *timers, size_t place,
                   struct lsk_timer_place content) {
  size_t below;
  while ((below = earliest_below(timers, place)) != 0) {
    if (!is_before(timers->heap[below], content)) break;
    put(timers, place, timers->heap[below]);
    place = below;
  }
  return place;
}

void lsk_timers_start(struct lsk_timers *timers, struct lsk_timer *timer,
                      lsk_deadline deadline) {
  timer->deadline = deadline;
  timer->order = ++timers->order;
  struct lsk_timer_place content = {deadline, timer};
  put(timers, rise(timers, ++timers->count, content), content);
}

void lsk_timers_stop(struct lsk_timers *timers, struct lsk_timer *timer) {
  size_t place = timer->place;
  if (place == 0) return;
  timer->place = 0;
  struct lsk_timer_place last = timers->heap[timers->count--];
  if (last.timer == timer) return;
  size_t to = rise(timers, place, last);
  if (to == place) to = sink(timers, place, last);
  put(timers, to, last);
}

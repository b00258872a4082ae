/*
** The monotonic clock, and deadlines on it.
*/

#include "clock.h"

#include <limits.h>
#include <math.h>
#include <time.h>

#if INTPTR_MAX > INT32_MAX
#define TICKS_PER_SECOND 1000000000
#else
#define TICKS_PER_SECOND 1000
#endif
#define TICKS_PER_MS (TICKS_PER_SECOND / 1000)
#define NS_PER_TICK (1000000000 / TICKS_PER_SECOND)

lsk_deadline lsk_clock_now(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: POSIX has it */
  return (lsk_deadline)now.tv_sec * TICKS_PER_SECOND +
         (lsk_deadline)now.tv_nsec / NS_PER_TICK + 1;
}

double lsk_clock_seconds(void) {
  return (double)lsk_clock_now() / TICKS_PER_SECOND;
}

lsk_deadline lsk_deadline_after(double seconds) {
  return seconds <= 0 ? LSK_NOW : lsk_deadline_from(lsk_clock_now(), seconds);
}

lsk_deadline lsk_deadline_from(lsk_deadline now, double seconds) {
  double ticks = ceil(seconds * TICKS_PER_SECOND);
  if (ticks >= (double)(LSK_NEVER - now)) return LSK_NEVER;
  return now + (lsk_deadline)ticks;
}

double lsk_deadline_seconds(lsk_deadline deadline) {
  if (deadline == LSK_NEVER) return (double)INFINITY;
  lsk_deadline now = lsk_clock_now();
  if (deadline <= now) return 0;
  return (double)(deadline - now) / TICKS_PER_SECOND;
}

int lsk_deadline_poll(lsk_deadline deadline) {
  if (deadline == LSK_NEVER) return -1;
  lsk_deadline now = lsk_clock_now();
  if (deadline <= now) return 0;
  lsk_deadline ms = (deadline - now + TICKS_PER_MS - 1) / TICKS_PER_MS;
  return ms > INT_MAX ? INT_MAX : (int)ms;
}

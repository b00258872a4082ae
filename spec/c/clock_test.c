/*
** Deadlines: rounding, those that are far away, and the two special ones.
*/

#include "clock.h"

#include "check.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>

static void test_now(void) {
  lsk_deadline before = lsk_clock_now();
  CHECK(before > LSK_NOW);
  CHECK(lsk_clock_now() >= before);
}

static void test_special_deadlines(void) {
  CHECK(lsk_deadline_after(0) == LSK_NOW);
  CHECK(lsk_deadline_after((double)INFINITY) == LSK_NEVER);
  CHECK(lsk_deadline_after(1e300) == LSK_NEVER);
  CHECK(lsk_deadline_after(1e10) == LSK_NEVER || sizeof(lsk_deadline) > 4);
  CHECK(lsk_deadline_poll(LSK_NOW) == 0);
  CHECK(lsk_deadline_poll(LSK_NEVER) == -1);
  CHECK(lsk_deadline_seconds(LSK_NOW) <= 0);
  CHECK(isinf(lsk_deadline_seconds(LSK_NEVER)));
}

/* However little there is to wait, it is not "do not wait". */
static void test_tiny(void) {
  CHECK(lsk_deadline_after(1e-12) > LSK_NOW);
  CHECK(lsk_deadline_after(1e-300) > LSK_NOW);
  CHECK(lsk_deadline_after(-1.0) == LSK_NOW);
}

/* A wait never ends before its deadline, so poll's milliseconds round up. */
static void test_rounding(void) {
  lsk_deadline second = lsk_deadline_after(1) - lsk_clock_now();
  lsk_deadline tick = lsk_clock_now() + second / 2 + 1;
  int ms = lsk_deadline_poll(tick);
  double left = lsk_deadline_seconds(tick) * 1000;
  CHECK(ms >= left);
  CHECK(ms >= 400 && ms <= 501);
}

static void test_passed(void) {
  lsk_deadline now = lsk_clock_now();
  CHECK(lsk_deadline_poll(now) == 0);
  CHECK(lsk_deadline_poll(now - 1) == 0);
  CHECK(lsk_deadline_seconds(now - 1) <= 0);
}

/* Further away than poll's int reaches: it is asked again, not for ever. */
static void test_far(void) {
  lsk_deadline far = lsk_deadline_after(4e6);
  CHECK(far == LSK_NEVER || lsk_deadline_poll(far) == INT_MAX);
  lsk_deadline year = lsk_deadline_after(2e6);
  double left = lsk_deadline_seconds(year);
  CHECK(left > 1999000 && left <= 2000001);
}

int main(void) {
  test_now();
  test_special_deadlines();
  test_tiny();
  test_rounding();
  test_passed();
  test_far();
  return check_result();
}

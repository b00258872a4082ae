/*
** Counting tries: what each comes to, and counters that begin anew.
*/

#include "flow.h"

#include "check.h"

static void test_packages(void) {
  struct lsk_flow flow = {0};
  CHECK(lsk_flow_add(&flow, 5));
  CHECK(lsk_flow_add(&flow, 0));
  CHECK(lsk_flow_add(&flow, 3));
  CHECK(flow.bytes == 8);
  CHECK(flow.packages == 3);
  CHECK(flow.longest == 5);
  CHECK(lsk_flow_tries(&flow) == 3);
}

static void test_others(void) {
  struct lsk_flow flow = {0};
  CHECK(lsk_flow_other(&flow, -EAGAIN) == &flow.waits);
  CHECK(lsk_flow_other(&flow, -EINTR) == &flow.waits);
  CHECK(lsk_flow_other(&flow, -ECONNRESET) == &flow.fails);
  CHECK(lsk_flow_other(&flow, 0) == &flow.fails);
  ++*lsk_flow_other(&flow, -EAGAIN);
  ++*lsk_flow_other(&flow, 0);
  CHECK(lsk_flow_add(&flow, 1));
  CHECK(lsk_flow_tries(&flow) == 3);
}

/* The bytes have 64 bits, what is counted by calls has 32. */
static void test_limits(void) {
  struct lsk_flow flow = {.bytes = UINT32_MAX, .packages = UINT32_MAX};
  CHECK(!lsk_flow_add(&flow, 2));
  CHECK(flow.packages == 0);
  CHECK(flow.bytes == (uint64_t)UINT32_MAX + 2);
  CHECK(lsk_flow_add(&flow, SIZE_MAX / 2));
  CHECK(flow.longest == UINT32_MAX);
}

int main(void) {
  test_packages();
  test_others();
  test_limits();
  return check_result();
}

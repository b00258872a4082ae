/*
** Counting what a socket's system calls come to.
*/

#include "counters.h"

/* The place of the flow in the names of wraps.c. */
static int number_of(const struct lsk_handle *h, const struct lsk_flow *flow) {
  if (flow == &h->flows[LSK_READING]) return 0;
  if (flow == &h->flows[LSK_WRITING]) return 1;
  return flow == &h->extra->accepts ? 2 : 3;
}

void lsk_counter_wrapped(struct lsk_handle *h, const struct lsk_flow *flow,
                         const uint32_t *counter) {
  struct lsk_extra *extra = h->extra;
  if (extra == NULL || extra->listeners == NULL) return;
  int bit = number_of(h, flow) * 3;
  if (counter != &flow->packages) bit += counter == &flow->fails ? 1 : 2;
  extra->wraps |= (uint16_t)(1U << bit);
  h->state->has_wraps = true;
  lsk_wake_first(&h->state->loop, extra->listeners);
}

void lsk_count_other(struct lsk_handle *h, struct lsk_flow *flow, ssize_t rc) {
  uint32_t *counter = lsk_flow_other(flow, rc);
  if (++*counter == 0) lsk_counter_wrapped(h, flow, counter);
}

void lsk_count_accept(struct lsk_handle *h, int rc) {
  struct lsk_extra *extra = LSK_COUNTS ? lsk_get_extra(h) : NULL;
  if (extra == NULL) return;
  if (rc < 0)
    lsk_count_other(h, &extra->accepts, rc);
  else
    lsk_count_moved(h, &extra->accepts, 0);
}

void lsk_count_sendfile(struct lsk_handle *h, ssize_t rc) {
  struct lsk_extra *extra = LSK_COUNTS ? lsk_get_extra(h) : NULL;
  if (extra == NULL) return;
  if (rc < 0)
    lsk_count_other(h, &extra->sendfile, rc);
  else
    lsk_count_moved(h, &extra->sendfile, (size_t)rc);
}

/*
** Counting what a socket's system calls come to.
*/

#include "counters.h"

void lsk_counter_wrapped(struct lsk_handle *h, const struct lsk_flow *flow,
                         const uint32_t *counter) {
  (void)h;
  (void)flow;
  (void)counter;
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

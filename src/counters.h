/*
** Counting what a socket's system calls come to. Each is counted where it is
** made; one that is left out, as it would only tell to wait, counts as made.
** Nothing here raises.
*/

#ifndef LSK_COUNTERS_H
#define LSK_COUNTERS_H

#include "flow.h"
#include "handle.h"

/*
** A 32-bit counter of the flow has begun anew at 0: `counter` is one of its
** words. Noted for whoever is to be told of it, see wraps.h.
*/
void lsk_counter_wrapped(struct lsk_handle *h, const struct lsk_flow *flow,
                         const uint32_t *counter);

/* A try that moved nothing, as its result says: see lsk_flow_other. */
void lsk_count_other(struct lsk_handle *h, struct lsk_flow *flow, ssize_t rc);

/* Moving so many bytes uses up as much of a task's share as a call does. */
#define LSK_CALL_BYTES 4096

static inline void lsk_count_moved(struct lsk_handle *h, struct lsk_flow *flow,
                                   size_t bytes) {
  struct lsk_state *state = h->state;
  if (state->credit > 0) state->credit -= (int)(bytes / LSK_CALL_BYTES);
  if (!lsk_flow_add(flow, bytes)) lsk_counter_wrapped(h, flow, &flow->packages);
}

/* A try to receive, and whether its 0 bytes are the end of the stream. */
static inline void lsk_count_received(struct lsk_handle *h, ssize_t rc,
                                      bool is_end) {
  struct lsk_flow *flow = &h->flows[LSK_READING];
  if (rc >= 0 && !is_end)
    lsk_count_moved(h, flow, (size_t)rc);
  else if (LSK_COUNTS)
    lsk_count_other(h, flow, rc);
}

/* A try to send. */
static inline void lsk_count_sent(struct lsk_handle *h, ssize_t rc) {
  struct lsk_flow *flow = &h->flows[LSK_WRITING];
  if (rc >= 0)
    lsk_count_moved(h, flow, (size_t)rc);
  else if (LSK_COUNTS)
    lsk_count_other(h, flow, rc);
}

/* A try to accept: the fd | -errno. */
void lsk_count_accept(struct lsk_handle *h, int rc);

/* A try of sendfile(2): bytes, 0 at the file's end | -errno. */
void lsk_count_sendfile(struct lsk_handle *h, ssize_t rc);

#endif

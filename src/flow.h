/*
** What is counted of one direction of a socket. Plain words, so that counting
** costs a few instructions beside a system call. Nothing here raises.
*/

#ifndef LSK_FLOW_H
#define LSK_FLOW_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/types.h>

/* 0 counts nothing: what the measurements compare with. */
#ifndef LSK_COUNTS
#define LSK_COUNTS 1
#endif

/* Every try is one of the packages, the fails or the waits. */
struct lsk_flow {
  uint64_t bytes;
  uint32_t packages; /* tries that moved something: messages, on a stream parts
                        of it */
  uint32_t longest;  /* the most bytes that one of them moved */
  uint32_t fails;    /* tries that ended in an error or at the stream's end */
  uint32_t waits;    /* tries that found nothing, or no room */
};

static inline uint64_t lsk_flow_tries(const struct lsk_flow *flow) {
  return (uint64_t)flow->packages + flow->fails + flow->waits;
}

/* Counts a try that moved so many bytes: false when the count of packages has
   begun anew at 0. */
static inline bool lsk_flow_add(struct lsk_flow *flow, size_t bytes) {
  if (!LSK_COUNTS) return true;
  uint32_t length = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
  flow->bytes += bytes;
  if (length > flow->longest) flow->longest = length;
  return ++flow->packages != 0;
}

/* The counter of a try that moved nothing, whose result is -errno, or 0 at the
   stream's end. */
static inline uint32_t *lsk_flow_other(struct lsk_flow *flow, ssize_t rc) {
  bool waits = rc == -EAGAIN || rc == -EWOULDBLOCK || rc == -EINTR;
  return waits ? &flow->waits : &flow->fails;
}

#endif

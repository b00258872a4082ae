/*
** What the receiving operations share.
*/

#include "receive.h"

#include "sys_io.h"

/* What one receive takes of a stream at the most, whatever was asked. */
#define STREAM_MOST (1 << 20)

/* What is taken where no length is given and nothing tells the next one. */
#define DEFAULT_SIZE 65536

ssize_t lsk_room_needed(const struct lsk_handle *h, ssize_t asked, int flags) {
  if (asked >= 0)
    return lsk_is_stream(h) && asked > STREAM_MOST ? STREAM_MOST : asked;
  bool is_ip = h->domain == AF_INET || h->domain == AF_INET6;
  if (lsk_is_stream(h) || is_ip) return DEFAULT_SIZE; /* UDP has no more */
  return lsk_sys_next_length(h->fd, flags);
}

bool lsk_is_end(const struct lsk_handle *h, ssize_t asked, ssize_t length) {
  return length == 0 && asked != 0 &&
         (lsk_is_stream(h) || h->type == SOCK_SEQPACKET);
}

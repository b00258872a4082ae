/*
** The two buffers of a stream socket: filling and draining, with waiting.
*/

#include "stream.h"

#include "counters.h"
#include "error.h"
#include "state.h"
#include "wait.h"

#include <string.h>

/* The least room for a receive of any length, and the most for one of a given
   length: a program may ask for far more than will come. */
#define LEAST_ROOM ((size_t)4096)
#define MOST_ROOM ((size_t)65536)

int lsk_check_reading(lua_State *L, const struct lsk_handle *h) {
  if (h->fd < 0) return lsk_fail_closed(L);
  if (h->read_closed)
    return lsk_fail_named(L, "IOError", "not opened for reading");
  return 0;
}

int lsk_check_line_reading(lua_State *L, const struct lsk_handle *h) {
  int failed = lsk_check_reading(L, h);
  if (failed) return failed;
  return h->read_error == 0 ? 0 : lsk_fail(L, "recv(2)", h->read_error);
}

int lsk_check_writing(lua_State *L, const struct lsk_handle *h) {
  if (h->fd < 0) return lsk_fail_closed(L);
  if (h->write_closed)
    return lsk_fail_named(L, "IOError", "not opened for writing");
  return 0;
}

void lsk_settle(lua_State *L, struct lsk_handle *h) {
  lsk_pack_buffer(L, h->state, &h->in);
}

/*
** The newlines after a paragraph belong to it, however many. Those that had not
** come when it was read are dropped here, so that reading it waits for none.
*/
static void skip_newlines(struct lsk_handle *h, size_t arrived) {
  struct lsk_buffer *in = &h->in;
  char *first = in->data + in->end - arrived;
  size_t count = 0;
  while (count < arrived && first[count] == '\n') count++;
  memmove(first, first + count, arrived - count);
  in->end -= count;
  if (count < arrived) h->skips_newlines = false;
}

/* Receives once: how many bytes arrived (0: the end) | -errno. */
static ssize_t receive(lua_State *L, struct lsk_handle *h, size_t most,
                       lsk_deadline deadline) {
  struct lsk_buffer *in = &h->in;
  if (!lsk_may_try(h, LSK_READABLE)) return -EAGAIN;
  size_t room = most < MOST_ROOM ? most : MOST_ROOM;
  lsk_reserve(L, h->state, in, most == LSK_ANY ? LEAST_ROOM : room);
  room = in->size - in->end;
  if (room > most) room = most;
  ssize_t rc =
      lsk_sys_recv(h->fd, in->data + in->end, room, lsk_wait_flag(h, deadline));
  if (rc > 0) in->end += (size_t)rc;
  if (rc > 0 && (size_t)rc < room) lsk_note_short(h, LSK_READABLE);
  if (rc > 0 && h->skips_newlines) skip_newlines(h, (size_t)rc);
  if (lsk_buffer_length(in) == 0) lsk_settle(L, h);
  return rc;
}

/* Whether bytes came until the time was up, and were not enough. */
static bool is_late(const struct lsk_filling *filling, lsk_deadline deadline) {
  return filling->is_repeated && deadline != LSK_NEVER && deadline != LSK_NOW &&
         lsk_deadline_poll(deadline) == 0;
}

/* Whether a receive may begin: 0, or the results of the failure. */
static int check_filling(lua_State *L, const struct lsk_handle *h,
                         const struct lsk_filling *filling,
                         lsk_deadline deadline) {
  int failed = lsk_check_line_reading(L, h);
  if (failed) return failed;
  if (is_late(filling, deadline)) return lsk_fail_timeout(L);
  return filling->is_repeated ? lsk_wait_check(L, h) : 0;
}

/* One more try to receive, after what may keep it from trying: how many bytes
   arrived (0: the end) | -errno; or `*failed` is a count of results. */
static ssize_t try_receive(lua_State *L, struct lsk_handle *h, size_t most,
                           lsk_deadline deadline,
                           const struct lsk_filling *filling, int *failed) {
  *failed = check_filling(L, h, filling, deadline);
  if (*failed) return 0;
  ssize_t rc = receive(L, h, most, deadline);
  lsk_count_received(h, rc, rc == 0);
  if (rc < 0 && !lsk_should_wait(rc)) {
    lsk_keep_read_error(h, (int)-rc);
    *failed = lsk_fail(L, "recv(2)", (int)-rc);
  }
  return rc;
}

int lsk_fill(lua_State *L, struct lsk_handle *h, size_t most,
             lsk_deadline deadline, lua_KFunction k,
             struct lsk_filling *filling) {
  size_t before = lsk_buffer_length(&h->in);
  for (;;) {
    int failed;
    ssize_t rc = try_receive(L, h, most, deadline, filling, &failed);
    if (failed) return failed;
    if (rc == 0) filling->at_end = true;
    if (rc > 0) filling->is_repeated = true;
    if (rc == 0 || lsk_buffer_length(&h->in) > before) return 0;
    if (rc > 0) continue; /* newlines after a paragraph */
    lsk_settle(L, h);
    failed = lsk_wait(L, h, LSK_READABLE, deadline, k);
    if (failed) return failed;
  }
}

void lsk_push_taken(lua_State *L, struct lsk_handle *h, size_t count) {
  lua_pushlstring(L, lsk_buffer_bytes(&h->in), count);
  lsk_take(L, h, count);
}

void lsk_unread(lua_State *L, struct lsk_handle *h, const char *bytes,
                size_t length) {
  if (length == 0) return;
  lsk_reserve(L, h->state, &h->in, length);
  lsk_buffer_prepend(&h->in, bytes, length);
}

int lsk_fail_write(lua_State *L, int err) {
  int count = lsk_fail(L, NULL, err);
  lua_pushliteral(L, "send(2)");
  lua_setfield(L, -3, "syscall");
  return count;
}

int lsk_flush(lua_State *L, struct lsk_handle *h, lsk_deadline deadline,
              lua_KFunction k) {
  for (;;) {
    if (lsk_out_length(h) == 0) return 0;
    int failed = lsk_check_writing(L, h);
    if (failed) return failed;
    ssize_t rc = lsk_sys_send(h->fd, lsk_out_bytes(h), lsk_out_length(h),
                              lsk_wait_flag(h, deadline));
    lsk_count_sent(h, rc);
    if (rc >= 0) lsk_take_written(L, h, (size_t)rc);
    if (lsk_out_length(h) == 0) return 0;
    if (rc < 0 && !lsk_should_wait(rc)) return lsk_fail_write(L, (int)-rc);
    failed = lsk_wait(L, h, LSK_WRITABLE, deadline, k);
    if (failed) return failed;
  }
}

void lsk_take_written(lua_State *L, struct lsk_handle *h, size_t count) {
  h->extra->out.start += count;
  if (lsk_out_length(h) == 0) lsk_drop_out(L, h);
}

/*
** What is buffered for writing: when it goes out.
*/

#include "op_flush.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "stream.h"
#include "sys.h"
#include "wait.h"

#include <lauxlib.h>

static const char *const timeout_keyword[] = {"timeout", NULL};

static int flush_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, 1);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_WRITABLE, status, deadline, flush_k);
  if (!failed) failed = lsk_check_writing(L, h);
  if (!failed) failed = lsk_flush(L, h, deadline, flush_k);
  if (failed) return failed;
  lua_pushboolean(L, 1);
  return 1;
}

/* Reads the arguments ([{timeout=}]) -> the deadline. */
static lsk_deadline check_call(lua_State *L, const struct lsk_handle *h) {
  lsk_arg_fields(L, 2, 2, timeout_keyword);
  lsk_deadline deadline = lsk_handle_deadline(L, h, 2);
  lua_settop(L, 1);
  return deadline;
}

/// Writes what is buffered. Answers to Ruby's `IO#flush`.
// @function BasicSocket:flush
// @tparam[opt] table opts `timeout` in seconds
// @treturn boolean true
// @error nil, err, errno; what was not written stays in the buffer
static int flush(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  return flush_k(L, LUA_OK, check_call(L, h));
}

static int fsync_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, 1);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_WRITABLE, status, deadline, fsync_k);
  if (!failed) failed = lsk_check_writing(L, h);
  if (!failed) failed = lsk_flush(L, h, deadline, fsync_k);
  if (failed) return failed;
  int rc = lsk_sys_fsync(h->fd);
  if (rc < 0) return lsk_fail(L, NULL, -rc);
  lua_pushinteger(L, 0);
  return 1;
}

/// Writes what is buffered and calls fsync(2), which sockets do not know.
// Answers to Ruby's `IO#fsync`.
// @function BasicSocket:fsync
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer 0
// @error nil, err, errno: `EINVAL` for a socket
static int fsync_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  return fsync_k(L, LUA_OK, check_call(L, h));
}

/// Whether writes go out at once, as they do at first. Answers to Ruby's
// `IO#sync`.
// @function BasicSocket:sync
// @treturn boolean whether they do
// @error nil, err: closed
static int sync_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  lua_pushboolean(L, !h->buffers_writes);
  return 1;
}

/// Sets whether writes go out at once: with false they may wait in a buffer
// until it is full, or for `flush`, `close` or the next write that goes out.
// Answers to Ruby's `IO#sync=`.
// @function BasicSocket:set_sync
// @tparam boolean on whether they do
// @treturn boolean true
// @error nil, err: closed
static int set_sync(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  luaL_checkany(L, 2);
  if (h->fd < 0) return lsk_fail_closed(L);
  h->buffers_writes = !lua_toboolean(L, 2);
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {
    {"flush", flush},       {"fsync", fsync_}, {"sync", sync_},
    {"set_sync", set_sync}, {NULL, NULL},
};

void lsk_open_op_flush(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

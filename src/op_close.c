/*
** Ending a socket, a half of it, or the ownership of its fd.
*/

#include "op_close.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "names.h"
#include "state.h"
#include "stream.h"
#include "sys.h"
#include "wait.h"

#include <lauxlib.h>

static const char *const timeout_keyword[] = {"timeout", NULL};

/* Reads the arguments ([{timeout=}]) -> the deadline. */
static lsk_deadline check_call(lua_State *L, const struct lsk_handle *h) {
  lsk_arg_fields(L, 2, 2, timeout_keyword);
  lsk_deadline deadline = lsk_arg_deadline(L, 2, h->timeout);
  lua_settop(L, 1);
  return deadline;
}

static int succeed(lua_State *L) {
  lua_pushboolean(L, 1);
  return 1;
}

/* Adds what the buffer still holds, and is lost, to the failure on top. */
static int fail_with_rest(lua_State *L, const struct lsk_handle *h,
                          int results) {
  size_t length = lsk_out_length(h);
  if (length == 0) return results;
  lua_pushlstring(L, lsk_out_bytes(h), length);
  return lsk_fail_written(L, 0);
}

/* Closes; a failure on top, of writing what was buffered, is the result. */
static int finish_close(lua_State *L, struct lsk_handle *h, int failed) {
  if (failed) failed = fail_with_rest(L, h, failed);
  int rc = lsk_close_handle(L, h);
  lsk_tell_closed(L, 1);
  if (failed) return failed;
  return rc < 0 ? lsk_fail(L, "close(2)", -rc) : succeed(L);
}

static int close_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, 1);
  if (h->fd < 0) return succeed(L);
  if (!failed && !h->write_closed) failed = lsk_flush(L, h, deadline, close_k);
  return finish_close(L, h, failed);
}

/// Closes the socket, after writing what is buffered. Closing twice is fine.
// Answers to Ruby's `IO#close`.
// @function BasicSocket:close
// @tparam[opt] table opts `timeout` in seconds for writing
// @treturn boolean true
// @error nil, err, errno: writing failed; the socket is closed in any case, and
//   `err.rest` is what was not written
static int close_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  return close_k(L, LUA_OK, check_call(L, h));
}

/// Ends reading: later reads are errors. With the other half closed already,
// closes the socket. Answers to Ruby's `BasicSocket#close_read`.
// @function BasicSocket:close_read
// @treturn boolean true
// @error nil, err, errno
static int close_read(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  (void)lsk_sys_shutdown(h->fd, SHUT_RD); /* one not connected reads no more */
  if (h->write_closed) return finish_close(L, h, 0);
  h->read_closed = true;
  lsk_drop_buffer(L, h->state, &h->in);
  return succeed(L);
}

static int close_write_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  if (!failed && !h->write_closed)
    failed = lsk_flush(L, h, deadline, close_write_k);
  if (h->fd < 0) return failed;
  if (h->read_closed) return finish_close(L, h, failed);
  if (failed) failed = fail_with_rest(L, h, failed);
  (void)lsk_sys_shutdown(h->fd, SHUT_WR);
  h->write_closed = true;
  lsk_drop_out(L, h);
  return failed ? failed : succeed(L);
}

/// Ends writing, after writing what is buffered: the peer reads to the end of
// the stream, and later writes are errors. With the other half closed already,
// closes the socket. Answers to Ruby's `BasicSocket#close_write`.
// @function BasicSocket:close_write
// @tparam[opt] table opts `timeout` in seconds for writing
// @treturn boolean true
// @error nil, err, errno: writing failed; that half is closed in any case, and
//   `err.rest` is what was not written
static int close_write(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  return close_write_k(L, LUA_OK, check_call(L, h));
}

/* Stack slots of shutdown: the socket and what to shut down. */
enum { HOW = 2 };

static int shutdown_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, HOW);
  if (failed) return failed;
  if (h->fd < 0) return lsk_fail_closed(L);
  int how = (int)lua_tointeger(L, HOW);
  if (how != SHUT_RD && !h->write_closed) {
    failed = lsk_flush(L, h, deadline, shutdown_k);
    if (failed) return failed;
  }
  int rc = lsk_sys_shutdown(h->fd, how);
  if (rc < 0) return lsk_fail(L, "shutdown(2)", -rc);
  if (how != SHUT_WR) h->read_shut = true;
  if (how != SHUT_RD) h->write_shut = true;
  lua_pushinteger(L, 0);
  return 1;
}

/// Shuts down one direction of the connection or both, after writing what is
// buffered. Answers to Ruby's `BasicSocket#shutdown`.
// @function BasicSocket:shutdown
// @tparam[opt="RDWR"] string|integer how `"RD"`, `"WR"` or `"RDWR"`
// @tparam[opt] table opts `timeout` in seconds for writing
// @treturn integer 0
// @error nil, err, errno
static int shutdown_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_arg_fields(L, HOW, HOW + 1, timeout_keyword);
  lua_pushinteger(L, lsk_opt_shutdown(L, HOW));
  lua_replace(L, HOW);
  lsk_deadline deadline = lsk_handle_deadline(L, h, HOW + 1);
  lua_settop(L, HOW);
  return shutdown_k(L, LUA_OK, deadline);
}

static int detach_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, 1);
  if (failed) return failed;
  if (h->fd < 0) return lsk_fail_closed(L);
  failed = lsk_flush(L, h, deadline, detach_k);
  if (failed) return failed;
  lua_pushinteger(L, lsk_release_fd(h));
  (void)lsk_close_handle(L, h);
  lsk_tell_closed(L, 1);
  return 1;
}

/// Gives the fd away, after writing what is buffered, and closes the object
// without it. Bytes read ahead are lost.
// @function BasicSocket:detach
// @tparam[opt] table opts `timeout` in seconds for writing
// @treturn integer the fd, which is the caller's to close
// @error nil, err, errno: writing failed, and the socket stays as it was
static int detach(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  return detach_k(L, LUA_OK, check_call(L, h));
}

/// Whether the socket is closed. Answers to Ruby's `IO#closed?`.
// @function BasicSocket:is_closed
// @treturn boolean whether it is
static int is_closed(lua_State *L) {
  lua_pushboolean(L, lsk_check_handle(L, 1)->fd < 0);
  return 1;
}

/// The fd, which stays the socket's. Answers to Ruby's `IO#fileno`; also called
// `to_i` and `getfd`.
// @function BasicSocket:fileno
// @treturn integer the fd
// @error nil, err: closed
static int fileno_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  lua_pushinteger(L, h->fd);
  return 1;
}

/// Whether collecting the object closes the fd. Answers to Ruby's
// `IO#autoclose?`.
// @function BasicSocket:is_autoclose
// @treturn boolean whether it does
// @error nil, err: closed
static int is_autoclose(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  lua_pushboolean(L, !h->no_autoclose);
  return 1;
}

/// Sets whether collecting the object closes the fd: false for a borrowed one.
// Answers to Ruby's `IO#autoclose=`.
// @function BasicSocket:set_autoclose
// @tparam boolean on whether it does
// @treturn boolean true
// @error nil, err: closed
static int set_autoclose(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  luaL_checkany(L, 2);
  if (h->fd < 0) return lsk_fail_closed(L);
  h->no_autoclose = !lua_toboolean(L, 2);
  return succeed(L);
}

/// The socket itself. Answers to Ruby's `IO#to_io`.
// @function BasicSocket:to_io
// @treturn BasicSocket the socket
static int to_io(lua_State *L) {
  (void)lsk_check_handle(L, 1);
  lua_settop(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {
    {"close", close_},
    {"close_read", close_read},
    {"close_write", close_write},
    {"shutdown", shutdown_},
    {"detach", detach},
    {"is_closed", is_closed},
    {"fileno", fileno_},
    {"to_i", fileno_},
    {"getfd", fileno_},
    {"to_io", to_io},
    {"is_autoclose", is_autoclose},
    {"autoclose", is_autoclose},
    {"set_autoclose", set_autoclose},
    {NULL, NULL},
};

void lsk_open_op_close(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

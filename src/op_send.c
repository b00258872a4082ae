/*
** Sending without a buffer.
*/

#include "op_send.h"

#include "addr.h"
#include "arg.h"
#include "error.h"
#include "handle.h"
#include "names.h"
#include "wait.h"

#include <errno.h>

#include <lauxlib.h>

/* Stack slots: the arguments, then how many bytes a stream has taken so far. */
enum { SEND_DATA = 2, SEND_FLAGS, SEND_ADDRESS, SEND_FIELDS, SEND_DONE };

static const char *const timeout_only[] = {"timeout", NULL};

/* A failure after some bytes went out: the error tells what was sent. */
static int fail_midway(lua_State *L, int results, size_t done) {
  if (done == 0) return results;
  size_t size;
  const char *data = lua_tolstring(L, SEND_DATA, &size);
  lua_pushlstring(L, data + done, size - done);
  return lsk_fail_written(L, done);
}

/* Waits until more can be sent. A unix datagram's queue is full at the other
   end, which poll does not tell when the address came with the call. */
static int wait_to_send(lua_State *L, struct lsk_handle *h, bool to_address,
                        lsk_deadline deadline, lua_KFunction k) {
  if (to_address && h->domain == AF_UNIX)
    return lsk_nap(L, h, LSK_WRITABLE, deadline, k);
  return lsk_wait(L, h, LSK_WRITABLE, deadline, k);
}

static int send_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  struct lsk_sockaddr addr;
  bool to_address = !lua_isnil(L, SEND_ADDRESS);
  if (to_address) lsk_check_sockaddr(L, SEND_ADDRESS, &addr);
  int failed = lsk_wait_result(L, status, SEND_DONE);
  int flags = (int)lua_tointeger(L, SEND_FLAGS);
  size_t size, done = (size_t)lua_tointeger(L, SEND_DONE);
  const char *data = lua_tolstring(L, SEND_DATA, &size);
  for (;;) {
    if (failed == 0 && h->fd < 0) failed = lsk_fail_closed(L);
    if (failed) return fail_midway(L, failed, done);
    ssize_t rc = lsk_sys_send(h->fd, data + done, size - done,
                              flags | lsk_wait_flag(h, deadline),
                              to_address ? &addr : NULL);
    if (rc >= 0) {
      done += (size_t)rc;
      if (done == size || !lsk_is_stream(h)) break;
      lua_pushinteger(L, (lua_Integer)done);
      lua_replace(L, SEND_DONE);
    } else if (!lsk_should_wait(rc)) {
      failed = lsk_fail(L, to_address ? "sendto(2)" : "send(2)", (int)-rc);
    } else if (deadline == LSK_NOW && done > 0) {
      break; /* a short count, as asked for */
    } else {
      failed = wait_to_send(L, h, to_address, deadline, send_k);
    }
  }
  lua_pushinteger(L, (lua_Integer)done);
  return 1;
}

/// Sends bytes, all of them on a stream, or one message, waiting for room.
// Answers to Ruby's `BasicSocket#send`.
// @function BasicSocket:send
// @tparam string data the bytes
// @tparam[opt] flags flags `"OOB"`, `"DONTWAIT"` (may send less), ...
// @param[opt] address the destination
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer how many bytes were sent
// @error nil, err, errno; `err.written` and `err.rest` where some were sent
static int send_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  (void)luaL_checkstring(L, SEND_DATA);
  lsk_arg_fields(L, SEND_FLAGS, SEND_FIELDS, timeout_only);
  int flags = lsk_opt_flags(L, SEND_FLAGS, "MSG_");
  lua_pushinteger(L, flags);
  lua_replace(L, SEND_FLAGS);
  lsk_deadline deadline =
      flags & MSG_DONTWAIT ? LSK_NOW : lsk_handle_deadline(L, h, SEND_FIELDS);
  lua_pushinteger(L, 0);
  return send_k(L, LUA_OK, deadline);
}

static const luaL_Reg methods[] = {
    {"send", send_},
    {NULL, NULL},
};

void lsk_open_op_send(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

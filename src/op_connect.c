/*
** Binding, listening, connecting.
*/

#include "op_connect.h"

#include "addr.h"
#include "arg.h"
#include "error.h"
#include "handle.h"
#include "sockaddr_text.h"
#include "sys.h"
#include "sys_io.h"
#include "wait.h"

#include <errno.h>

#include <lauxlib.h>

static const char *const timeout_only[] = {"timeout", NULL};
static const char *const exception_only[] = {"exception", NULL};

/// Gives the socket a local address. Answers to Ruby's `Socket#bind`.
// @function Socket:bind
// @param address a packed string, an Addrinfo or a table; or `"any"`,
// `"loopback"`, `"broadcast"`: that address of the socket's family, with port 0
// @treturn integer 0
// @error nil, err, errno: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, ...
static int bind_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  struct lsk_sockaddr addr;
  bool fits = lsk_check_local_sockaddr(L, 2, h->domain, &addr);
  if (h->fd < 0) return lsk_fail_closed(L);
  if (!fits) return lsk_fail_at(L, "bind(2)", EAFNOSUPPORT, lua_tostring(L, 2));
  int rc = lsk_sys_bind(h->fd, &addr);
  if (rc < 0) return lsk_fail_sockaddr(L, "bind(2)", -rc, &addr);
  lua_pushinteger(L, 0);
  return 1;
}

/* Erlang's, where the program names none. */
enum { USUAL_BACKLOG = 5 };

/// Makes the socket take connections. Answers to Ruby's `Socket#listen`.
// @function Socket:listen
// @tparam[opt=5] integer backlog how many connections may wait to be accepted
// @treturn integer 0
// @error nil, err, errno
static int listen_(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  int backlog = lua_isnoneornil(L, 2) ? USUAL_BACKLOG : lsk_check_int(L, 2);
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_listen(h->fd, backlog);
  if (rc == 0) rc = lsk_set_nonblocking(h, true);
  if (rc < 0) return lsk_fail(L, "listen(2)", -rc);
  lua_pushinteger(L, 0);
  return 1;
}

/* Stack slots of a connect: the arguments, then whether the kernel is at it. */
enum { CONNECT_ADDRESS = 2, CONNECT_FIELDS, CONNECT_STARTED };

/* Starts the connection, non-blocking unless the call may sleep. */
static int start_connect(struct lsk_handle *h, const struct lsk_sockaddr *addr,
                         bool may_sleep) {
  int rc = may_sleep ? 0 : lsk_set_nonblocking(h, true);
  if (rc < 0) return rc;
  int started = lsk_sys_connect(h->fd, addr);
  rc = lsk_set_nonblocking(h, false);
  return rc < 0 ? rc : started;
}

/* How the connection that the kernel was at has ended: 0 | -errno. */
static int connect_outcome(const struct lsk_handle *h) {
  int err = 0;
  int rc = lsk_sys_getsockopt_int(h->fd, SO_ERROR, &err);
  return rc < 0 ? rc : -err;
}

static int fail_connect(lua_State *L, int err,
                        const struct lsk_sockaddr *addr) {
  return lsk_fail_sockaddr(L, "connect(2)", err, addr);
}

/* The results of a wait that failed: past the deadline it says what for. */
static int fail_connect_wait(lua_State *L, int results, lsk_deadline deadline,
                             const struct lsk_sockaddr *addr) {
  if (deadline == LSK_NOW || lsk_deadline_seconds(deadline) > 0) return results;
  lsk_push_sockaddr_text(L, addr);
  return lsk_fail_timeout_as(
      L, lua_pushfstring(L, "Connection timed out - connect(2) for %s",
                         lua_tostring(L, -1)));
}

static int connect_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  struct lsk_sockaddr addr;
  lsk_check_sockaddr(L, CONNECT_ADDRESS, &addr);
  int failed = lsk_wait_result(L, status, CONNECT_STARTED);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_WRITABLE, status, deadline, connect_k);
  bool started = lua_toboolean(L, CONNECT_STARTED);
  while (!failed) {
    if (h->fd < 0) return lsk_fail_closed(L);
    bool may_sleep = lsk_wait_flag(h, deadline) == 0;
    int rc = started ? connect_outcome(h) : start_connect(h, &addr, may_sleep);
    bool pending = rc == -EINPROGRESS || (rc == -EALREADY && deadline != 0);
    if (rc < 0 && !pending && rc != -EAGAIN) return fail_connect(L, -rc, &addr);
    if (rc == 0) {
      lua_pushinteger(L, 0);
      return 1;
    }
    started = pending;
    lua_pushboolean(L, started);
    lua_replace(L, CONNECT_STARTED);
    /* a unix socket's full queue is no state that poll could tell: EAGAIN */
    failed = started ? lsk_wait(L, h, LSK_WRITABLE, deadline, connect_k)
                     : lsk_nap(L, h, LSK_WRITABLE, deadline, connect_k);
  }
  return fail_connect_wait(L, failed, deadline, &addr);
}

static int connect_until(lua_State *L, lsk_deadline deadline) {
  lua_pushboolean(L, 0);
  return connect_k(L, LUA_OK, deadline);
}

/* How far the kernel is with the connection: 0 when it stands | -EAGAIN: it is
   at it | -errno. */
static int connect_progress(const struct lsk_handle *h) {
  struct pollfd entry = {.fd = h->fd, .events = LSK_WRITABLE};
  int rc = lsk_sys_poll(&entry, 1, 0);
  if (rc <= 0) return rc < 0 ? rc : -EAGAIN;
  rc = connect_outcome(h);
  struct lsk_sockaddr peer;
  return rc < 0 ? rc : lsk_sys_getpeername(h->fd, &peer);
}

/* Waits for the outcome of a connect that was started before. */
static int finish_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, CONNECT_FIELDS);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_WRITABLE, status, deadline, finish_k);
  while (!failed) {
    if (h->fd < 0) return lsk_fail_closed(L);
    lsk_wait_begin(h);
    int rc = connect_progress(h);
    if (rc == 0) {
      lua_pushinteger(L, 0);
      return 1;
    }
    if (!lsk_should_wait(rc)) return lsk_fail(L, "connect(2)", -rc);
    failed = lsk_wait(L, h, LSK_WRITABLE, deadline, finish_k);
  }
  return failed;
}

/// Connects to an address, and waits until that is done. On a datagram socket
// it sets the peer. Without an address it waits for the outcome of a connect
// that was started before, and did not end in time or had `timeout = "nowait"`.
// Answers to Ruby's `Socket#connect`.
// @function Socket:connect
// @param[opt] address a packed string, an Addrinfo or a table
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer 0
// @error nil, err, errno: `ECONNREFUSED`, `ENETUNREACH`, ..., `TimeoutError`;
//   `ENOTCONN` where none was started
static int connect_(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_arg_fields(L, CONNECT_FIELDS, CONNECT_FIELDS, timeout_only);
  lsk_deadline deadline = lsk_handle_deadline(L, h, CONNECT_FIELDS);
  return lua_isnil(L, CONNECT_ADDRESS) ? finish_k(L, LUA_OK, deadline)
                                       : connect_until(L, deadline);
}

/// Starts to connect, without waiting. A second call tells the outcome.
// Answers to Ruby's `Socket#connect_nonblock`.
// @function Socket:connect_nonblock
// @param address a packed string, an Addrinfo or a table
// @tparam[opt] table opts `exception = false`: `EISCONN` counts as 0
// @treturn integer 0 when the connection stands
// @error nil, `Socket.WAIT_WRITABLE` while it is being made; nil, err, errno
static int connect_nonblock(lua_State *L) {
  lsk_check_handle(L, 1);
  luaL_checkany(L, CONNECT_ADDRESS);
  lsk_arg_fields(L, CONNECT_FIELDS, CONNECT_FIELDS, exception_only);
  bool raises = lsk_arg_bool(L, CONNECT_FIELDS, "exception", true);
  int results = connect_until(L, LSK_NOW);
  if (raises || results != 3 || lua_tointeger(L, -1) != EISCONN) return results;
  lua_pushinteger(L, 0);
  return 1;
}

static const luaL_Reg methods[] = {
    {"bind", bind_},
    {"connect", connect_},
    {"connect_nonblock", connect_nonblock},
    {"listen", listen_},
    {NULL, NULL},
};

void lsk_open_op_connect(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

void lsk_open_op_listen(lua_State *L) {
  lua_pushcfunction(L, listen_);
  lua_setfield(L, -2, "listen");
}

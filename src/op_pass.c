/*
** Passing fds through unix sockets, one at a time.
*/

#include "op_pass.h"

#include "arg.h"
#include "cmsg.h"
#include "counters.h"
#include "error.h"
#include "handle.h"
#include "io.h"
#include "passed.h"
#include "sys_io.h"
#include "wait.h"

#include <limits.h>

#include <lauxlib.h>

/* Room for the control data of a message: more than one fd is found out. */
#define CONTROL_ROOM 256

static const char *const timeout_only[] = {"timeout", NULL};

/* Stack slots of send_io: the socket, what is passed, keywords. */
enum { SEND_IO = 2, SEND_FIELDS };

static ssize_t send_fd(struct lsk_handle *h, int fd, lsk_deadline deadline) {
  _Alignas(struct cmsghdr) char control[CONTROL_ROOM];
  char byte = 0;
  struct iovec piece = {.iov_base = &byte, .iov_len = 1};
  const struct lsk_cmsg rights = {.level = SOL_SOCKET,
                                  .type = SCM_RIGHTS,
                                  .data = (const char *)&fd,
                                  .length = sizeof fd};
  struct msghdr message = {
      .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control};
  message.msg_controllen = lsk_cmsg_put(control, 0, &rights);
  ssize_t rc = lsk_sys_sendmsg(h->fd, &message, lsk_wait_flag(h, deadline));
  lsk_count_sent(h, rc);
  return rc;
}

/* The fd to pass: of a socket or a file, -1 when that is closed. */
static int check_io(lua_State *L, int arg) {
  int fd;
  if (lsk_test_io(L, arg, &fd)) return fd;
  if (lua_type(L, arg) != LUA_TNUMBER)
    luaL_argerror(L, arg, "neither IO nor file descriptor");
  return lsk_check_range(L, arg, 0, INT_MAX);
}

static int send_io_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, SEND_FIELDS);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_WRITABLE, status, deadline, send_io_k);
  while (failed == 0) {
    int fd = check_io(L, SEND_IO);
    if (h->fd < 0 || fd < 0) return lsk_fail_closed(L);
    ssize_t rc = send_fd(h, fd, deadline);
    if (rc >= 0) break;
    if (!lsk_should_wait(rc)) return lsk_fail(L, "sendmsg(2)", (int)-rc);
    failed = lsk_wait(L, h, LSK_WRITABLE, deadline, send_io_k);
  }
  if (failed) return failed;
  lua_pushboolean(L, 1);
  return 1;
}

/// Passes an fd to the other end, along with one byte. One's own stays open.
// Answers to Ruby's `UNIXSocket#send_io`.
// @function UNIXSocket:send_io
// @param io a socket, a Lua file, or an fd
// @tparam[opt] table opts `timeout` in seconds
// @treturn boolean true
// @error nil, err, errno
static int send_io(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_arg_fields(L, SEND_FIELDS, SEND_FIELDS, timeout_only);
  (void)check_io(L, SEND_IO);
  return send_io_k(L, LUA_OK, lsk_handle_deadline(L, h, SEND_FIELDS));
}

/*
** Stack slots of recv_io: the socket, the class (nil: what fits; false: the
** fd itself), its mode, keywords, then the owner of what arrives.
*/
enum { RECV_CLASS = 2, RECV_MODE, RECV_FIELDS, RECV_PASSED };

static ssize_t receive(struct lsk_handle *h, struct lsk_passed *passed,
                       struct iovec *byte, lsk_deadline deadline) {
  struct msghdr message = {.msg_iov = byte,
                           .msg_iovlen = 1,
                           .msg_control = passed->control,
                           .msg_controllen = CONTROL_ROOM};
  ssize_t rc = lsk_sys_recvmsg(h->fd, &message, lsk_wait_flag(h, deadline));
  passed->size = rc < 0 ? 0 : message.msg_controllen;
  lsk_count_received(h, rc, rc == 0 && passed->size == 0);
  return rc;
}

/* Leaves the socket, the file or whatever a class makes, which owns the fd
   then: the count of results. The fd stays ours where that fails. */
static int push_object(lua_State *L, int fd, bool *is_owned) {
  *is_owned = false;
  if (lua_isnil(L, RECV_CLASS)) {
    int rc = lsk_push_io(L, fd);
    *is_owned = rc == 0;
    return rc < 0 ? lsk_fail(L, "fdopen(3)", -rc) : 1;
  }
  if (lua_isboolean(L, RECV_CLASS)) {
    lua_pushinteger(L, fd);
    *is_owned = true;
    return 1;
  }
  lua_getfield(L, RECV_CLASS, "for_fd");
  lua_pushinteger(L, fd);
  lua_pushvalue(L, RECV_MODE);
  lua_call(L, 2, 3);
  *is_owned = lua_toboolean(L, -3);
  if (!*is_owned) return 3;
  lua_pop(L, 2);
  return 1;
}

/* Why there is not exactly one fd, in Ruby's words; NULL if there is. */
static const char *complaint(lua_State *L, const struct lsk_passed *passed,
                             struct lsk_cmsg *rights) {
  size_t at = 0;
  bool found = false;
  while (!found && lsk_cmsg_next(passed->control, passed->size, &at, rights))
    found = lsk_cmsg_is_rights(rights);
  if (!found)
    return lua_pushfstring(L,
                           "file descriptor was not passed (msg_controllen=%d "
                           "smaller than sizeof(struct cmsghdr)=%d)",
                           (int)passed->size, (int)sizeof(struct cmsghdr));
  if (lsk_cmsg_fds(rights) == 1) return NULL;
  return lua_pushfstring(
      L, "file descriptor was not passed (cmsg_len=%d, %d expected)",
      (int)CMSG_LEN(rights->length), (int)CMSG_LEN(sizeof(int)));
}

/* Leaves the results. */
static int take(lua_State *L, struct lsk_passed *passed, const char *byte,
                ssize_t length) {
  struct lsk_cmsg rights;
  const char *why = complaint(L, passed, &rights);
  if (why != NULL) {
    int results = lsk_fail_named(L, "SocketError", why);
    if (length > 0) (void)lsk_fail_partial(L, byte, (size_t)length);
    return results;
  }
  bool is_owned;
  int results = push_object(L, lsk_cmsg_fd(&rights, 0), &is_owned);
  if (is_owned) lsk_cmsg_disown(&rights, 0);
  return results;
}

static int recv_io_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  struct lsk_passed *passed = lua_touserdata(L, RECV_PASSED);
  int failed = lsk_wait_result(L, status, RECV_PASSED);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, recv_io_k);
  while (failed == 0) {
    char byte = 0;
    struct iovec piece = {.iov_base = &byte, .iov_len = 1};
    if (h->fd < 0) return lsk_fail_closed(L);
    if (h->read_error != 0) return lsk_fail(L, "recvmsg(2)", h->read_error);
    ssize_t rc = receive(h, passed, &piece, deadline);
    if (rc >= 0) return take(L, passed, &byte, rc);
    if (!lsk_should_wait(rc)) {
      lsk_keep_read_error(h, (int)-rc);
      return lsk_fail(L, "recvmsg(2)", (int)-rc);
    }
    failed = lsk_wait(L, h, LSK_READABLE, deadline, recv_io_k);
  }
  return failed;
}

/* Whether the argument is a class, rather than keywords. */
static bool is_class(lua_State *L, int arg) {
  if (!lua_istable(L, arg)) return false;
  bool is = lua_getfield(L, arg, "for_fd") == LUA_TFUNCTION;
  lua_pop(L, 1);
  return is;
}

/// Takes an fd that the other end passes, along with one byte. It becomes a
// socket of the class that fits it, or a Lua file; `recv_io(nil)` gives the fd
// itself, which is the caller's to close. A message without an fd is an error,
// and so is one with several, which are closed. Answers to Ruby's
// `UNIXSocket#recv_io`.
// @function UNIXSocket:recv_io
// @tparam[opt] ?table class its `for_fd(fd, mode)` makes the object
// @tparam[opt] string mode
// @tparam[opt] table opts `timeout` in seconds
// @treturn BasicSocket|file|integer what was passed
// @error nil, err, errno: a SocketError where no fd came; `err.partial` is the
// byte that came instead
static int recv_io(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  bool is_fd = lua_gettop(L) >= RECV_CLASS && lua_isnil(L, RECV_CLASS);
  int first = is_class(L, RECV_CLASS) || is_fd ? RECV_MODE : RECV_CLASS;
  lsk_arg_fields(L, first, RECV_FIELDS, timeout_only);
  if (is_fd) {
    lua_pushboolean(L, 0);
    lua_replace(L, RECV_CLASS);
  } else if (!lua_isnil(L, RECV_CLASS) && !is_class(L, RECV_CLASS)) {
    return luaL_typeerror(L, RECV_CLASS, "class with for_fd");
  }
  lsk_deadline deadline = lsk_handle_deadline(L, h, RECV_FIELDS);
  (void)lsk_push_passed(L, CONTROL_ROOM);
  lua_toclose(L, RECV_PASSED);
  return recv_io_k(L, LUA_OK, deadline);
}

static const luaL_Reg methods[] = {
    {"recv_io", recv_io},
    {"send_io", send_io},
    {NULL, NULL},
};

void lsk_open_op_pass(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

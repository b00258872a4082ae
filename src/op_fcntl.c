/*
** Calls that pass through to the fd: fcntl, ioctl, and what they are for.
*/

#include "op_fcntl.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "requests.h"
#include "stream.h"
#include "sys.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include <fcntl.h>
#include <sys/ioctl.h>

#include <lauxlib.h>

/* More than any such call writes: the size that a request tells has 14 bits. */
#define SPACE 16384

/* Stack slots of such a call. */
enum { REQUEST = 2, ARGUMENT };

typedef int pass_through(int fd, unsigned long request, intptr_t argument);

static int pass_fcntl(int fd, unsigned long request, intptr_t argument) {
  return lsk_sys_fcntl(fd, (int)request, argument);
}

/* The bytes as long as the argument was, or as far as the kernel has written.
 */
static void push_bytes(lua_State *L, const char *space, size_t size,
                       size_t length) {
  while (size > length && space[size - 1] == '\0') size--;
  lua_pushlstring(L, space, size);
}

/* The call with the argument's bytes in a space of their own. */
static int call_with_bytes(lua_State *L, int fd, unsigned long request,
                           pass_through *call, const char *name) {
  size_t length;
  const char *bytes = lua_tolstring(L, ARGUMENT, &length);
  size_t size = length < SPACE ? SPACE : length;
  char *space = lua_newuserdatauv(L, size, 0);
  memset(space, 0, size);
  memcpy(space, bytes, length);
  int rc = call(fd, request, (intptr_t)space);
  if (rc < 0) return lsk_fail(L, name, -rc);
  lua_pushinteger(L, rc);
  push_bytes(L, space, size, length);
  return 2;
}

/* The body of both: (request[, argument]). */
static int pass(lua_State *L, pass_through *call, lua_Integer most,
                const char *name) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  lua_Integer request = luaL_checkinteger(L, REQUEST);
  luaL_argcheck(L, request >= INT_MIN && request <= most, REQUEST,
                "out of range");
  bool has_bytes = lua_type(L, ARGUMENT) == LUA_TSTRING;
  lua_Integer argument = has_bytes ? 0 : luaL_optinteger(L, ARGUMENT, 0);
  if (h->fd < 0) return lsk_fail_closed(L);
  unsigned long number = (unsigned long)request;
  if (has_bytes) return call_with_bytes(L, h->fd, number, call, name);
  int rc = call(h->fd, number, (intptr_t)argument);
  h->nonblocking = lsk_sys_is_nonblocking(h->fd) > 0; /* F_SETFL changes it */
  if (rc < 0) return lsk_fail(L, name, -rc);
  lua_pushinteger(L, rc);
  return 1;
}

/// Calls fcntl(2). A string is copied, and what the kernel made of it is the
// second result. Answers to Ruby's `IO#fcntl`.
// @function BasicSocket:fcntl
// @tparam integer command `F_...`, as a number
// @tparam[opt=0] integer|string argument a number, or a packed structure
// @treturn integer what the call gave
// @treturn string the structure, where one was given
// @error nil, err, errno
static int fcntl_(lua_State *L) {
  return pass(L, pass_fcntl, INT_MAX, "fcntl(2)");
}

/// Calls ioctl(2). A string is copied, and what the kernel made of it is the
// second result. Answers to Ruby's `IO#ioctl`.
//
// A request may also have a name of Erlang's, and give a value of Lua's. Of the
// socket: `"nread"` and `"nwrite"`, bytes to be read and not yet sent;
// `"atmark"`, whether urgent data is next; `"gifconf"`, a list of interfaces,
// each with `name` and `addr`. Of an interface, whose name follows:
// `"gifindex"`,
// `"gifmtu"`, `"giftxqlen"`, integers; `"gifaddr"`, `"gifdstaddr"`,
// `"gifbrdaddr"`, `"gifnetmask"`, `"gifhwaddr"`, addresses; `"gifflags"`, a
// list of names such as `"up"`; `"gifmap"`, a table. `"gifname"` takes an
// index. With an `s` in place of the `g` they set what follows the interface's
// name, and give true; `"sifflags"` takes a table of flags that are true or
// false.
// @function BasicSocket:ioctl
// @usage local flags = sock:ioctl("gifflags", "lo")
// sock:ioctl("sifmtu", "eth0", 1400)
// @tparam integer|string request the request's number, or its name
// @param[opt] argument a number, or a packed structure; the interface of a
// request with a name, and what it sets
// @return what the call gave; an integer, unless the request has a name
// @treturn string the structure, where one was given
// @error nil, err, errno
static int ioctl_(lua_State *L) {
  bool has_name = lua_type(L, REQUEST) == LUA_TSTRING && //
                  !lua_isnumber(L, REQUEST);
  if (has_name) return lsk_named_request(L, lsk_check_handle(L, 1), REQUEST);
  return pass(L, lsk_sys_ioctl, UINT_MAX, "ioctl(2)");
}

/// Whether a program that this process becomes loses the fd, as it does at
// first. Answers to Ruby's `IO#close_on_exec?`.
// @function BasicSocket:is_close_on_exec
// @treturn boolean whether it does
// @error nil, err, errno
static int is_close_on_exec(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_fcntl(h->fd, F_GETFD, 0);
  if (rc < 0) return lsk_fail(L, "fcntl(2)", -rc);
  lua_pushboolean(L, rc & FD_CLOEXEC);
  return 1;
}

/// Sets whether a program that this process becomes loses the fd. Answers to
// Ruby's `IO#close_on_exec=`.
// @function BasicSocket:set_close_on_exec
// @tparam boolean on whether it does
// @treturn boolean true
// @error nil, err, errno
static int set_close_on_exec(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  luaL_checkany(L, 2);
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_fcntl(h->fd, F_SETFD, lua_toboolean(L, 2) ? FD_CLOEXEC : 0);
  if (rc < 0) return lsk_fail(L, "fcntl(2)", -rc);
  lua_pushboolean(L, 1);
  return 1;
}

/// Whether the fd is in non-blocking mode. No call of a socket depends on it.
// Answers to Ruby's `IO#nonblock?`.
// @function BasicSocket:is_nonblock
// @treturn boolean whether it is
// @error nil, err, errno
static int is_nonblock(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_is_nonblocking(h->fd);
  if (rc < 0) return lsk_fail(L, "fcntl(2)", -rc);
  lua_pushboolean(L, rc);
  return 1;
}

/// Sets the fd's mode, which it shares with whoever else has it open. Answers
// to Ruby's `IO#nonblock=`.
// @function BasicSocket:set_nonblock
// @tparam boolean on whether it is to be
// @treturn boolean true
// @error nil, err, errno
static int set_nonblock(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  luaL_checkany(L, 2);
  if (h->fd < 0) return lsk_fail_closed(L);
  bool on = lua_toboolean(L, 2);
  int rc = lsk_sys_set_nonblocking(h->fd, on);
  if (rc < 0) return lsk_fail(L, "fcntl(2)", -rc);
  h->nonblocking = on;
  lua_pushboolean(L, 1);
  return 1;
}

/// How many bytes can be read at once, with those in the buffer. Answers to
// Ruby's `IO#nread`.
// @function BasicSocket:nread
// @treturn integer the count
// @error nil, err, errno
static int nread(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  int failed = lsk_check_reading(L, h);
  if (failed) return failed;
  int count = 0;
  int rc = lsk_sys_ioctl(h->fd, FIONREAD, (intptr_t)&count);
  if (rc < 0) return lsk_fail(L, "ioctl(2)", -rc);
  lua_pushinteger(L, count + (lua_Integer)lsk_buffer_length(&h->in));
  return 1;
}

static const luaL_Reg methods[] = {
    {"fcntl", fcntl_},
    {"ioctl", ioctl_},
    {"is_close_on_exec", is_close_on_exec},
    {"is_nonblock", is_nonblock},
    {"set_close_on_exec", set_close_on_exec},
    {"set_nonblock", set_nonblock},
    {"nread", nread},
    {NULL, NULL},
};

void lsk_open_op_fcntl(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

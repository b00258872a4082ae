/*
** Waiting as such: for a socket's readiness, for several fds, for time.
*/

#include "op_wait.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "names.h"
#include "wait.h"

#include <limits.h>
#include <string.h>

#include <lauxlib.h>

/* Stack slots of a wait: the socket, the events, then the entry for poll. */
enum { WAIT_EVENTS = 2, WAIT_ENTRY };

static int wait_k(lua_State *L, int status, lua_KContext deadline) {
  const struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, WAIT_ENTRY);
  if (failed) return failed;
  struct pollfd *entry = lua_touserdata(L, WAIT_ENTRY);
  if (entry->revents == 0 && status == LUA_OK) {
    failed = lsk_wait_many(L, entry, 1, deadline, wait_k);
    if (failed) return failed;
  }
  if (h->fd < 0) return lsk_fail_closed(L);
  if (entry->revents == 0) return lsk_fail_timeout(L);
  lua_pushvalue(L, 1);
  return 1;
}

/* Waits for events given as a number, with the seconds at `arg`. */
static int wait_for(lua_State *L, int events, int arg) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  double seconds =
      lua_isnoneornil(L, arg) ? h->timeout : lsk_check_timeout(L, arg);
  if (h->fd < 0) return lsk_fail_closed(L);
  if ((events & LSK_READABLE) && h->in.end > h->in.start) {
    lua_settop(L, 1);
    return 1;
  }
  lua_settop(L, WAIT_EVENTS);
  struct pollfd *entry = lua_newuserdatauv(L, sizeof *entry, 0);
  *entry = (struct pollfd){.fd = h->fd, .events = (short)events};
  return wait_k(L, LUA_OK, lsk_timeout_deadline(seconds));
}

/// Waits until there is something to read (bytes, a connection, the end).
// Buffered bytes count. Answers to Ruby's `IO#wait_readable`.
// @function BasicSocket:wait_readable
// @tparam[opt] number timeout seconds; the socket's own when left out
// @treturn BasicSocket the socket
// @error nil, `Socket.TIMEOUT`; nil, err, errno
static int wait_readable(lua_State *L) {
  return wait_for(L, LSK_READABLE, 2);
}

/// Waits until something can be written, or a connect has ended. Answers to
// Ruby's `IO#wait_writable`.
// @function BasicSocket:wait_writable
// @tparam[opt] number timeout seconds; the socket's own when left out
// @treturn BasicSocket the socket
// @error nil, `Socket.TIMEOUT`; nil, err, errno
static int wait_writable(lua_State *L) {
  return wait_for(L, LSK_WRITABLE, 2);
}

/// Waits for urgent (out-of-band) data. Answers to Ruby's `IO#wait_priority`.
// @function BasicSocket:wait_priority
// @tparam[opt] number timeout seconds; the socket's own when left out
// @treturn BasicSocket the socket
// @error nil, `Socket.TIMEOUT`; nil, err, errno
static int wait_priority(lua_State *L) {
  return wait_for(L, LSK_PRIORITY, 2);
}

/// Sets how long each call on this socket may wait, unless it says otherwise.
// Answers to Ruby's `IO#timeout=`.
// @function BasicSocket:set_timeout
// @tparam[opt] number timeout seconds; nil: for ever
// @treturn boolean true
static int set_timeout(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  h->timeout = lsk_check_timeout(L, 2);
  lua_pushboolean(L, 1);
  return 1;
}

/// The socket's timeout. Answers to Ruby's `IO#timeout`.
// @function BasicSocket:timeout
// @treturn number seconds, or nil
static int timeout(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->timeout < 0)
    lua_pushnil(L);
  else
    lua_pushnumber(L, h->timeout);
  return 1;
}

/* Stack slots of poll: fds, events, seconds, then the entries. */
enum { POLL_FDS = 1, POLL_EVENTS, POLL_SECONDS, POLL_ENTRIES };

static lua_Integer element(lua_State *L, int list, lua_Integer i) {
  lua_rawgeti(L, list, i);
  lua_Integer value = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return value;
}

/* Leaves the list of what each entry is ready for (0: nothing). */
static int push_ready(lua_State *L, const struct pollfd *entries,
                      size_t count) {
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushinteger(L, entries[i].revents);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int poll_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, POLL_ENTRIES);
  struct pollfd *entries = lua_touserdata(L, POLL_ENTRIES);
  size_t count = lua_rawlen(L, POLL_ENTRIES) / sizeof *entries;
  if (failed == 0 && status == LUA_OK)
    failed = lsk_wait_many(L, entries, count, deadline, poll_k);
  return failed ? failed : push_ready(L, entries, count);
}

/*
** poll(fds, events[, seconds]) -> list of ready events | nil, err, errno
** Past the deadline all of them are 0.
*/
static int poll_(lua_State *L) {
  luaL_checktype(L, POLL_FDS, LUA_TTABLE);
  luaL_checktype(L, POLL_EVENTS, LUA_TTABLE);
  double seconds = lsk_check_timeout(L, POLL_SECONDS);
  lua_settop(L, POLL_SECONDS);
  size_t count = lua_rawlen(L, POLL_FDS);
  struct pollfd *entries = lua_newuserdatauv(L, count * sizeof *entries, 0);
  for (size_t i = 0; i < count; i++) {
    entries[i].fd = (int)element(L, POLL_FDS, (lua_Integer)i + 1);
    entries[i].events = (short)element(L, POLL_EVENTS, (lua_Integer)i + 1);
    entries[i].revents = 0;
  }
  return poll_k(L, LUA_OK, lsk_timeout_deadline(seconds));
}

static int sleep_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, 1);
  if (failed == 0 && status == LUA_OK)
    failed = lsk_wait_many(L, NULL, 0, deadline, sleep_k);
  if (failed) return failed;
  lua_pushboolean(L, 1);
  return 1;
}

/// Lets time pass; the other tasks go on.
// @function Socket.sleep
// @tparam number seconds with fractions
// @treturn boolean true
// @error nil, err, errno
static int sleep_(lua_State *L) {
  luaL_checknumber(L, 1);
  double seconds = lsk_check_timeout(L, 1);
  return sleep_k(L, LUA_OK, lsk_timeout_deadline(seconds));
}

static const luaL_Reg methods[] = {
    {"set_timeout", set_timeout},     {"timeout", timeout},
    {"wait_priority", wait_priority}, {"wait_readable", wait_readable},
    {"wait_writable", wait_writable}, {NULL, NULL},
};

void lsk_open_op_wait(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

static const luaL_Reg functions[] = {
    {"poll", poll_},
    {"sleep", sleep_},
    {NULL, NULL},
};

void lsk_open_op_poll(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  lua_pushinteger(L, LSK_READABLE);
  lua_setfield(L, -2, "READABLE");
  lua_pushinteger(L, LSK_WRITABLE);
  lua_setfield(L, -2, "WRITABLE");
  lua_pushinteger(L, LSK_PRIORITY);
  lua_setfield(L, -2, "PRIORITY");
}

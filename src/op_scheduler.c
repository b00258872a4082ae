/*
** Other event loops: setting one, and being polled by one.
*/

#include "op_scheduler.h"

#include "ask.h"
#include "foreign.h"
#include "handle.h"

#include <stdbool.h>

#include <lauxlib.h>

/* How often the interpreter looks whether a signal has come, in seconds. */
#define LOOK 0.25

/* set(scheduler): who is asked to wait from now on; nil: nobody */
static int set(lua_State *L) {
  lua_settop(L, 1);
  lsk_set_scheduler(L);
  return 0;
}

/* get() -> scheduler */
static int get(lua_State *L) {
  lsk_push_scheduler(L);
  return 1;
}

/* on_close(fn): is called as fn(fd, is_collected) before a socket is closed
   whose fd another event loop may know */
static int on_close(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lsk_set_on_close(L);
  return 0;
}

/* asks() -> whether a call that waits here would ask the scheduler */
static int asks(lua_State *L) {
  lua_pushboolean(L, lsk_asks(L, lsk_get_state(L)));
  return 1;
}

static int block_k(lua_State *L, int status, lua_KContext end) {
  int failed = status == LUA_OK ? lsk_ask_to_block(L, 1, end, block_k)
                                : lsk_ask_result(L, 1);
  if (failed) return failed;
  lua_pushboolean(L, end == LSK_NEVER);
  return 1;
}

/*
** block(blocker) -> boolean | nil, err
** Has the scheduler let the coroutine wait until its `unblock` is called for
** the blocker: true. Or false, to be called again: the other loop does not say
** that a signal has come.
*/
static int block(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  bool heeds_signals = lsk_get_state(L)->process != NULL;
  return block_k(L, LUA_OK,
                 heeds_signals ? lsk_deadline_after(LOOK) : LSK_NEVER);
}

/* wake(sock): whoever waits for the socket looks again, as when it is closed */
static int wake(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd >= 0 && h->watch.is_shared)
    lsk_foreign_end(h->state, &h->watch, h->fd, false);
  return 0;
}

/// The fd, for an event loop that polls objects: with `events` and `timeout` a
// socket is one that a cqueues controller can poll. What was read ahead is no
// event: a `*_nonblock` call gives it.
// @function BasicSocket:pollfd
// @treturn integer the fd; nil when the socket is closed
static int pollfd_(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) {
    lua_pushnil(L);
    return 1;
  }
  h->watch.is_shared = true;
  lua_pushinteger(L, h->fd);
  return 1;
}

/// What such a loop is to wait for: what the last call wanted that would have
// blocked, or else to read.
// @function BasicSocket:events
// @treturn string `"r"` or `"w"`
static int events_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lua_pushstring(L, h->watch.wants_writing ? "w" : "r");
  return 1;
}

static const luaL_Reg functions[] = {
    {"asks", asks}, {"block", block}, {"get", get}, {"on_close", on_close},
    {"set", set},   {"wake", wake},   {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"events", events_},
    {"pollfd", pollfd_},
    {NULL, NULL},
};

void lsk_open_op_scheduler(lua_State *L) {
  lsk_open_foreign(L);
  luaL_setfuncs(L, functions, 0);
}

void lsk_open_op_pollable(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

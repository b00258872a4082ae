/*
** Telling of counters that have begun anew at 0.
*/

#include "wraps.h"

#include "handle.h"
#include "weak.h"

#include <lauxlib.h>

/* Registry key of the weak table: socket -> its listener, which it holds. */
static const char key = 0;

void lsk_set_listener(lua_State *L, int index, struct lsk_queue *listeners) {
  struct lsk_handle *h = lsk_test_handle(L, index);
  struct lsk_extra *extra = lsk_get_extra(h);
  if (extra == NULL) {
    luaL_error(L, "not enough memory");
    return;
  }
  index = lua_absindex(L, index);
  lsk_push_weak(L, &key);
  lua_pushvalue(L, index);
  lua_pushvalue(L, -3);
  extra->listeners = NULL; /* the table holds what it is a part of */
  lua_rawset(L, -3);
  extra->listeners = listeners;
  if (listeners == NULL) extra->wraps = 0;
  lua_pop(L, 2);
}

/* The names of the counters, as info has them, by their bits. */
static const char *const names[] = {
    "read_pkg",    "read_fails",   "read_waits",     "write_pkg",
    "write_fails", "write_waits",  "acc_success",    "acc_fails",
    "acc_waits",   "sendfile_pkg", "sendfile_fails", "sendfile_waits",
};

/* Leaves the message on the first counter noted, which is taken out, about the
   socket on top of the stack, in its place. */
static void push_message(lua_State *L, struct lsk_extra *extra) {
  int bit = 0;
  while ((extra->wraps >> bit & 1) == 0) bit++;
  lua_createtable(L, 0, 3);
  lua_insert(L, -2);
  lua_setfield(L, -2, "socket");
  lua_pushliteral(L, "counter_wrap");
  lua_setfield(L, -2, "type");
  lua_pushstring(L, names[bit]);
  lua_setfield(L, -2, "counter");
  extra->wraps &= (uint16_t)(extra->wraps - 1U); /* its bit is the lowest */
}

bool lsk_take_wrap(lua_State *L, struct lsk_state *state) {
  int listener = lua_gettop(L);
  bool is_any = false;
  lsk_push_weak(L, &key);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    struct lsk_extra *extra = lsk_test_handle(L, -2)->extra;
    bool is_own = lua_rawequal(L, -1, listener);
    lua_pop(L, 1);
    if (extra == NULL || extra->wraps == 0) continue;
    is_any = true;
    if (!is_own) continue;
    push_message(L, extra);
    lua_replace(L, listener);
    lua_settop(L, listener);
    return true;
  }
  state->has_wraps = is_any;
  lua_settop(L, listener - 1);
  return false;
}

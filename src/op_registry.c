/*
** Which sockets there are, and who is told when one closes. Choosing, printing
** and keeping who is told is done above, in Lua.
*/

#include "op_registry.h"

#include "error.h"
#include "handle.h"
#include "pieces.h"
#include "poller.h"
#include "registry.h"
#include "report.h"
#include "task.h"

#include <lauxlib.h>

/// How many open sockets are listed. Answers to Erlang's `socket:number_of`.
// @function Socket.number_of
// @treturn integer how many
static int number_of(lua_State *L) {
  lua_pushinteger(L, lsk_get_state(L)->registered);
  return 1;
}

/// Sets whether sockets made from now on are listed, which `number_of` and
// `which_sockets` tell of; at first they are. Accepted ones are listed if their
// server is. Answers to Erlang's `socket:use_registry`.
// @function Socket.use_registry
// @tparam[opt] boolean on whether they are; left out, nothing changes
// @treturn boolean true; without an argument whether they are
static int use_registry(lua_State *L) {
  struct lsk_state *state = lsk_get_state(L);
  if (lua_gettop(L) == 0) {
    lua_pushboolean(L, !state->no_registry);
    return 1;
  }
  luaL_checktype(L, 1, LUA_TBOOLEAN);
  state->no_registry = !lua_toboolean(L, 1);
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg functions[] = {
    {"number_of", number_of},
    {"use_registry", use_registry},
    {NULL, NULL},
};

void lsk_open_op_registry(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}

/* sockets() -> a list of the open ones that are listed */
static int sockets(lua_State *L) {
  struct lsk_state *state = lsk_get_state(L);
  lua_Integer count = 0;
  lua_createtable(L, state->registered, 0);
  for (int slot = 1; slot <= state->last_slot; slot++) {
    lsk_push_registered(L, state, slot);
    const struct lsk_handle *h = lsk_test_handle(L, -1);
    if (h != NULL && h->fd >= 0)
      lua_rawseti(L, -2, ++count);
    else
      lua_pop(L, 1);
  }
  return 1;
}

/* limits() -> the most pieces that one call sends, the poller's name */
static int limits(lua_State *L) {
  lua_pushinteger(L, LSK_PIECES_MAX);
  lua_pushstring(L, lsk_poller_name);
  return 2;
}

/* set_teller(fn): fn(socket) is called after a monitored socket has closed */
static int set_teller(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lsk_set_teller(L);
  return 0;
}

/* set_monitored(socket, whether) */
static int set_monitored(lua_State *L) {
  lsk_check_handle(L, 1)->is_monitored = lua_toboolean(L, 2);
  return 0;
}

/* tell(err, traceback): tells on_error, but of the error that ends a task that
   was canceled */
static int tell(lua_State *L) {
  struct lsk_state *state = lsk_get_state(L);
  lua_settop(L, 2);
  lsk_push_canceled(L);
  if (lua_rawequal(L, 1, -1)) return 0;
  lua_settop(L, 2);
  lsk_push_on_error(L);
  lua_insert(L, 1);
  if (state->task == NULL)
    lua_pushnil(L);
  else
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->task->anchor);
  if (lua_pcall(L, 3, 0, 0) != LUA_OK) lsk_print_failure(state, L);
  return 0;
}

static const luaL_Reg parts[] = {
    {"limits", limits},
    {"set_monitored", set_monitored},
    {"set_teller", set_teller},
    {"sockets", sockets},
    {"tell", tell},
    {NULL, NULL},
};

void lsk_open_op_registry_parts(lua_State *L) {
  luaL_setfuncs(L, parts, 0);
}

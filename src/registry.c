/*
** The list of open sockets. A free slot has the number of the next free one.
*/

#include "registry.h"

static const char key = 0; /* its address is the list's registry key */

int lsk_register(lua_State *L, struct lsk_state *state) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  int slot = state->free_slot;
  if (slot == 0) {
    slot = state->last_slot + 1;
  } else {
    lua_rawgeti(L, -1, slot);
    state->free_slot = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, slot); /* a slot that was used needs no memory */
  lua_pop(L, 1);
  if (slot > state->last_slot) state->last_slot = slot;
  return slot;
}

void lsk_unregister(lua_State *L, struct lsk_state *state, int slot) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  lua_pushinteger(L, state->free_slot);
  lua_rawseti(L, -2, slot);
  lua_pop(L, 1);
  state->free_slot = slot;
}

void lsk_push_registered(lua_State *L, int slot) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  lua_rawgeti(L, -1, slot);
  lua_remove(L, -2);
}

void lsk_open_registry(lua_State *L) {
  bool is_there = lua_rawgetp(L, LUA_REGISTRYINDEX, &key) != LUA_TNIL;
  lua_pop(L, 1);
  if (is_there) return;
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

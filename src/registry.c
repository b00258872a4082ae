/*
** The list of open sockets. A free slot has the number of the next free one.
*/

#include "registry.h"

#include "weak.h"

#include <lauxlib.h>

#define LEAST_ROOM 64

static void push_list(lua_State *L, const struct lsk_state *state) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->list);
}

/*
** Makes room in the list, which is on top of the stack, and stays there. Lua
** would double it, and its room is a good part of what an idle socket costs.
*/
static void grow(lua_State *L, struct lsk_state *state) {
  int room = state->last_slot + state->last_slot / 8 + LEAST_ROOM;
  lua_createtable(L, room, 0);
  lua_getmetatable(L, -2);
  lua_setmetatable(L, -2);
  for (int slot = 1; slot <= state->last_slot; slot++) {
    lua_rawgeti(L, -2, slot);
    lua_rawseti(L, -2, slot);
  }
  lua_replace(L, -2);
  lua_pushvalue(L, -1);
  lua_rawseti(L, LUA_REGISTRYINDEX, state->list);
  state->slot_room = room;
}

/* A slot of the list on top of the stack, which has room for it. */
static int take_slot(lua_State *L, struct lsk_state *state) {
  int slot = state->free_slot;
  if (slot == 0) return ++state->last_slot;
  lua_rawgeti(L, -1, slot);
  state->free_slot = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return slot;
}

int lsk_register(lua_State *L, struct lsk_state *state) {
  push_list(L, state);
  if (state->free_slot == 0 && state->last_slot == state->slot_room)
    grow(L, state);
  int slot = take_slot(L, state);
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, slot); /* needs no memory */
  lua_pop(L, 1);
  return slot;
}

void lsk_unregister(lua_State *L, struct lsk_state *state, int slot) {
  push_list(L, state);
  lua_pushinteger(L, state->free_slot);
  lua_rawseti(L, -2, slot);
  lua_pop(L, 1);
  state->free_slot = slot;
}

void lsk_push_registered(lua_State *L, const struct lsk_state *state,
                         int slot) {
  push_list(L, state);
  lua_rawgeti(L, -1, slot);
  lua_remove(L, -2);
}

void lsk_open_registry(lua_State *L) {
  struct lsk_state *state = lsk_get_state(L);
  if (state->list != 0) return;
  lsk_new_weak(L, "v");
  state->list = luaL_ref(L, LUA_REGISTRYINDEX);
}

/*
** What few sockets have: values beside the fields of struct lsk_handle.
*/

#include "settings.h"

#include "handle.h"

#include <stdbool.h>

#include <lauxlib.h>

/* Registry key of the table: socket -> its values. */
static const char key = 0;

int lsk_push_setting(lua_State *L, int index, const char *name) {
  const struct lsk_handle *h = lsk_test_handle(L, index);
  if (h == NULL || !h->has_settings) {
    lua_pushnil(L);
    return LUA_TNIL;
  }
  index = lua_absindex(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  lua_pushvalue(L, index);
  lua_rawget(L, -2);
  int type = lua_getfield(L, -1, name);
  lua_replace(L, -3);
  lua_pop(L, 1);
  return type;
}

/* Leaves the table of all sockets, which is made once. */
static void push_all(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) != LUA_TNIL) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

void lsk_set_setting(lua_State *L, int index, const char *name) {
  struct lsk_handle *h = lsk_test_handle(L, index);
  index = lua_absindex(L, index);
  push_all(L);
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, index);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
    h->has_settings = true;
  }
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, name);
  lua_pop(L, 3);
}

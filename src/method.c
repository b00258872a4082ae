/*
** The name of the method that runs.
*/

#include "method.h"

#include <stdbool.h>

#include <lauxlib.h>

/* Leaves the smallest name that the table gives the function, or nil. */
static void push_name_in(lua_State *L, int table, int function) {
  lua_pushnil(L);
  int found = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
    if (!lua_rawequal(L, -1, function) || lua_type(L, -2) != LUA_TSTRING)
      continue;
    bool is_smaller =
        lua_isnil(L, found) || lua_compare(L, -2, found, LUA_OPLT);
    if (!is_smaller) continue;
    lua_pushvalue(L, -2);
    lua_replace(L, found);
  }
}

/* Puts the name that a class of the object has for the function on top in its
   place, or "?". */
static void find_name(lua_State *L, int object) {
  int function = lua_gettop(L);
  int type = luaL_getmetafield(L, object, "__index");
  while (type == LUA_TTABLE) {
    push_name_in(L, lua_gettop(L), function);
    if (!lua_isnil(L, -1)) break;
    lua_pop(L, 1);
    type = luaL_getmetafield(L, -1, "__index");
  }
  if (type != LUA_TTABLE) lua_pushliteral(L, "?");
  lua_replace(L, function);
  lua_settop(L, function);
}

/* Whether the object has the function on top by that name. */
static bool has_method(lua_State *L, int object, const char *name) {
  if (name == NULL) return false;
  (void)lua_getfield(L, object, name);
  bool is_same = lua_rawequal(L, -1, -2);
  lua_pop(L, 1);
  return is_same;
}

void lsk_push_method(lua_State *L, int object) {
  lua_Debug call;
  if (!lua_getstack(L, 0, &call) || !lua_getinfo(L, "nf", &call)) {
    lua_pushliteral(L, "?");
    return;
  }
  if (!has_method(L, object, call.name)) {
    find_name(L, object);
    return;
  }
  lua_pop(L, 1);
  lua_pushstring(L, call.name);
}

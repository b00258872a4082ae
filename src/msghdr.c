/*
** Messages as Lua tables.
*/

#include "msghdr.h"

#include "addr.h"
#include "cmsg_table.h"
#include "consts.h"
#include "field.h"
#include "names.h"

#include <string.h>

#include <lauxlib.h>

static const char *const names[] = {"iov", "addr", "ctrl", "flags", NULL};

bool lsk_is_msghdr(lua_State *L, int index) {
  if (!lua_istable(L, index)) return false;
  bool is_list = lua_rawgeti(L, index, 1) != LUA_TNIL;
  lua_pop(L, 1);
  for (int i = 0; !is_list && names[i] != NULL; i++) {
    lua_pushstring(L, names[i]);
    bool is_there = lua_rawget(L, index) != LUA_TNIL;
    lua_pop(L, 1);
    if (is_there) return true;
  }
  return false;
}

/* Puts the message's data in its place at `index`. */
static void take_data(lua_State *L, int message, int index) {
  if (lua_getfield(L, message, "iov") == LUA_TNIL)
    luaL_argerror(L, index, "a message needs a field 'iov'");
  lua_replace(L, index);
}

/* Leaves the message's address; its place, which it takes meanwhile, is what a
   complaint names. */
static void take_address(lua_State *L, int message, int index) {
  struct lsk_sockaddr addr;
  if (lua_getfield(L, message, "addr") == LUA_TNIL) return;
  lua_replace(L, index);
  lsk_check_sockaddr(L, index, &addr);
  lsk_push_sockaddr(L, &addr);
}

static void take_controls(lua_State *L, int message, int index, int family) {
  int type = lua_getfield(L, message, "ctrl");
  if (type == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  if (type != LUA_TTABLE)
    luaL_argerror(L, index,
                  lua_pushfstring(L, "ctrl must be a list, not %s",
                                  luaL_typename(L, -1)));
  int list = lua_gettop(L);
  lua_Unsigned count = lua_rawlen(L, list);
  for (lua_Unsigned i = 1; i <= count; i++) {
    lua_rawgeti(L, list, (lua_Integer)i);
    lsk_push_ancdata_at(L, -1, index, family);
    lua_remove(L, -2);
  }
  lua_remove(L, list);
}

int lsk_split_msghdr(lua_State *L, int index, int family) {
  int flags = 0;
  lua_settop(L, index);
  lua_pushvalue(L, index);
  int message = lua_gettop(L);
  lsk_check_fields(L, message, index, "message", names);
  if (lua_getfield(L, message, "flags") != LUA_TNIL)
    flags = lsk_flags_at(L, -1, index, "MSG_");
  lua_pop(L, 1);
  take_address(L, message, index);
  take_controls(L, message, index, family);
  take_data(L, message, index);
  lua_remove(L, message);
  return flags;
}

void lsk_push_message_flags(lua_State *L, int flags) {
  const char *prefix = "MSG_";
  lua_Integer count = 0;
  lua_newtable(L);
  for (int bit = 1; flags != 0 && bit > 0; bit *= 2) {
    const char *name = flags & bit ? lsk_const_name(prefix, bit) : NULL;
    if (name == NULL) continue;
    flags &= ~bit;
    lsk_push_lower(L, name + strlen(prefix));
    lua_rawseti(L, -2, ++count);
  }
  if (flags == 0) return;
  lua_pushinteger(L, flags);
  lua_rawseti(L, -2, ++count);
}

void lsk_push_msghdr(lua_State *L, const char *bytes, size_t length,
                     const struct lsk_sockaddr *from, int flags) {
  lua_createtable(L, 0, 4);
  lua_createtable(L, 1, 0);
  lua_pushlstring(L, bytes, length);
  lua_rawseti(L, -2, 1);
  lua_setfield(L, -2, "iov");
  if (from->length > 0) {
    lsk_push_sockaddr_table(L, from);
    lua_setfield(L, -2, "addr");
  }
  lsk_push_message_flags(L, flags);
  lua_setfield(L, -2, "flags");
}

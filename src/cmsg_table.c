/*
** Control messages as Lua tables.
*/

#include "cmsg_table.h"

#include "ancdata.h"
#include "cmsg_types.h"
#include "field.h"
#include "names.h"

#include <lauxlib.h>

/* Leaves what the bytes mean; false where that is not known. */
static bool push_value(lua_State *L, const struct lsk_cmsg *message) {
  const struct lsk_cmsg_type *type =
      lsk_cmsg_type(message->level, message->type);
  return type != NULL &&
         lsk_unpack(L, type->codec, message->data, message->length);
}

void lsk_push_cmsg_table(lua_State *L, int family,
                         const struct lsk_cmsg *message) {
  const char *level = lsk_level_short(family, message->level);
  const struct lsk_cmsg_type *type =
      lsk_cmsg_type(message->level, message->type);
  lua_createtable(L, 0, 4);
  if (level != NULL)
    lsk_push_lower(L, level);
  else
    lua_pushinteger(L, message->level);
  lua_setfield(L, -2, "level");
  if (type != NULL)
    lua_pushstring(L, type->name);
  else
    lua_pushinteger(L, message->type);
  lua_setfield(L, -2, "type");
  lsk_set_bytes(L, "data", message->data, message->length);
  if (push_value(L, message)) lua_setfield(L, -2, "value");
}

/* The type at `index`: a name of Erlang's, or one as Ruby knows them. */
static int type_at(lua_State *L, int index, int arg, int family, int level) {
  size_t length;
  const struct lsk_cmsg_type *type = NULL;
  if (lua_type(L, index) == LUA_TSTRING) {
    const char *name = lua_tolstring(L, index, &length);
    type = lsk_cmsg_type_named(level, name, length);
  }
  if (type != NULL) return type->type;
  return lsk_cmsg_type_at(L, index, arg, family, level);
}

/* Leaves the message of the level, the type and the bytes on top, in place of
   these. */
static void make_triple(lua_State *L, int arg, int family) {
  struct lsk_cmsg message;
  message.level = lsk_level_at(L, -3, arg, family);
  message.type = type_at(L, -2, arg, family, message.level);
  message.data = lua_tolstring(L, -1, &message.length);
  if (message.data == NULL)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "control data must be a string, not %s",
                                  luaL_typename(L, -1)));
  (void)lsk_push_ancdata(L, family, &message);
  lua_insert(L, -4);
  lua_pop(L, 3);
}

static void push_triple(lua_State *L, int index, int arg, int family) {
  if (lua_rawlen(L, index) != 3)
    luaL_argerror(L, arg, "an element of controls should be 3-elements array");
  for (int i = 1; i <= 3; i++) lua_rawgeti(L, index, i);
  make_triple(L, arg, family);
}

/* Leaves the value that the message is made of: whether it has to be packed. */
static bool push_contents(lua_State *L, int index, int arg) {
  if (lua_getfield(L, index, "value") != LUA_TNIL) return true;
  lua_pop(L, 1);
  int type = lua_getfield(L, index, "data");
  if (type == LUA_TNIL)
    luaL_argerror(L, arg, "a control message needs a field 'value' or 'data'");
  return type != LUA_TSTRING;
}

/* Leaves the message of a table with names; it holds the objects that it
   passes. */
static void push_named(lua_State *L, int index, int arg, int family) {
  static const char *const names[] = {"level", "type", "value", "data", NULL};
  lsk_check_fields(L, index, arg, "control message", names);
  bool is_packed = !push_contents(L, index, arg);
  int contents = lua_gettop(L);
  lua_getfield(L, index, "level");
  int level = lsk_level_at(L, -1, arg, family);
  lua_getfield(L, index, "type");
  int number = type_at(L, -1, arg, family, level);
  const struct lsk_cmsg_type *type = lsk_cmsg_type(level, number);
  const struct lsk_codec *codec =
      type == NULL || is_packed ? &lsk_codec_bytes : type->codec;
  lsk_pack(L, codec, contents, arg);
  struct lsk_cmsg message = {.level = level, .type = number};
  message.data = lua_tolstring(L, -1, &message.length);
  (void)lsk_push_ancdata(L, family, &message);
  if (!is_packed && lsk_cmsg_is_rights(&message)) {
    lua_pushvalue(L, contents);
    (void)lua_setiuservalue(L, -2, LSK_ANCDATA_OBJECTS);
  }
  lua_replace(L, contents);
  lua_settop(L, contents);
}

void lsk_push_ancdata_at(lua_State *L, int index, int arg, int family) {
  index = lua_absindex(L, index);
  luaL_checkstack(L, LUA_MINSTACK, "too many control messages");
  if (lsk_test_ancdata(L, index) != NULL) {
    lua_pushvalue(L, index);
  } else if (!lua_istable(L, index)) {
    luaL_argerror(
        L, arg,
        lua_pushfstring(L,
                        "AncillaryData or {level, type, data} expected, got %s",
                        luaL_typename(L, index)));
  } else if (lua_rawgeti(L, index, 1) != LUA_TNIL) {
    lua_pop(L, 1);
    push_triple(L, index, arg, family);
  } else {
    lua_pop(L, 1);
    push_named(L, index, arg, family);
  }
}

/// What the message's bytes mean, if that is known: an integer for
// `"TTL"`, `{ifindex=, spec_dst=, addr=}` for `"PKTINFO"`, a table with the
// fields `error`, `origin`, `type`, `code`, `info`, `data` and `offender` for
// `"RECVERR"`, and so on, as in the table form of messages.
// @function AncillaryData:value
// @return the value; nil where it is not known
static int value(lua_State *L) {
  const struct lsk_ancdata *self = lsk_check_ancdata(L, 1);
  struct lsk_cmsg message = {.level = self->level,
                             .type = self->type,
                             .data = self->data,
                             .length = self->length};
  if (lsk_cmsg_is_rights(&message))
    lua_getiuservalue(L, 1, LSK_ANCDATA_OBJECTS);
  else if (!push_value(L, &message))
    lua_pushnil(L);
  return 1;
}

void lsk_open_cmsg_table(lua_State *L) {
  lua_pushcfunction(L, value);
  lua_setfield(L, -2, "value");
}

/*
** Data to send, as a Lua program writes it, as pieces for one system call.
*/

#include "pieces.h"

#include <stdint.h>

#include <lauxlib.h>

/* An array that holds itself ends here, too. */
#define MOST_NESTED 100

static bool is_array(lua_State *L, int index) {
  if (!lua_istable(L, index)) return false;
  if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

/* Leaves the string that the value at `index`, within argument `arg`, is. */
static void push_text(lua_State *L, int index, int arg, enum lsk_text text) {
  if (lua_isstring(L, index)) {
    lua_pushvalue(L, index);
    (void)lua_tostring(L, -1);
  } else if (text == LSK_DATA) {
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "string or array expected, got %s",
                                  luaL_typename(L, index)));
  } else if (lua_isnil(L, index)) {
    lua_pushliteral(L, "");
  } else {
    luaL_tolstring(L, index, NULL);
  }
}

void lsk_check_pieces(lua_State *L, int first, int last, enum lsk_text text) {
  for (int i = first; i <= last; i++) {
    if (lua_type(L, i) == LUA_TSTRING || is_array(L, i)) continue;
    push_text(L, i, i, text);
    lua_replace(L, i);
  }
}

static bool needs_newline(const char *bytes, size_t length,
                          enum lsk_text text) {
  return text == LSK_LINES && (length == 0 || bytes[length - 1] != '\n');
}

static bool add(struct lsk_pieces *pieces, const char *bytes, size_t length) {
  if (length == 0) return true;
  if (pieces->count == LSK_PIECES_MAX) return false;
  pieces->at[pieces->count++] =
      (struct iovec){(void *)(uintptr_t)bytes, length}; /* only read */
  pieces->total += length;
  return true;
}

static bool add_string(lua_State *L, int index, enum lsk_text text,
                       struct lsk_pieces *pieces) {
  size_t length;
  const char *bytes = lua_tolstring(L, index, &length);
  if (!add(pieces, bytes, length)) return false;
  return !needs_newline(bytes, length, text) || add(pieces, "\n", 1);
}

/* The strings of an array of strings: the array holds them. An array within, or
   a number, whose string nobody would hold, is left to the flat array. */
static bool add_array(lua_State *L, int index, enum lsk_text text,
                      struct lsk_pieces *pieces) {
  lua_Unsigned count = lua_rawlen(L, index);
  for (lua_Unsigned i = 1; i <= count; i++) {
    bool is_string = lua_rawgeti(L, index, (lua_Integer)i) == LUA_TSTRING;
    bool fits = is_string && add_string(L, -1, text, pieces);
    lua_pop(L, 1);
    if (!fits) return false;
  }
  return true;
}

bool lsk_get_pieces(lua_State *L, int first, int last, enum lsk_text text,
                    struct lsk_pieces *pieces) {
  pieces->count = pieces->total = 0;
  for (int i = first; i <= last; i++) {
    bool fits = lua_type(L, i) == LUA_TSTRING ? add_string(L, i, text, pieces)
                                              : add_array(L, i, text, pieces);
    if (!fits) return false;
  }
  return true;
}

/* The flat array being made. */
struct flat {
  int index;         /* its place on the stack */
  int arg;           /* the argument that its next strings are of */
  lua_Integer count; /* strings so far */
  enum lsk_text text;
};

/* Appends the string on top, and pops it. */
static void append(lua_State *L, struct flat *flat) {
  size_t length;
  const char *bytes = lua_tolstring(L, -1, &length);
  bool ends_line = needs_newline(bytes, length, flat->text);
  lua_rawseti(L, flat->index, ++flat->count);
  if (!ends_line) return;
  lua_pushliteral(L, "\n");
  lua_rawseti(L, flat->index, ++flat->count);
}

/* Appends the value at `index`, which is absolute. */
static void append_value(lua_State *L, int index, struct flat *flat,
                         int nested) { /* NOLINT(misc-no-recursion): bounded */
  if (!is_array(L, index)) {
    push_text(L, index, flat->arg, flat->text);
    append(L, flat);
    return;
  }
  if (nested > MOST_NESTED)
    luaL_argerror(L, flat->arg, "array nested too deeply");
  luaL_checkstack(L, 4, "array nested too deeply");
  lua_Unsigned count = lua_rawlen(L, index);
  for (lua_Unsigned i = 1; i <= count; i++) {
    lua_rawgeti(L, index, (lua_Integer)i);
    append_value(L, lua_gettop(L), flat, nested + 1);
    lua_pop(L, 1);
  }
}

void lsk_push_pieces(lua_State *L, int first, int last, enum lsk_text text) {
  lua_newtable(L);
  struct flat flat = {.index = lua_gettop(L), .text = text};
  for (int i = first; i <= last; i++) {
    flat.arg = i;
    append_value(L, i, &flat, 0);
  }
}

bool lsk_settle_pieces(lua_State *L, int index, struct lsk_pieces *pieces) {
  lsk_check_pieces(L, index, index, LSK_DATA);
  if (lsk_get_pieces(L, index, index, LSK_DATA, pieces)) return true;
  lsk_push_pieces(L, index, index, LSK_DATA);
  lua_replace(L, index);
  return lsk_get_pieces(L, index, index, LSK_DATA, pieces);
}

void lsk_join_pieces(lua_State *L, int index) {
  luaL_Buffer joined;
  luaL_buffinit(L, &joined);
  lua_Unsigned count = lua_rawlen(L, index);
  for (lua_Unsigned i = 1; i <= count; i++) {
    lua_rawgeti(L, index, (lua_Integer)i);
    luaL_addvalue(&joined);
  }
  luaL_pushresult(&joined);
  lua_replace(L, index);
}

void lsk_add_rest(lua_State *L, int index, const struct lsk_progress *progress,
                  struct lsk_pieces *pieces) {
  size_t offset = progress->offset, count = lua_rawlen(L, index);
  for (size_t i = progress->next; i <= count; i++, offset = 0) {
    lua_rawgeti(L, index, (lua_Integer)i);
    size_t length;
    const char *bytes = lua_tolstring(L, -1, &length);
    lua_pop(L, 1); /* the array holds it */
    if (!add(pieces, bytes + offset, length - offset)) return;
  }
}

void lsk_note_sent(lua_State *L, int index, struct lsk_progress *progress,
                   size_t sent) {
  size_t count = lua_rawlen(L, index);
  progress->done += sent;
  progress->offset += sent;
  for (; progress->next <= count; progress->next++) {
    lua_rawgeti(L, index, (lua_Integer)progress->next);
    size_t length = lua_rawlen(L, -1);
    lua_pop(L, 1);
    if (progress->offset < length) break;
    progress->offset -= length;
  }
}

void lsk_push_rest(lua_State *L, int index,
                   const struct lsk_progress *progress) {
  size_t next = progress->next, offset = progress->offset;
  size_t count = lua_rawlen(L, index);
  if (next == count && offset == 0) {
    lua_rawgeti(L, index, (lua_Integer)next);
    return;
  }
  luaL_Buffer rest;
  luaL_buffinit(L, &rest);
  for (; next <= count; next++, offset = 0) {
    lua_rawgeti(L, index, (lua_Integer)next);
    size_t length;
    const char *bytes = lua_tolstring(L, -1, &length);
    lua_pushlstring(L, bytes + offset, length - offset);
    lua_remove(L, -2);
    luaL_addvalue(&rest);
  }
  luaL_pushresult(&rest);
}

/*
** Short strings that were pushed lately, found again without Lua's hash.
*/

#include "recent.h"

#include <string.h>

#include <lauxlib.h>

/* Shorter ones are hashed as fast, longer ones Lua does not hash. */
#define SHORTEST sizeof(uint64_t)
#define LONGEST ((size_t)40)

void lsk_open_recent(lua_State *L, struct lsk_recent recent[LSK_RECENT_COUNT]) {
  for (size_t i = 0; i < LSK_RECENT_COUNT; i++) {
    lua_pushboolean(L, 0);
    recent[i] = (struct lsk_recent){.ref = luaL_ref(L, LUA_REGISTRYINDEX)};
  }
}

static uint64_t load(const char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

/* A quick key: of the first, the middle and the last eight bytes. */
static uint64_t key_of(const char *bytes, size_t length) {
  uint64_t first = load(bytes);
  uint64_t middle = load(bytes + (length - SHORTEST) / 2);
  uint64_t last = load(bytes + length - SHORTEST);
  uint64_t mixed = first ^ (middle << 21 | middle >> 43) ^
                   (last << 42 | last >> 22) ^ length;
  return mixed * UINT64_C(0x9E3779B97F4A7C15);
}

static void keep(lua_State *L, struct lsk_recent *place) {
  lua_pushvalue(L, -1);
  lua_rawseti(L, LUA_REGISTRYINDEX, place->ref);
  place->bytes = lua_tolstring(L, -1, &place->length);
}

void lsk_push_recent(lua_State *L, struct lsk_recent recent[LSK_RECENT_COUNT],
                     const char *bytes, size_t length) {
  if (length < SHORTEST || length > LONGEST) {
    lua_pushlstring(L, bytes, length);
    return;
  }
  uint64_t key = key_of(bytes, length);
  struct lsk_recent *place = &recent[key >> 58];
  if (place->key != key) {
    place->key = key;
    lua_pushlstring(L, bytes, length);
  } else if (place->bytes != NULL && place->length == length &&
             memcmp(place->bytes, bytes, length) == 0) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, place->ref);
  } else {
    lua_pushlstring(L, bytes, length);
    keep(L, place);
  }
}

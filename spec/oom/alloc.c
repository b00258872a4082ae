/*
** The Lua module `alloc`: makes the state's allocator fail on purpose, and
** counts what is allocated from it behind Lua's back.
*/

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>

/* The process has one Lua state, so this is shared. */
static struct {
  lua_Alloc allocate; /* the state's own; NULL: not installed */
  void *ud;
  size_t bytes;       /* given out and not taken back */
  lua_Integer wanted; /* the request that fails; 0: none */
  lua_Integer count;  /* requests since */
  bool lasting;       /* all after it fail, too */
  bool repeats;       /* the next one is Lua's second try */
  bool failed;
  bool collecting; /* each new object's first request fails */
} alloc;

/* Lua tries each request a second time after collecting garbage, so that both
   have to fail. */
static bool is_to_fail(void) {
  if (alloc.wanted == 0) return false;
  if (alloc.repeats) {
    alloc.repeats = false;
    return true;
  }
  alloc.count++;
  if (alloc.count == alloc.wanted) {
    alloc.failed = true;
    alloc.repeats = !alloc.lasting;
    return true;
  }
  return alloc.lasting && alloc.count > alloc.wanted;
}

/* Lua collects garbage and tries again, while nothing but what is reachable
   holds the objects that are being worked on. */
static bool is_to_collect(const void *block, size_t type) {
  if (!alloc.collecting || block != NULL || type == 0) return false;
  alloc.repeats = !alloc.repeats;
  return alloc.repeats;
}

/* For a new block `old` is a type, not a size; it is 0 for what is no object of
   Lua's. */
static void *failing(void *ud, void *block, size_t old, size_t size) {
  size_t had = block == NULL ? 0 : old;
  if (is_to_collect(block, old)) return NULL;
  if (size > had && is_to_fail()) return NULL;
  void *result = alloc.allocate(ud, block, old, size);
  if (result != NULL || size == 0) alloc.bytes += size - had;
  return result;
}

static size_t lua_bytes(lua_State *L) {
  return (size_t)lua_gc(L, LUA_GCCOUNT) * 1024 +
         (size_t)lua_gc(L, LUA_GCCOUNTB);
}

/* install(): from now on the program ends by os.exit(code, false), since this
   module must not be unloaded before the state's last block is freed. */
static int install(lua_State *L) {
  alloc.allocate = lua_getallocf(L, &alloc.ud);
  lua_setallocf(L, failing, alloc.ud);
  alloc.bytes = lua_bytes(L);
  return 0;
}

/* foreign() -> the bytes taken from the allocator that Lua does not know of */
static int foreign(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)(alloc.bytes - lua_bytes(L)));
  return 1;
}

/*
** call(k, lasting, fn, ...) -> failed, ok, results or error
** Calls fn with the k-th request for memory failing (and all after it). The
** first result tells whether there were so many requests.
*/
static int call(lua_State *L) {
  alloc.count = 0;
  alloc.failed = false;
  alloc.repeats = false;
  alloc.lasting = lua_toboolean(L, 2);
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  alloc.wanted = luaL_checkinteger(L, 1);
  int status = lua_pcall(L, lua_gettop(L) - 3, LUA_MULTRET, 0);
  alloc.wanted = 0;
  lua_pushboolean(L, alloc.failed);
  lua_replace(L, 1);
  lua_pushboolean(L, status == LUA_OK);
  lua_replace(L, 2);
  return lua_gettop(L);
}

/*
** collecting(fn, ...) -> ok, results or error
** Calls fn with a collection before each new object.
*/
static int collecting(lua_State *L) {
  alloc.repeats = false;
  alloc.collecting = true;
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  alloc.collecting = false;
  lua_pushboolean(L, status == LUA_OK);
  lua_insert(L, 1);
  return lua_gettop(L);
}

static const luaL_Reg functions[] = {
    {"install", install},       {"foreign", foreign}, {"call", call},
    {"collecting", collecting}, {NULL, NULL},
};

__attribute__((visibility("default"))) int luaopen_alloc(lua_State *L);

int luaopen_alloc(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}

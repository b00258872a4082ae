/*
** Several look-ups at a time, for what is written in Lua: they can be waited
** for, among fds, until their results can be asked for.
*/

#include "op_resolve.h"

#include "addrinfo_list.h"
#include "arg.h"
#include "error.h"
#include "lookup.h"
#include "names.h"
#include "wait.h"

#include <stdbool.h>

#include <lauxlib.h>

/* Stack slots of start. */
enum { HOST = 1, SERVICE, FAMILY, SOCKTYPE, LOOKUP };

static int start_k(lua_State *L, int status, lua_KContext context) {
  (void)context;
  int failed = lsk_wait_result(L, status, LOOKUP);
  return failed ? failed : 1;
}

/*
** start(host, service[, family[, socktype]]) -> lookup | nil, err, errno
** Does not wait. Whoever drops a look-up closes it: what is still under way
** then ends by itself, unheard.
*/
static int start(lua_State *L) {
  lua_settop(L, SOCKTYPE);
  const struct addrinfo hints = {
      .ai_family = lsk_opt_family(L, FAMILY, AF_UNSPEC),
      .ai_socktype = lsk_opt_socktype(L, SOCKTYPE, 0),
  };
  lsk_new_held_lookup(L, HOST, SERVICE, &hints);
  int failed = lsk_lookup_start(L, LOOKUP, start_k);
  return failed ? failed : 1;
}

/* wanted() -> what poll takes in place of an fd, and finds readable when there
   is a result | nil: it is there already, or the look-up is closed */
static int wanted(lua_State *L) {
  struct lsk_work *work;
  int fd;
  lua_settop(L, 1);
  if (!lsk_lookup_wanted(L, 1, &work, &fd)) lua_pushnil(L);
  return 1;
}

/* fileno() -> the fd that becomes readable with the result, for another event
   loop than the built-in one | nil: there is none */
static int fileno_(lua_State *L) {
  struct lsk_work *work;
  int fd;
  lua_settop(L, 1);
  (void)lsk_lookup_wanted(L, 1, &work, &fd);
  if (fd < 0) return 0;
  lua_pushinteger(L, fd);
  return 1;
}

/* result() -> list of Addrinfos | nil, err, errno: WAIT_READABLE while there is
   none, and once it is closed */
static int result(lua_State *L) {
  luaL_checkudata(L, 1, LSK_LOOKUP);
  lua_settop(L, 1);
  if (lsk_lookup_answer(L, 1) == NULL) return lsk_would_block(L, LSK_READABLE);
  int failed = lsk_lookup(L, 1, LSK_NOW, NULL);
  if (failed) return failed;
  lua_getiuservalue(L, 1, 1);
  lua_getiuservalue(L, 1, 2);
  lsk_push_answers(L, lsk_lookup_answer(L, 1)->list, 2, 3);
  return 1;
}

static const luaL_Reg functions[] = {
    {"start", start},
    {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"fileno", fileno_},
    {"result", result},
    {"wanted", wanted},
    {NULL, NULL},
};

void lsk_open_op_resolve(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  luaL_getmetatable(L, LSK_LOOKUP);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_getfield(L, -2, "__close");
  lua_setfield(L, -2, "close");
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

/*
** Which socket options, and which requests of ioctl(2), this platform has.
*/

#include "op_supports.h"

#include "requests.h"
#include "sockopts.h"

#include <lauxlib.h>

static void set_boolean(lua_State *L, const char *field, int value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, field);
}

/* options() -> level -> name -> {get=, set=} */
static int options(lua_State *L) {
  const struct lsk_sockopt *option;
  lua_createtable(L, 0, LSK_LEVELS);
  for (size_t i = 0; (option = lsk_get_sockopt(i)) != NULL; i++) {
    int access = lsk_sockopt_is_here(option) ? option->access : 0;
    luaL_getsubtable(L, -1, lsk_level_name(option->level));
    lua_createtable(L, 0, 2);
    set_boolean(L, "get", (access & LSK_GET) != 0);
    set_boolean(L, "set", (access & LSK_SET) != 0);
    lua_setfield(L, -2, option->name);
    lua_pop(L, 1);
  }
  return 1;
}

/* ioctl_requests() -> name -> boolean */
static int ioctl_requests(lua_State *L) {
  lsk_push_requests(L);
  return 1;
}

static const luaL_Reg functions[] = {
    {"ioctl_requests", ioctl_requests},
    {"options", options},
    {NULL, NULL},
};

void lsk_open_op_supports(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}

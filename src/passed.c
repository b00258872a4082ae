/*
** A control buffer that owns the fds that the kernel has put into it.
*/

#include "passed.h"

#include "cmsg.h"

#include <lauxlib.h>

#define METATABLE "socket.passed"

void lsk_close_passed(struct lsk_passed *passed) {
  lsk_cmsg_close(passed->control, passed->size);
  passed->size = 0;
}

static int close_passed(lua_State *L) {
  lsk_close_passed(luaL_checkudata(L, 1, METATABLE));
  return 0;
}

static const luaL_Reg metamethods[] = {
    {"__gc", close_passed},
    {"__close", close_passed},
    {NULL, NULL},
};

struct lsk_passed *lsk_push_passed(lua_State *L, size_t room) {
  struct lsk_passed *passed = lua_newuserdatauv(L, sizeof *passed + room, 0);
  passed->size = 0;
  if (luaL_newmetatable(L, METATABLE)) luaL_setfuncs(L, metamethods, 0);
  lua_setmetatable(L, -2);
  return passed;
}

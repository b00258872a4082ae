/*
** What Lua's select asks of its members: which fd one is, and whether bytes
** wait in its buffer.
*/

#include "op_select.h"

#include "handle.h"
#include "io.h"

#include <poll.h>

#include <lauxlib.h>

/*
** member(value) -> fd, whether it has bytes buffered
** false when it is closed, nil when it is neither a socket nor a Lua file.
*/
static int member(lua_State *L) {
  int fd;
  if (!lsk_test_io(L, 1, &fd)) return 0;
  if (fd < 0)
    lua_pushboolean(L, 0);
  else
    lua_pushinteger(L, fd);
  const struct lsk_handle *h = lsk_test_handle(L, 1);
  lua_pushboolean(L, h != NULL && h->in.end > h->in.start);
  return 2;
}

static const luaL_Reg functions[] = {
    {"member", member},
    {NULL, NULL},
};

static const struct {
  const char *name;
  int events;
} masks[] = {
    {"READABLE", POLLIN | POLLHUP | POLLERR},
    {"WRITABLE", POLLOUT | POLLERR},
    {"EXCEPTIONAL", POLLPRI},
    {"INVALID", POLLNVAL},
};

void lsk_open_op_select(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
    lua_pushinteger(L, masks[i].events);
    lua_setfield(L, -2, masks[i].name);
  }
}

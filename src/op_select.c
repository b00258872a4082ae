/*
** What Lua's select asks of its members: which fd one is, and whether bytes
** wait in its buffer.
*/

#include "op_select.h"

#include "handle.h"

#include <poll.h>
#include <stdio.h>

#include <lauxlib.h>

/* Leaves fd and whether bytes are buffered; false for a closed one. */
static int push_member(lua_State *L, int fd, bool is_buffered) {
  if (fd < 0)
    lua_pushboolean(L, 0);
  else
    lua_pushinteger(L, fd);
  lua_pushboolean(L, is_buffered);
  return 2;
}

/*
** member(value) -> fd, whether it has bytes buffered
** false when it is closed, nil when it is neither a socket nor a Lua file.
*/
static int member(lua_State *L) {
  const struct lsk_handle *h = lsk_test_handle(L, 1);
  if (h != NULL) return push_member(L, h->fd, h->in.end > h->in.start);
  const luaL_Stream *file = luaL_testudata(L, 1, LUA_FILEHANDLE);
  if (file == NULL) return 0;
  return push_member(L, file->closef == NULL ? -1 : fileno(file->f), false);
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

/*
** The paths of unix sockets: which socket one names, and removing it.
*/

#include "op_path.h"

#include "error.h"
#include "sys_path.h"

#include <stddef.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <lauxlib.h>

/*
** socket(path) -> identity, whether it is one's own | nil, err, errno
** The identity is a string that differs for any other file.
*/
static int socket_(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct lsk_path_id id;
  int rc = lsk_sys_path_socket(path, &id);
  if (rc < 0) return lsk_fail_at(L, "lstat(2)", -rc, path);
  lua_pushfstring(L, "%I:%I", (LUAI_UACINT)id.device, (LUAI_UACINT)id.inode);
  lua_pushboolean(L, id.is_own);
  return 2;
}

/* unlink(path) -> true | nil, err, errno */
static int unlink_(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int rc = lsk_sys_unlink(path);
  if (rc < 0) return lsk_fail_at(L, "unlink(2)", -rc, path);
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg functions[] = {
    {"socket", socket_},
    {"unlink", unlink_},
    {NULL, NULL},
};

void lsk_open_op_path(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  lua_pushinteger(L, sizeof((struct sockaddr_un *)NULL)->sun_path);
  lua_setfield(L, -2, "MOST");
}

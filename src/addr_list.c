/*
** Addresses as the lists that Ruby's `addr` and `recvfrom` give.
*/

#include "addr_list.h"

#include "names.h"

#include <lauxlib.h>

static void push_family(lua_State *L, int family) {
  const char *name = lsk_family_name(family);
  if (name != NULL)
    lua_pushstring(L, name);
  else
    lua_pushfstring(L, "unknown:%d", family);
}

void lsk_push_ip_list(lua_State *L, const struct lsk_sockaddr *addr,
                      const char *host) {
  char numeric[LSK_HOST_MAX] = "";
  (void)lsk_sockaddr_host(addr, numeric);
  int port = lsk_sockaddr_port(addr);
  lua_createtable(L, 4, 0);
  push_family(L, lsk_sockaddr_family(addr));
  lua_rawseti(L, -2, 1);
  lua_pushinteger(L, port < 0 ? 0 : port);
  lua_rawseti(L, -2, 2);
  lua_pushstring(L, host != NULL ? host : numeric);
  lua_rawseti(L, -2, 3);
  lua_pushstring(L, numeric);
  lua_rawseti(L, -2, 4);
}

void lsk_push_unix_list(lua_State *L, const struct lsk_sockaddr *addr) {
  size_t length = 0;
  const char *path = lsk_sockaddr_path(addr, &length);
  lua_createtable(L, 2, 0);
  lua_pushliteral(L, "AF_UNIX");
  lua_rawseti(L, -2, 1);
  lua_pushlstring(L, path != NULL ? path : "", path != NULL ? length : 0);
  lua_rawseti(L, -2, 2);
}

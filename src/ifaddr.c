/*
** The addresses of this machine's network interfaces.
*/

#include "ifaddr.h"

#include "addrinfo.h"
#include "error.h"
#include "sys_names.h"

#include <lauxlib.h>

#define METATABLE "socket.ifaddrs"

static int close_list(lua_State *L) {
  struct ifaddrs **list = luaL_checkudata(L, 1, METATABLE);
  if (*list != NULL) freeifaddrs(*list);
  *list = NULL;
  return 0;
}

/* Leaves the owner of the list of all addresses, which lets go of it when the
   C function returns: 0 | -errno. */
static int push_list(lua_State *L, struct ifaddrs **first) {
  struct ifaddrs **list = lua_newuserdatauv(L, sizeof(struct ifaddrs *), 0);
  *list = NULL;
  luaL_setmetatable(L, METATABLE);
  lua_toclose(L, -1);
  int rc = lsk_sys_ifaddrs(list);
  *first = *list;
  return rc;
}

/* Leaves the address as an Addrinfo if it is one of IP: whether it is. */
static bool push_ip(lua_State *L, const struct sockaddr *from) {
  struct lsk_sockaddr addr;
  if (from == NULL) return false;
  if (from->sa_family == AF_INET)
    (void)lsk_sockaddr_set(&addr, from, sizeof(struct sockaddr_in));
  else if (from->sa_family == AF_INET6)
    (void)lsk_sockaddr_set(&addr, from, sizeof(struct sockaddr_in6));
  else
    return false;
  (void)lsk_push_addrinfo(L, &addr, from->sa_family, 0, 0);
  return true;
}

/// The IP addresses of this machine, those of the loopback and of the link
// included. Answers to Ruby's `Socket.ip_address_list`.
// @function Socket.ip_address_list
// @treturn {Addrinfo,...} with port 0
// @error nil, err, errno
static int ip_address_list(lua_State *L) {
  struct ifaddrs *first;
  int rc = push_list(L, &first);
  if (rc < 0) return lsk_fail(L, "getifaddrs(3)", -rc);
  lua_newtable(L);
  lua_Integer count = 0;
  for (const struct ifaddrs *at = first; at != NULL; at = at->ifa_next)
    if (push_ip(L, at->ifa_addr)) lua_rawseti(L, -2, ++count);
  return 1;
}

static const luaL_Reg metamethods[] = {
    {"__gc", close_list},
    {"__close", close_list},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"ip_address_list", ip_address_list},
    {NULL, NULL},
};

void lsk_open_ifaddr(lua_State *L) {
  luaL_newmetatable(L, METATABLE);
  luaL_setfuncs(L, metamethods, 0);
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}

/*
** The Addrinfo type: an address, what to make of it, and where it came from.
*/

#include "addrinfo.h"

#include "type.h"

#include <string.h>

#include <lauxlib.h>

struct lsk_addrinfo *lsk_push_addrinfo(lua_State *L,
                                       const struct lsk_sockaddr *addr,
                                       int pfamily, int socktype,
                                       int protocol) {
  struct lsk_addrinfo *ai =
      lua_newuserdatauv(L, sizeof *ai + addr->length, LSK_ADDRINFO_VALUES);
  *ai = (struct lsk_addrinfo){
      .pfamily = pfamily,
      .socktype = socktype,
      .protocol = protocol,
      .length = addr->length,
  };
  memcpy(ai->bytes, addr->to.bytes, addr->length);
  luaL_setmetatable(L, LSK_ADDRINFO);
  return ai;
}

struct lsk_addrinfo *lsk_check_addrinfo(lua_State *L, int arg) {
  struct lsk_addrinfo *ai = lsk_test_addrinfo(L, arg);
  if (ai == NULL) luaL_typeerror(L, arg, "Addrinfo");
  return ai;
}

struct lsk_addrinfo *lsk_test_addrinfo(lua_State *L, int index) {
  return luaL_testudata(L, index, LSK_ADDRINFO);
}

void lsk_addrinfo_sockaddr(const struct lsk_addrinfo *ai,
                           struct lsk_sockaddr *addr) {
  addr->length = ai->length;
  memcpy(addr->to.bytes, ai->bytes, ai->length);
}

/// The address family (AF_...) of the address itself, 0 for an empty one.
// @function Addrinfo:afamily
// @treturn integer
static int afamily(lua_State *L) {
  struct lsk_sockaddr addr;
  lsk_addrinfo_sockaddr(lsk_check_addrinfo(L, 1), &addr);
  lua_pushinteger(L, lsk_sockaddr_family(&addr));
  return 1;
}

/// The protocol family (PF_...) to make a socket of, 0 when unknown. It may
// differ from `afamily`.
// @function Addrinfo:pfamily
// @treturn integer
static int pfamily(lua_State *L) {
  lua_pushinteger(L, lsk_check_addrinfo(L, 1)->pfamily);
  return 1;
}

/// The socket type (SOCK_...), 0 when unknown.
// @function Addrinfo:socktype
// @treturn integer
static int socktype(lua_State *L) {
  lua_pushinteger(L, lsk_check_addrinfo(L, 1)->socktype);
  return 1;
}

/// The protocol (IPPROTO_...), 0 when unknown.
// @function Addrinfo:protocol
// @treturn integer
static int protocol(lua_State *L) {
  lua_pushinteger(L, lsk_check_addrinfo(L, 1)->protocol);
  return 1;
}

/// The host's canonical name, where the look-up asked for it.
// @function Addrinfo:canonname
// @treturn ?string
static int canonname(lua_State *L) {
  lsk_check_addrinfo(L, 1);
  lua_getiuservalue(L, 1, LSK_ADDRINFO_CANONNAME);
  return 1;
}

/// The packed address.
// @function Addrinfo:to_sockaddr
// @treturn string
static int to_sockaddr(lua_State *L) {
  const struct lsk_addrinfo *ai = lsk_check_addrinfo(L, 1);
  lua_pushlstring(L, ai->bytes, ai->length);
  return 1;
}

/* Equal are those with the same address, family, type, protocol and canonical
   name; the names that were looked up are a label. */
static int eq(lua_State *L) {
  const struct lsk_addrinfo *a = lsk_test_addrinfo(L, 1);
  const struct lsk_addrinfo *b = lsk_test_addrinfo(L, 2);
  bool same = a != NULL && b != NULL && a->pfamily == b->pfamily &&
              a->socktype == b->socktype && a->protocol == b->protocol &&
              a->length == b->length &&
              memcmp(a->bytes, b->bytes, a->length) == 0;
  if (same) {
    lua_getiuservalue(L, 1, LSK_ADDRINFO_CANONNAME);
    lua_getiuservalue(L, 2, LSK_ADDRINFO_CANONNAME);
    same = lua_rawequal(L, -1, -2);
  }
  lua_pushboolean(L, same);
  return 1;
}

static const luaL_Reg methods[] = {
    {"afamily", afamily},     {"pfamily", pfamily},
    {"socktype", socktype},   {"protocol", protocol},
    {"canonname", canonname}, {"to_sockaddr", to_sockaddr},
    {"to_s", to_sockaddr},    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__eq", eq},
    {NULL, NULL},
};

void lsk_open_addrinfo(lua_State *L) {
  lsk_open_type(L, LSK_ADDRINFO, methods, metamethods);
}

/*
** Packing and unpacking addresses: class functions of Socket.
*/

#include "op_sockaddr.h"

#include "addr.h"
#include "arg.h"
#include "lookup.h"
#include "wait.h"

#include <lauxlib.h>

/* Where pack_sockaddr_in has what. */
enum { PORT = 1, HOST, OPTS, LOOKUP };

static int pack_sockaddr_in_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, LOOKUP);
  if (failed == 0) failed = lsk_lookup(L, LOOKUP, deadline, pack_sockaddr_in_k);
  if (failed) return failed;
  const struct addrinfo *first = lsk_lookup_answer(L, LOOKUP)->list;
  lua_pushlstring(L, (const char *)first->ai_addr, first->ai_addrlen);
  return 1;
}

/// Packs the first address of a host and a port. The port comes first here,
// other than in `Addrinfo.tcp`. Without a host it is a loopback address, with
// "" any address. Also called `sockaddr_in`.
// @function Socket.pack_sockaddr_in
// @tparam ?integer|string port number or name of a service
// @tparam ?string host name or numeric
// @tparam[opt] table opts `timeout` in seconds
// @treturn string
// @error nil, err, errno
static int pack_sockaddr_in(lua_State *L) {
  static const char *const keywords[] = {"timeout", NULL};
  const struct addrinfo hints = {0};
  lsk_arg_fields(L, OPTS, OPTS, keywords);
  lsk_deadline deadline = lsk_arg_deadline(L, OPTS, -1);
  lsk_new_lookup(L, HOST, PORT, &hints);
  return pack_sockaddr_in_k(L, LUA_OK, deadline);
}

/// Packs the path of a file, or a name that begins with a zero byte. Also
// called `sockaddr_un`.
// @function Socket.pack_sockaddr_un
// @tparam string path
// @treturn string
static int pack_sockaddr_un(lua_State *L) {
  struct lsk_sockaddr addr;
  luaL_checkstring(L, 1);
  lsk_path_at(L, 1, 1, &addr);
  lsk_push_sockaddr(L, &addr);
  return 1;
}

/* An address that says of what family it is. */
static int check_family(lua_State *L, struct lsk_sockaddr *addr) {
  lsk_check_sockaddr(L, 1, addr);
  if (!lsk_sockaddr_has_family(addr)) luaL_argerror(L, 1, "too short sockaddr");
  return lsk_sockaddr_family(addr);
}

/// The port and the numeric host of an IP address. Raises for any other.
// @function Socket.unpack_sockaddr_in
// @tparam string|Addrinfo|table address
// @treturn integer the port
// @treturn string the host
static int unpack_sockaddr_in(lua_State *L) {
  struct lsk_sockaddr addr;
  char host[LSK_HOST_MAX];
  int family = check_family(L, &addr);
  if (family != AF_INET && family != AF_INET6)
    return luaL_argerror(L, 1, "not an AF_INET/AF_INET6 sockaddr");
  if (!lsk_sockaddr_host(&addr, host))
    return luaL_argerror(L, 1, "getnameinfo: ai_family not supported");
  lua_pushinteger(L, lsk_sockaddr_port(&addr));
  lua_pushstring(L, host);
  return 2;
}

/// The path of a unix address. Raises for any other.
// @function Socket.unpack_sockaddr_un
// @tparam string|Addrinfo|table address
// @treturn string
static int unpack_sockaddr_un(lua_State *L) {
  struct lsk_sockaddr addr;
  size_t length;
  (void)check_family(L, &addr);
  const char *path = lsk_sockaddr_path(&addr, &length);
  if (path == NULL) return luaL_argerror(L, 1, "not an AF_UNIX sockaddr");
  if (addr.length > sizeof addr.to.un)
    return luaL_argerror(
        L, 1,
        lua_pushfstring(L, "too long sockaddr_un - %d longer than %d",
                        (int)addr.length, (int)sizeof addr.to.un));
  lua_pushlstring(L, path, length);
  return 1;
}

static const luaL_Reg functions[] = {
    {"pack_sockaddr_in", pack_sockaddr_in},
    {"pack_sockaddr_un", pack_sockaddr_un},
    {"sockaddr_in", pack_sockaddr_in},
    {"sockaddr_un", pack_sockaddr_un},
    {"unpack_sockaddr_in", unpack_sockaddr_in},
    {"unpack_sockaddr_un", unpack_sockaddr_un},
    {NULL, NULL},
};

void lsk_open_op_sockaddr(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}

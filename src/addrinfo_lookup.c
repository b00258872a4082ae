/*
** Addrinfos of names: what the resolver answers, and what it says of them.
*/

#include "addrinfo_lookup.h"

#include "addr.h"
#include "addrinfo.h"
#include "addrinfo_list.h"
#include "arg.h"
#include "error.h"
#include "lookup.h"
#include "names.h"
#include "wait.h"

#include <lauxlib.h>

static const char *const keywords[] = {"timeout", NULL};

/* Where a look-up of one address has what. */
enum { HOST = 1, SERVICE, OPTS, LOOKUP };

/* Waits for the answer: 0, or the count of results of the failure. */
static int wait_answer(lua_State *L, int status, lua_KContext deadline,
                       int lookup, lua_KFunction k) {
  int failed = lsk_wait_result(L, status, lookup);
  return failed ? failed : lsk_lookup(L, lookup, deadline, k);
}

static int first_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = wait_answer(L, status, deadline, LOOKUP, first_k);
  if (failed) return failed;
  lsk_push_answer(L, lsk_lookup_answer(L, LOOKUP)->list, HOST, SERVICE);
  return 1;
}

/* The first address of a host and a service. */
static int first(lua_State *L, int socktype, int protocol) {
  const struct addrinfo hints = {
      .ai_socktype = socktype,
      .ai_protocol = protocol,
  };
  lsk_arg_fields(L, OPTS, OPTS, keywords);
  lsk_deadline deadline = lsk_arg_deadline(L, OPTS, -1);
  lsk_new_lookup(L, HOST, SERVICE, &hints);
  return first_k(L, LUA_OK, deadline);
}

/// The first TCP address of a host and a port. The host comes first here, other
// than in `Socket.pack_sockaddr_in`.
// @function Addrinfo.tcp
// @tparam ?string host name or numeric
// @tparam ?integer|string port number or name of a service
// @tparam[opt] table opts `timeout` in seconds
// @treturn Addrinfo
// @error nil, err, errno
static int tcp(lua_State *L) {
  return first(L, SOCK_STREAM, IPPROTO_TCP);
}

/// The first UDP address of a host and a port.
// @function Addrinfo.udp
// @tparam ?string host name or numeric
// @tparam ?integer|string port number or name of a service
// @tparam[opt] table opts `timeout` in seconds
// @treturn Addrinfo
// @error nil, err, errno
static int udp(lua_State *L) {
  return first(L, SOCK_DGRAM, IPPROTO_UDP);
}

static int ip_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = wait_answer(L, status, deadline, LOOKUP, ip_k);
  if (failed) return failed;
  struct addrinfo entry = *lsk_lookup_answer(L, LOOKUP)->list;
  entry.ai_socktype = 0;
  entry.ai_protocol = 0;
  lsk_push_answer(L, &entry, HOST, 0);
  return 1;
}

/// The first address of a host, without a port and of no socket type.
// @function Addrinfo.ip
// @tparam ?string host name or numeric
// @tparam[opt] table opts `timeout` in seconds
// @treturn Addrinfo
// @error nil, err, errno
static int ip(lua_State *L) {
  const struct addrinfo hints = {0};
  lsk_arg_fields(L, 2, 2, keywords);
  lua_pushnil(L);
  lua_insert(L, SERVICE);
  lsk_deadline deadline = lsk_arg_deadline(L, OPTS, -1);
  lsk_new_lookup(L, HOST, 0, &hints);
  return ip_k(L, LUA_OK, deadline);
}

/* Where a look-up of a list has what. */
enum { LIST_OPTS = 7, LIST_LOOKUP };

static int getaddrinfo_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = wait_answer(L, status, deadline, LIST_LOOKUP, getaddrinfo_k);
  if (failed) return failed;
  lsk_push_answers(L, lsk_lookup_answer(L, LIST_LOOKUP)->list, HOST, SERVICE);
  return 1;
}

/// All addresses of a host and a service. Without a host these are the loopback
// addresses, or with the flag "PASSIVE" those to listen on.
// @function Addrinfo.getaddrinfo
// @tparam ?string host name or numeric
// @tparam ?integer|string service number or name
// @param[opt] family name or integer
// @param[opt] socktype name or integer
// @param[opt] protocol name or integer
// @param[opt] flags AI_...: integer, name, or a list of names
// @tparam[opt] table opts `timeout` in seconds
// @treturn {Addrinfo,...}
// @error nil, err, errno
static int getaddrinfo_(lua_State *L) {
  lsk_arg_fields(L, 3, LIST_OPTS, keywords);
  const struct addrinfo hints = {
      .ai_family = lsk_opt_family(L, 3, AF_UNSPEC),
      .ai_socktype = lsk_opt_socktype(L, 4, 0),
      .ai_protocol = lsk_opt_protocol(L, 5),
      .ai_flags = lsk_opt_flags(L, 6, "AI_"),
  };
  lsk_deadline deadline = lsk_arg_deadline(L, LIST_OPTS, -1);
  lsk_new_lookup(L, HOST, SERVICE, &hints);
  return getaddrinfo_k(L, LUA_OK, deadline);
}

/* Where a look-up of names has what. */
enum { NAMES_OPTS = 3, NAMES_LOOKUP };

static int getnameinfo_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = wait_answer(L, status, deadline, NAMES_LOOKUP, getnameinfo_k);
  if (failed) return failed;
  const struct lsk_answer *answer = lsk_lookup_answer(L, NAMES_LOOKUP);
  lua_pushstring(L, answer->host);
  lua_pushstring(L, answer->service);
  return 2;
}

/// The names of the host and the service. An address of a datagram socket asks
// for the names of datagram services.
// @function Addrinfo:getnameinfo
// @param[opt] flags NI_...: integer, name, or a list of names
// @tparam[opt] table opts `timeout` in seconds
// @treturn string the host
// @treturn string the service
// @error nil, err, errno
static int getnameinfo_(lua_State *L) {
  lsk_arg_fields(L, 2, NAMES_OPTS, keywords);
  const struct lsk_addrinfo *ai = lsk_check_addrinfo(L, 1);
  int flags = lsk_opt_flags(L, 2, "NI_");
  lsk_deadline deadline = lsk_arg_deadline(L, NAMES_OPTS, -1);
  if (ai->socktype == SOCK_DGRAM) flags |= NI_DGRAM;
  struct lsk_sockaddr addr;
  lsk_addrinfo_sockaddr(ai, &addr);
  lsk_new_name_lookup(L, &addr, flags);
  return getnameinfo_k(L, LUA_OK, deadline);
}

/* An Addrinfo as the address of family_addrinfo: itself, if it fits. */
static int same_family(lua_State *L, const struct lsk_addrinfo *self,
                       const struct lsk_addrinfo *other) {
  if (self->pfamily != other->pfamily || self->socktype != other->socktype)
    luaL_argerror(L, 2, "Addrinfo type mismatch");
  lua_settop(L, 2);
  return 1;
}

/* A table as the address of family_addrinfo: an Addrinfo of it, if it fits. */
static int of_table(lua_State *L, const struct lsk_addrinfo *self) {
  struct lsk_sockaddr addr, other;
  lsk_addrinfo_sockaddr(self, &addr);
  lsk_check_sockaddr(L, 2, &other);
  if (lsk_sockaddr_family(&addr) != lsk_sockaddr_family(&other))
    luaL_argerror(L, 2, "family mismatch");
  lsk_push_addrinfo(L, &other, self->pfamily, self->socktype, self->protocol);
  return 1;
}

static bool is_address_table(lua_State *L, int index) {
  if (!lua_istable(L, index)) return false;
  bool is_address = lua_getfield(L, index, "family") != LUA_TNIL;
  lua_pop(L, 1);
  return is_address;
}

static int family_ip(lua_State *L, const struct lsk_addrinfo *self, int count) {
  const struct addrinfo hints = {
      .ai_family = self->pfamily,
      .ai_socktype = self->socktype,
      .ai_protocol = self->protocol,
  };
  if (count != 2)
    return luaL_error(
        L, "IP address needs host and port but %d arguments given", count);
  lsk_deadline deadline = lsk_arg_deadline(L, 4, -1);
  lua_remove(L, 1);
  lsk_new_lookup(L, HOST, SERVICE, &hints);
  return first_k(L, LUA_OK, deadline);
}

static int family_unix(lua_State *L, int count) {
  struct lsk_sockaddr addr;
  if (count != 1)
    return luaL_error(
        L, "UNIX socket needs single path argument but %d arguments given",
        count);
  luaL_checkstring(L, 2);
  lsk_path_at(L, 2, 2, &addr);
  lsk_push_addrinfo(L, &addr, PF_UNIX, SOCK_STREAM, 0);
  return 1;
}

/// Another address for the same kind of socket: of a host and a port, or of a
// path, as this one's family wants it. An Addrinfo comes back as it is, if it
// is of the same family and type; otherwise that raises. So does a table of
// another family.
// @function Addrinfo:family_addrinfo
// @tparam string|Addrinfo|table host or path or address
// @tparam[opt] integer|string port
// @tparam[opt] table opts `timeout` in seconds
// @treturn Addrinfo
// @error nil, err, errno
static int family_addrinfo(lua_State *L) {
  const struct lsk_addrinfo *self = lsk_check_addrinfo(L, 1);
  int count = lua_gettop(L) - 1;
  if (is_address_table(L, 2)) return of_table(L, self);
  lsk_arg_fields(L, 2, 4, keywords);
  if (!lua_isnil(L, 4)) count--;
  if (count < 1) return luaL_argerror(L, 2, "no address specified");
  const struct lsk_addrinfo *other = lsk_test_addrinfo(L, 2);
  if (other != NULL) return same_family(L, self, other);
  struct lsk_sockaddr addr;
  lsk_addrinfo_sockaddr(self, &addr);
  int family = lsk_sockaddr_family(&addr);
  if (family == AF_INET || family == AF_INET6) return family_ip(L, self, count);
  if (family == AF_UNIX) return family_unix(L, count);
  return luaL_argerror(L, 1, "unexpected family");
}

static const luaL_Reg functions[] = {
    {"family_addrinfo", family_addrinfo},
    {"getaddrinfo", getaddrinfo_},
    {"getnameinfo", getnameinfo_},
    {"ip", ip},
    {"tcp", tcp},
    {"udp", udp},
    {NULL, NULL},
};

void lsk_open_addrinfo_lookup(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}

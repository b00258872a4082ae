/*
** What an Addrinfo's address is and holds. None of it looks anything up. A
** predicate is false for other families; a reader raises for an address of the
** wrong kind.
*/

#include "addrinfo_query.h"

#include "addr.h"
#include "addrinfo.h"

#include <string.h>

#include <lauxlib.h>

/* Reads self and its address. The bytes that the address lacks are zeros, so
   that every predicate may look at a whole host. */
static void check_self(lua_State *L, struct lsk_sockaddr *addr) {
  memset(&addr->to.storage, 0, sizeof addr->to.storage);
  lsk_addrinfo_sockaddr(lsk_check_addrinfo(L, 1), addr);
}

static bool is_ip(int family) {
  return family == AF_INET || family == AF_INET6;
}

/* ip_address() and its like read whole IP addresses alone. */
static void check_ip(lua_State *L, struct lsk_sockaddr *addr) {
  check_self(L, addr);
  if (!is_ip(lsk_sockaddr_family(addr)))
    luaL_argerror(L, 1, "need IPv4 or IPv6 address");
}

static void push_host(lua_State *L, const struct lsk_sockaddr *addr) {
  char host[LSK_HOST_MAX];
  if (!lsk_sockaddr_host(addr, host))
    luaL_argerror(L, 1, "getnameinfo: ai_family not supported");
  lua_pushstring(L, host);
}

/// The numeric host, with its scope if it has one ("fe80::1%eth0"). Raises for
// what is no IP address.
// @function Addrinfo:ip_address
// @treturn string
static int ip_address(lua_State *L) {
  struct lsk_sockaddr addr;
  check_ip(L, &addr);
  push_host(L, &addr);
  return 1;
}

/// The port. Raises for what is no IP address, or is one of the wrong length.
// @function Addrinfo:ip_port
// @treturn integer
static int ip_port(lua_State *L) {
  struct lsk_sockaddr addr;
  check_ip(L, &addr);
  bool in = lsk_sockaddr_family(&addr) == AF_INET;
  if (addr.length != (in ? sizeof addr.to.in : sizeof addr.to.in6))
    luaL_argerror(L, 1,
                  in ? "unexpected sockaddr size for IPv4"
                     : "unexpected sockaddr size for IPv6");
  lua_pushinteger(L, lsk_sockaddr_port(&addr));
  return 1;
}

/// The numeric host and the port. Raises for what is no IP address.
// @function Addrinfo:ip_unpack
// @treturn string the host
// @treturn integer the port
static int ip_unpack(lua_State *L) {
  struct lsk_sockaddr addr;
  check_ip(L, &addr);
  push_host(L, &addr);
  lua_pushinteger(L, lsk_sockaddr_port(&addr));
  return 2;
}

/// The path of a unix address; an abstract one begins with a zero byte, and
// that of an unnamed socket is "". Raises for other families.
// @function Addrinfo:unix_path
// @treturn string
static int unix_path(lua_State *L) {
  struct lsk_sockaddr addr;
  size_t length;
  check_self(L, &addr);
  const char *path = lsk_sockaddr_path(&addr, &length);
  if (path == NULL) luaL_argerror(L, 1, "need AF_UNIX address");
  if (length > LSK_PATH_MAX)
    luaL_argerror(L, 1,
                  lua_pushfstring(L,
                                  "too long AF_UNIX path "
                                  "(%d bytes given but %d bytes max)",
                                  (int)length, (int)LSK_PATH_MAX));
  lua_pushlstring(L, path, length);
  return 1;
}

/// The address as a table, in the form that every function takes for an
// address. Its fields are those of the family:
//
// * `inet`: `addr` (a numeric host, or "any", "loopback", "broadcast"), `port`
// (or the name of a service);
// * `inet6`: the same without "broadcast", and `flowinfo`, `scope_id`;
// * `local`: `path`, which begins with a zero byte if it is an abstract name;
// * `packet`: `protocol`, `ifindex`, `hatype`, `pkttype` ("host", "broadcast",
// "multicast", "otherhost", "outgoing", "loopback", "user", "kernel",
// "fastroute" or a number) and `addr`, the bytes of the hardware address;
// * `netlink`: `pid`, `groups`;
// * `vsock`: `cid` ("any", "hypervisor", "local", "host" or a number), `port`,
// `flags`;
// * others: `addr`, the bytes after the family, which may be a number.
//
// What is left out is 0, empty, or any host, machine and port. In place of its
// own fields, each family may have `bytes`, all that follows the family: so an
// address reads that is cut short.
// @function Addrinfo:to_table
// @treturn table
static int to_table(lua_State *L) {
  struct lsk_sockaddr addr;
  lsk_addrinfo_sockaddr(lsk_check_addrinfo(L, 1), &addr);
  lsk_push_sockaddr_table(L, &addr);
  return 1;
}

/// Whether it is an IPv4 or IPv6 address.
// @function Addrinfo:is_ip
// @treturn boolean
static int is_ip_(lua_State *L) {
  struct lsk_sockaddr addr;
  check_self(L, &addr);
  lua_pushboolean(L, is_ip(lsk_sockaddr_family(&addr)));
  return 1;
}

/* The predicates of one family. Each gets the bytes of the host. */

/// Whether it is an IPv4 address.
// @function Addrinfo:is_ipv4
// @treturn boolean

/// Whether it is an IPv6 address.
// @function Addrinfo:is_ipv6
// @treturn boolean

/// Whether it is a unix address.
// @function Addrinfo:is_unix
// @treturn boolean
static bool is_any(const unsigned char *host) {
  (void)host;
  return true;
}

/// Whether it is in 10/8, 172.16/12 or 192.168/16.
// @function Addrinfo:is_ipv4_private
// @treturn boolean
static bool is_ipv4_private(const unsigned char *host) {
  return host[0] == 10 || (host[0] == 172 && (host[1] & 0xf0) == 16) ||
         (host[0] == 192 && host[1] == 168);
}

/// Whether it is in 127/8.
// @function Addrinfo:is_ipv4_loopback
// @treturn boolean
static bool is_ipv4_loopback(const unsigned char *host) {
  return host[0] == 127;
}

/// Whether it is in 224/4.
// @function Addrinfo:is_ipv4_multicast
// @treturn boolean
static bool is_ipv4_multicast(const unsigned char *host) {
  return (host[0] & 0xf0) == 0xe0;
}

/* Whether the first `size` bytes are zeros. */
static bool is_zero(const unsigned char *host, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (host[i] != 0) return false;
  return true;
}

/// Whether it is "::".
// @function Addrinfo:is_ipv6_unspecified
// @treturn boolean
static bool is_ipv6_unspecified(const unsigned char *host) {
  return is_zero(host, 16);
}

/// Whether it is "::1".
// @function Addrinfo:is_ipv6_loopback
// @treturn boolean
static bool is_ipv6_loopback(const unsigned char *host) {
  return is_zero(host, 15) && host[15] == 1;
}

/// Whether it is in ff00::/8.
// @function Addrinfo:is_ipv6_multicast
// @treturn boolean
static bool is_ipv6_multicast(const unsigned char *host) {
  return host[0] == 0xff;
}

/// Whether it is in fe80::/10.
// @function Addrinfo:is_ipv6_linklocal
// @treturn boolean
static bool is_ipv6_linklocal(const unsigned char *host) {
  return host[0] == 0xfe && (host[1] & 0xc0) == 0x80;
}

/// Whether it is in fec0::/10.
// @function Addrinfo:is_ipv6_sitelocal
// @treturn boolean
static bool is_ipv6_sitelocal(const unsigned char *host) {
  return host[0] == 0xfe && (host[1] & 0xc0) == 0xc0;
}

/// Whether it is in fc00::/7.
// @function Addrinfo:is_ipv6_unique_local
// @treturn boolean
static bool is_ipv6_unique_local(const unsigned char *host) {
  return (host[0] & 0xfe) == 0xfc;
}

/// Whether it is in ::ffff:0:0/96.
// @function Addrinfo:is_ipv6_v4mapped
// @treturn boolean
static bool is_ipv6_v4mapped(const unsigned char *host) {
  return is_zero(host, 10) && host[10] == 0xff && host[11] == 0xff;
}

/// Whether it is in ::/96, but neither "::" nor "::1".
// @function Addrinfo:is_ipv6_v4compat
// @treturn boolean
static bool is_ipv6_v4compat(const unsigned char *host) {
  return is_zero(host, 12) && !is_ipv6_unspecified(host) &&
         !is_ipv6_loopback(host);
}

static bool is_multicast_scope(const unsigned char *host, int scope) {
  return is_ipv6_multicast(host) && (host[1] & 0x0f) == scope;
}

/// Whether it is a multicast address of scope 1.
// @function Addrinfo:is_ipv6_mc_nodelocal
// @treturn boolean
static bool is_ipv6_mc_nodelocal(const unsigned char *host) {
  return is_multicast_scope(host, 1);
}

/// Whether it is a multicast address of scope 2.
// @function Addrinfo:is_ipv6_mc_linklocal
// @treturn boolean
static bool is_ipv6_mc_linklocal(const unsigned char *host) {
  return is_multicast_scope(host, 2);
}

/// Whether it is a multicast address of scope 5.
// @function Addrinfo:is_ipv6_mc_sitelocal
// @treturn boolean
static bool is_ipv6_mc_sitelocal(const unsigned char *host) {
  return is_multicast_scope(host, 5);
}

/// Whether it is a multicast address of scope 8.
// @function Addrinfo:is_ipv6_mc_orglocal
// @treturn boolean
static bool is_ipv6_mc_orglocal(const unsigned char *host) {
  return is_multicast_scope(host, 8);
}

/// Whether it is a multicast address of scope 14.
// @function Addrinfo:is_ipv6_mc_global
// @treturn boolean
static bool is_ipv6_mc_global(const unsigned char *host) {
  return is_multicast_scope(host, 14);
}

static const struct {
  const char *name;
  int family;
  bool (*test)(const unsigned char *host);
} predicates[] = {
    {"is_ipv4", AF_INET, is_any},
    {"is_ipv4_loopback", AF_INET, is_ipv4_loopback},
    {"is_ipv4_multicast", AF_INET, is_ipv4_multicast},
    {"is_ipv4_private", AF_INET, is_ipv4_private},
    {"is_ipv6", AF_INET6, is_any},
    {"is_ipv6_linklocal", AF_INET6, is_ipv6_linklocal},
    {"is_ipv6_loopback", AF_INET6, is_ipv6_loopback},
    {"is_ipv6_mc_global", AF_INET6, is_ipv6_mc_global},
    {"is_ipv6_mc_linklocal", AF_INET6, is_ipv6_mc_linklocal},
    {"is_ipv6_mc_nodelocal", AF_INET6, is_ipv6_mc_nodelocal},
    {"is_ipv6_mc_orglocal", AF_INET6, is_ipv6_mc_orglocal},
    {"is_ipv6_mc_sitelocal", AF_INET6, is_ipv6_mc_sitelocal},
    {"is_ipv6_multicast", AF_INET6, is_ipv6_multicast},
    {"is_ipv6_sitelocal", AF_INET6, is_ipv6_sitelocal},
    {"is_ipv6_unique_local", AF_INET6, is_ipv6_unique_local},
    {"is_ipv6_unspecified", AF_INET6, is_ipv6_unspecified},
    {"is_ipv6_v4compat", AF_INET6, is_ipv6_v4compat},
    {"is_ipv6_v4mapped", AF_INET6, is_ipv6_v4mapped},
    {"is_unix", AF_UNIX, is_any},
};

/* Where the bytes of an IP address's host are. */
static const unsigned char *host_bytes(const struct lsk_sockaddr *addr) {
  return lsk_sockaddr_family(addr) == AF_INET6
             ? addr->to.in6.sin6_addr.s6_addr
             : (const unsigned char *)&addr->to.in.sin_addr;
}

/* Every predicate of a family; its row is an upvalue. */
static int predicate(lua_State *L) {
  lua_Integer row = lua_tointeger(L, lua_upvalueindex(1));
  struct lsk_sockaddr addr;
  check_self(L, &addr);
  lua_pushboolean(L, lsk_sockaddr_family(&addr) == predicates[row].family &&
                         predicates[row].test(host_bytes(&addr)));
  return 1;
}

/// The IPv4 address inside a mapped or compatible IPv6 address, with port 0;
// nil for every other address.
// @function Addrinfo:ipv6_to_ipv4
// @treturn ?Addrinfo
static int ipv6_to_ipv4(lua_State *L) {
  struct lsk_sockaddr addr, ipv4;
  check_self(L, &addr);
  const struct lsk_addrinfo *ai = lsk_check_addrinfo(L, 1);
  const unsigned char *host = host_bytes(&addr);
  if (lsk_sockaddr_family(&addr) != AF_INET6 ||
      !(is_ipv6_v4mapped(host) || is_ipv6_v4compat(host))) {
    lua_pushnil(L);
    return 1;
  }
  lsk_sockaddr_set_in(&ipv4, host + 12, 0);
  lsk_push_addrinfo(L, &ipv4, PF_INET, ai->socktype, ai->protocol);
  for (int i = 1; i <= LSK_ADDRINFO_VALUES; i++) {
    lua_getiuservalue(L, 1, i);
    lua_setiuservalue(L, -2, i);
  }
  return 1;
}

static const luaL_Reg methods[] = {
    {"ip_address", ip_address}, {"ip_port", ip_port},
    {"ip_unpack", ip_unpack},   {"ipv6_to_ipv4", ipv6_to_ipv4},
    {"is_ip", is_ip_},          {"to_table", to_table},
    {"unix_path", unix_path},   {NULL, NULL},
};

void lsk_open_addrinfo_query(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
  for (size_t i = 0; i < sizeof predicates / sizeof predicates[0]; i++) {
    lua_pushinteger(L, (lua_Integer)i);
    lua_pushcclosure(L, predicate, 1);
    lua_setfield(L, -2, predicates[i].name);
  }
}

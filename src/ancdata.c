/*
** The Socket.AncillaryData type: constructors and readers. A function that is
** both, as Ruby's AncillaryData.int and AncillaryData#int, tells them apart by
** its first argument.
*/

#include "ancdata.h"

#include "addr.h"
#include "addrinfo.h"
#include "arg.h"
#include "error.h"
#include "io.h"
#include "names.h"
#include "pktinfo.h"
#include "type.h"

#include <stdbool.h>
#include <string.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <lauxlib.h>

struct lsk_ancdata *lsk_push_ancdata(lua_State *L, int family,
                                     const struct lsk_cmsg *message) {
  struct lsk_ancdata *ancdata = lua_newuserdatauv(
      L, sizeof *ancdata + message->length, LSK_ANCDATA_VALUES);
  ancdata->family = family;
  ancdata->level = message->level;
  ancdata->type = message->type;
  ancdata->length = message->length;
  memcpy(ancdata->data, message->data, message->length);
  luaL_setmetatable(L, LSK_ANCDATA_METATABLE);
  return ancdata;
}

struct lsk_ancdata *lsk_test_ancdata(lua_State *L, int index) {
  return luaL_testudata(L, index, LSK_ANCDATA_METATABLE);
}

struct lsk_ancdata *lsk_check_ancdata(lua_State *L, int arg) {
  return luaL_checkudata(L, arg, LSK_ANCDATA_METATABLE);
}

/* Leaves one of the family, level and type in the arguments 1 to 3. */
static int push_named(lua_State *L, const void *data, size_t length) {
  int family = lsk_check_family(L, 1);
  int level = lsk_check_level(L, 2, family);
  int type = lsk_check_cmsg_type(L, 3, family, level);
  struct lsk_cmsg message = {level, type, data, length};
  (void)lsk_push_ancdata(L, family, &message);
  return 1;
}

/// Makes a control message from its bytes. Answers to Ruby's
// `Socket::AncillaryData.new`.
// @function AncillaryData.new
// @tparam string|integer family such as `"INET"`
// @tparam string|integer level such as `"IP"`
// @tparam string|integer type such as `"TTL"`
// @tparam string data the bytes
// @treturn AncillaryData the message
static int new (lua_State *L) {
  size_t length;
  const char *data = luaL_checklstring(L, 4, &length);
  return push_named(L, data, length);
}

/// The data as a C int; a message made from one. Raises if the size differs.
// Answers to Ruby's `Socket::AncillaryData#int` and
// `Socket::AncillaryData.int`.
// @function AncillaryData:int
// @usage AncillaryData.int("INET", "IP", "TTL", 9):int() --> 9
// @treturn integer the value
static int int_(lua_State *L) {
  int value;
  const struct lsk_ancdata *self = lsk_test_ancdata(L, 1);
  if (self == NULL) {
    value = lsk_check_int(L, 4);
    return push_named(L, &value, sizeof value);
  }
  if (self->length != sizeof value)
    return luaL_error(L, "size differ.  expected as sizeof(int)=%d but %I",
                      (int)sizeof value, (LUAI_UACINT)self->length);
  memcpy(&value, self->data, sizeof value);
  lua_pushinteger(L, value);
  return 1;
}

/* Leaves the message that passes the fds of the arguments. */
static int push_rights(lua_State *L) {
  int count = lua_gettop(L);
  lua_createtable(L, count, 0);
  int *fds = lua_newuserdatauv(L, (size_t)count * sizeof *fds, 0);
  for (int i = 1; i <= count; i++) {
    if (!lsk_test_io(L, i, &fds[i - 1]))
      return luaL_typeerror(L, i, "socket or file");
    if (fds[i - 1] < 0) return lsk_fail_closed(L);
    lua_pushvalue(L, i);
    lua_rawseti(L, count + 1, i);
  }
  struct lsk_cmsg message = {SOL_SOCKET, SCM_RIGHTS, (const char *)fds,
                             (size_t)count * sizeof *fds};
  (void)lsk_push_ancdata(L, AF_UNIX, &message);
  lua_pushvalue(L, count + 1);
  (void)lua_setiuservalue(L, -2, LSK_ANCDATA_OBJECTS);
  return 1;
}

/// The objects that came with a message; a message that passes objects. What
// came is a socket of the class that fits it, or a Lua file, if `recvmsg` was
// called with `scm_rights = true`; otherwise nil: the fds were closed at once.
// Answers to Ruby's `Socket::AncillaryData#unix_rights` and
// `Socket::AncillaryData.unix_rights`.
// @function AncillaryData:unix_rights
// @usage sock:sendmsg("x", 0, nil, AncillaryData.unix_rights(io.stdout, other))
// local _, _, _, rights = peer:recvmsg { scm_rights = true }
// local stdout, other = table.unpack(rights:unix_rights())
// @treturn table the objects
static int unix_rights(lua_State *L) {
  const struct lsk_ancdata *self = lsk_test_ancdata(L, 1);
  if (self == NULL) return push_rights(L);
  if (self->level != SOL_SOCKET || self->type != SCM_RIGHTS)
    return luaL_error(L, "SCM_RIGHTS ancillary data expected");
  lua_getiuservalue(L, 1, LSK_ANCDATA_OBJECTS);
  return 1;
}

/* Copies the data if it is all of a message of that level and type. */
static bool take(const struct lsk_ancdata *ancdata, int level, int type,
                 void *value, size_t size) {
  if (ancdata->level != level || ancdata->type != type) return false;
  if (ancdata->length != size) return false;
  memcpy(value, ancdata->data, size);
  return true;
}

static const char *scm_name(const struct lsk_ancdata *ancdata) {
  if (ancdata->level != SOL_SOCKET) return "";
  const char *name =
      lsk_cmsg_type_short(ancdata->family, ancdata->level, ancdata->type);
  return name == NULL ? "" : name;
}

/* The three times of SCM_TIMESTAMPING: the kernel's, one that is no longer
   used, the hardware's; 0 where there is none. */
static bool take_first(const struct timespec times[3], struct timespec *value) {
  *value = times[0].tv_sec != 0 || times[0].tv_nsec != 0 ? times[0] : times[2];
  return true;
}

bool lsk_ancdata_time(const struct lsk_ancdata *ancdata,
                      struct lsk_moment *moment) {
  const char *name = scm_name(ancdata);
  int type = ancdata->type;
  struct timeval micro;
  struct timespec nano, times[3];
  uint64_t binary[2]; /* seconds, and the fraction in units of 2^-64 */
  if (strcmp(name, "TIMESTAMP") == 0 &&
      take(ancdata, SOL_SOCKET, type, &micro, sizeof micro)) {
    *moment = (struct lsk_moment){micro.tv_sec, micro.tv_usec, 6};
    return true;
  }
  if (strcmp(name, "BINTIME") == 0 &&
      take(ancdata, SOL_SOCKET, type, binary, sizeof binary)) {
    uint64_t fraction = ((binary[1] >> 32) * 1000000000) >> 32;
    *moment = (struct lsk_moment){(int64_t)binary[0], (int64_t)fraction, 9};
    return true;
  }
  bool is_nano = strcmp(name, "TIMESTAMPNS") == 0 &&
                 take(ancdata, SOL_SOCKET, type, &nano, sizeof nano);
  if (!is_nano && strcmp(name, "TIMESTAMPING") == 0 &&
      take(ancdata, SOL_SOCKET, type, times, sizeof times))
    is_nano = take_first(times, &nano);
  if (!is_nano) return false;
  *moment = (struct lsk_moment){nano.tv_sec, nano.tv_nsec, 9};
  return true;
}

/// When the message arrived, as SCM_TIMESTAMP, SCM_TIMESTAMPNS,
// SCM_TIMESTAMPING or SCM_BINTIME says it. Answers to Ruby's
// `Socket::AncillaryData#timestamp`.
// @function AncillaryData:timestamp
// @treturn integer seconds since 1970
// @treturn integer nanoseconds
static int timestamp(lua_State *L) {
  struct lsk_moment moment;
  if (!lsk_ancdata_time(lsk_check_ancdata(L, 1), &moment))
    return luaL_error(L, "timestamp ancillary data expected");
  /* A program may make one whose fraction is no fraction. */
  int64_t unit = moment.digits == 6 ? 1000000 : 1000000000;
  int64_t rest = moment.fraction % unit;
  int64_t carry = moment.fraction / unit;
  if (rest < 0) {
    rest += unit;
    carry--;
  }
  /* Unsigned, since the sum may not fit. */
  lua_pushinteger(L, (int64_t)((uint64_t)moment.seconds + (uint64_t)carry));
  lua_pushinteger(L, rest * (1000000000 / unit));
  return 2;
}

/* The interface's index in argument `arg`. */
static unsigned check_ifindex(lua_State *L, int arg) {
  lua_Integer index = luaL_checkinteger(L, arg);
  if (index < 0 || index > UINT32_MAX)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%I is not within 0 to %I",
                                  (LUAI_UACINT)index, (LUAI_UACINT)UINT32_MAX));
  return (unsigned)index;
}

/* The IPv4 host of the address in argument `arg`, which Ruby calls `what`. */
static struct in_addr check_host(lua_State *L, int arg, const char *what) {
  struct lsk_sockaddr addr;
  lsk_check_sockaddr(L, arg, &addr);
  if (addr.length != sizeof addr.to.in)
    luaL_argerror(
        L, arg,
        lua_pushfstring(L, "%s size different to AF_INET sockaddr", what));
  if (lsk_sockaddr_in(&addr) == NULL)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s is not AF_INET sockaddr", what));
  return addr.to.in.sin_addr;
}

static void push_ipv4(lua_State *L, const struct in_addr *host) {
  struct lsk_sockaddr addr;
  lsk_sockaddr_set_in(&addr, host, 0);
  lsk_push_addrinfo(L, &addr, PF_INET, 0, 0);
}

/* Leaves the message of the addresses and the interface in the arguments. */
static int push_pktinfo(lua_State *L) {
  struct lsk_pktinfo info;
  char bytes[LSK_PKTINFO_MAX];
  info.destination = check_host(L, 1, "addr");
  info.ifindex = check_ifindex(L, 2);
  info.local =
      lua_isnoneornil(L, 3) ? info.destination : check_host(L, 3, "spec_dst");
  size_t length = lsk_pktinfo_put(&info, bytes);
  if (length == 0) return luaL_error(L, "there is no IP_PKTINFO here");
  struct lsk_cmsg message = {IPPROTO_IP, lsk_pktinfo_type(), bytes, length};
  (void)lsk_push_ancdata(L, AF_INET, &message);
  return 1;
}

/// Where an IPv4 datagram arrived; a message that says where one is to leave.
// Made from an address, an interface's index (0: any) and the address to leave
// from, which is the first one unless it is given. Answers to Ruby's
// `Socket::AncillaryData#ip_pktinfo` and `Socket::AncillaryData.ip_pktinfo`.
// @function AncillaryData:ip_pktinfo
// @treturn Addrinfo the datagram's destination
// @treturn integer the interface's index
// @treturn Addrinfo the local address
static int ip_pktinfo(lua_State *L) {
  const struct lsk_ancdata *self = lsk_test_ancdata(L, 1);
  if (self == NULL) return push_pktinfo(L);
  struct lsk_pktinfo info;
  if (self->level != IPPROTO_IP || self->type != lsk_pktinfo_type() ||
      !lsk_pktinfo_get(&info, self->data, self->length))
    return luaL_error(L, "IP_PKTINFO ancillary data expected");
  push_ipv4(L, &info.destination);
  lua_pushinteger(L, info.ifindex);
  push_ipv4(L, &info.local);
  return 3;
}

/* Reads the message in argument 1; raises when it is another one. */
static void check_pktinfo6(lua_State *L, struct in6_pktinfo *info) {
  const struct lsk_ancdata *self = lsk_check_ancdata(L, 1);
  if (!take(self, IPPROTO_IPV6, IPV6_PKTINFO, info, sizeof *info))
    luaL_error(L, "IPV6_PKTINFO ancillary data expected");
}

/// The address of an IPv6 datagram's destination. Answers to Ruby's
// `Socket::AncillaryData#ipv6_pktinfo_addr`.
// @function AncillaryData:ipv6_pktinfo_addr
// @treturn Addrinfo the address
static int ipv6_pktinfo_addr(lua_State *L) {
  struct in6_pktinfo info = {0};
  struct lsk_sockaddr addr;
  check_pktinfo6(L, &info);
  unsigned scope =
      IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr) ? (unsigned)info.ipi6_ifindex : 0;
  lsk_sockaddr_set_in6(&addr, &info.ipi6_addr, 0, 0, scope);
  lsk_push_addrinfo(L, &addr, PF_INET6, 0, 0);
  return 1;
}

/// The index of the interface where an IPv6 datagram arrived. Answers to Ruby's
// `Socket::AncillaryData#ipv6_pktinfo_ifindex`.
// @function AncillaryData:ipv6_pktinfo_ifindex
// @treturn integer the index
static int ipv6_pktinfo_ifindex(lua_State *L) {
  struct in6_pktinfo info = {0};
  check_pktinfo6(L, &info);
  lua_pushinteger(L, (unsigned)info.ipi6_ifindex);
  return 1;
}

/* Leaves the message of the address and interface in the arguments. */
static int push_pktinfo6(lua_State *L) {
  struct lsk_sockaddr addr;
  lsk_check_sockaddr(L, 1, &addr);
  if (addr.length != sizeof addr.to.in6)
    luaL_argerror(L, 1, "addr size different to AF_INET6 sockaddr");
  if (lsk_sockaddr_in6(&addr) == NULL)
    luaL_argerror(L, 1, "addr is not AF_INET6 sockaddr");
  struct in6_pktinfo info = {.ipi6_addr = addr.to.in6.sin6_addr,
                             .ipi6_ifindex = check_ifindex(L, 2)};
  struct lsk_cmsg message = {IPPROTO_IPV6, IPV6_PKTINFO, (const char *)&info,
                             sizeof info};
  (void)lsk_push_ancdata(L, AF_INET6, &message);
  return 1;
}

/// Where an IPv6 datagram arrived; a message that says where one is to leave.
// Made from an address and an interface's index (0: any). Answers to Ruby's
// `Socket::AncillaryData#ipv6_pktinfo` and
// `Socket::AncillaryData.ipv6_pktinfo`.
// @function AncillaryData:ipv6_pktinfo
// @treturn Addrinfo the address
// @treturn integer the interface's index
static int ipv6_pktinfo(lua_State *L) {
  if (lsk_test_ancdata(L, 1) == NULL) return push_pktinfo6(L);
  return ipv6_pktinfo_addr(L) + ipv6_pktinfo_ifindex(L);
}

/// The address family. Answers to Ruby's `Socket::AncillaryData#family`.
// @function AncillaryData:family
// @treturn integer `AF_…`
static int family(lua_State *L) {
  lua_pushinteger(L, lsk_check_ancdata(L, 1)->family);
  return 1;
}

/// The level. Answers to Ruby's `Socket::AncillaryData#level`.
// @function AncillaryData:level
// @treturn integer `SOL_…` or `IPPROTO_…`
static int level(lua_State *L) {
  lua_pushinteger(L, lsk_check_ancdata(L, 1)->level);
  return 1;
}

/// The type. Answers to Ruby's `Socket::AncillaryData#type`.
// @function AncillaryData:type
// @treturn integer `SCM_…` and so on
static int type_(lua_State *L) {
  lua_pushinteger(L, lsk_check_ancdata(L, 1)->type);
  return 1;
}

/// The data. Answers to Ruby's `Socket::AncillaryData#data`.
// @function AncillaryData:data
// @treturn string the bytes
static int data(lua_State *L) {
  const struct lsk_ancdata *self = lsk_check_ancdata(L, 1);
  lua_pushlstring(L, self->data, self->length);
  return 1;
}

/// Whether the message is of that level and type. Answers to Ruby's
// `Socket::AncillaryData#cmsg_is?`.
// @function AncillaryData:cmsg_is
// @tparam string|integer level such as `"IP"`; a name that the message's family
// does not have raises
// @tparam string|integer type such as `"TTL"`
// @treturn boolean
static int cmsg_is(lua_State *L) {
  const struct lsk_ancdata *self = lsk_check_ancdata(L, 1);
  int at = lsk_check_level(L, 2, self->family);
  int of = lsk_check_cmsg_type(L, 3, self->family, at);
  lua_pushboolean(L, self->level == at && self->type == of);
  return 1;
}

/* Messages with the same contents are equal. */
static int eq(lua_State *L) {
  const struct lsk_ancdata *a = lsk_test_ancdata(L, 1);
  const struct lsk_ancdata *b = lsk_test_ancdata(L, 2);
  lua_pushboolean(L, a != NULL && b != NULL && a->family == b->family &&
                         a->level == b->level && a->type == b->type &&
                         a->length == b->length &&
                         memcmp(a->data, b->data, a->length) == 0);
  return 1;
}

static const luaL_Reg functions[] = {
    {"new", new},
    {"int", int_},
    {"unix_rights", unix_rights},
    {"ip_pktinfo", ip_pktinfo},
    {"ipv6_pktinfo", ipv6_pktinfo},
    {"ipv6_pktinfo_addr", ipv6_pktinfo_addr},
    {"ipv6_pktinfo_ifindex", ipv6_pktinfo_ifindex},
    {"timestamp", timestamp},
    {"family", family},
    {"level", level},
    {"type", type_},
    {"data", data},
    {"cmsg_is", cmsg_is},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__eq", eq},
    {NULL, NULL},
};

void lsk_open_ancdata(lua_State *L) {
  lsk_open_type(L, LSK_ANCDATA_METATABLE, functions, metamethods);
}

/*
** The addresses of this machine's network interfaces: Socket.Ifaddr, and the
** functions that list them.
*/

#include "ifaddr.h"

#include "addrinfo.h"
#include "consts.h"
#include "error.h"
#include "sockaddr_text.h"
#include "sys_names.h"
#include "type.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#define LIST "socket.ifaddrs"
#define METATABLE "socket.Ifaddr"

/* An Ifaddr, with its name and its addresses, each an Addrinfo or nil, as user
   values. */
struct interface {
  unsigned int index; /* 0: the interface was gone already */
  unsigned int flags;
};

enum { NAME = 1, ADDR, NETMASK, BROADADDR, DSTADDR, VALUES = DSTADDR };

static int close_list(lua_State *L) {
  struct ifaddrs **list = luaL_checkudata(L, 1, LIST);
  if (*list != NULL) freeifaddrs(*list);
  *list = NULL;
  return 0;
}

/* Leaves the owner of the list of all addresses, which lets go of it when the
   C function returns: 0 | -errno. */
static int push_list(lua_State *L, struct ifaddrs **first) {
  struct ifaddrs **list = lua_newuserdatauv(L, sizeof(struct ifaddrs *), 0);
  *list = NULL;
  luaL_setmetatable(L, LIST);
  lua_toclose(L, -1);
  int rc = lsk_sys_ifaddrs(list);
  *first = *list;
  return rc;
}

/* Copies an address, which is as long as its family says. */
static void copy(struct lsk_sockaddr *to, const struct sockaddr *from) {
  size_t length = sizeof *from;
  struct lsk_packet packet;
  if (from->sa_family == AF_INET) length = sizeof(struct sockaddr_in);
  if (from->sa_family == AF_INET6) length = sizeof(struct sockaddr_in6);
  if (lsk_sockaddr_is_packet(from->sa_family)) {
    (void)lsk_sockaddr_set(to, from, LSK_PACKET_HEAD);
    length = LSK_PACKET_HEAD;
    if (lsk_sockaddr_packet(to, &packet)) length += (size_t)packet.halen;
  }
  (void)lsk_sockaddr_set(to, from, length);
}

/* Leaves the address as an Addrinfo, or nil. */
static void push_addr(lua_State *L, const struct sockaddr *from) {
  struct lsk_sockaddr addr;
  if (from == NULL) {
    lua_pushnil(L);
    return;
  }
  copy(&addr, from);
  (void)lsk_push_addrinfo(L, &addr, from->sa_family, 0, 0);
}

static void set_addr(lua_State *L, int which, const struct sockaddr *from) {
  push_addr(L, from);
  (void)lua_setiuservalue(L, -2, which);
}

/* Leaves the entry of the list as an Ifaddr. */
static bool push_ifaddr(lua_State *L, const struct ifaddrs *from) {
  struct interface *interface = lua_newuserdatauv(L, sizeof *interface, VALUES);
  interface->index = lsk_sys_ifindex(from->ifa_name);
  interface->flags = from->ifa_flags;
  luaL_setmetatable(L, METATABLE);
  lua_pushstring(L, from->ifa_name);
  (void)lua_setiuservalue(L, -2, NAME);
  set_addr(L, ADDR, from->ifa_addr);
  set_addr(L, NETMASK, from->ifa_netmask);
  if (from->ifa_flags & IFF_BROADCAST)
    set_addr(L, BROADADDR, from->ifa_broadaddr);
  if (from->ifa_flags & IFF_POINTOPOINT)
    set_addr(L, DSTADDR, from->ifa_dstaddr);
  return true;
}

/* Leaves the IP address of the entry of the list; false: it has none. */
static bool push_ip(lua_State *L, const struct ifaddrs *from) {
  const struct sockaddr *addr = from->ifa_addr;
  if (addr == NULL) return false;
  if (addr->sa_family != AF_INET && addr->sa_family != AF_INET6) return false;
  push_addr(L, addr);
  return true;
}

/* Leaves a list of what `push` leaves for each entry; false: nothing. */
static int push_each(lua_State *L,
                     bool (*push)(lua_State *L, const struct ifaddrs *from)) {
  struct ifaddrs *first;
  int rc = push_list(L, &first);
  if (rc < 0) return lsk_fail(L, "getifaddrs(3)", -rc);
  lua_newtable(L);
  lua_Integer count = 0;
  for (const struct ifaddrs *at = first; at != NULL; at = at->ifa_next)
    if (push(L, at)) lua_rawseti(L, -2, ++count);
  return 1;
}

/// The IP addresses of this machine, those of the loopback and of the link
// included. Answers to Ruby's `Socket.ip_address_list`.
// @function Socket.ip_address_list
// @treturn {Addrinfo,...} with port 0
// @error nil, err, errno
static int ip_address_list(lua_State *L) {
  return push_each(L, push_ip);
}

/// The addresses of this machine's network interfaces: one for each interface
// and address, those of the link layer included. Answers to Ruby's
// `Socket.getifaddrs`.
// @function Socket.getifaddrs
// @treturn {Ifaddr,...}
// @error nil, err, errno
static int getifaddrs_(lua_State *L) {
  return push_each(L, push_ifaddr);
}

static int push_value(lua_State *L, int which) {
  (void)luaL_checkudata(L, 1, METATABLE);
  (void)lua_getiuservalue(L, 1, which);
  return 1;
}

/// The interface's name. Answers to Ruby's `Socket::Ifaddr#name`.
// @function Ifaddr:name
// @treturn string `"eth0"`
static int name(lua_State *L) {
  return push_value(L, NAME);
}

/// The interface's index. Answers to Ruby's `Socket::Ifaddr#ifindex`.
// @function Ifaddr:ifindex
// @treturn integer from 1
// @error nil, err, errno: it was gone when the list was made
static int ifindex(lua_State *L) {
  const struct interface *interface = luaL_checkudata(L, 1, METATABLE);
  if (interface->index == 0) {
    (void)push_value(L, NAME);
    return lsk_fail_at(L, "if_nametoindex(3)", ENODEV, lua_tostring(L, -1));
  }
  lua_pushinteger(L, interface->index);
  return 1;
}

/// The interface's flags, a sum of `IFF_...`. Answers to Ruby's
// `Socket::Ifaddr#flags`.
// @function Ifaddr:flags
// @treturn integer
static int flags(lua_State *L) {
  const struct interface *interface = luaL_checkudata(L, 1, METATABLE);
  lua_pushinteger(L, interface->flags);
  return 1;
}

/// The address, which may be one of the link layer. Answers to Ruby's
// `Socket::Ifaddr#addr`.
// @function Ifaddr:addr
// @treturn Addrinfo or nil: an interface may have none
static int addr_(lua_State *L) {
  return push_value(L, ADDR);
}

/// The mask of the network. Answers to Ruby's `Socket::Ifaddr#netmask`.
// @function Ifaddr:netmask
// @treturn Addrinfo or nil
static int netmask(lua_State *L) {
  return push_value(L, NETMASK);
}

/// The address that reaches all of the network. Answers to Ruby's
// `Socket::Ifaddr#broadaddr`.
// @function Ifaddr:broadaddr
// @treturn Addrinfo or nil: not every network has one
static int broadaddr(lua_State *L) {
  return push_value(L, BROADADDR);
}

/// The address of the other end. Answers to Ruby's `Socket::Ifaddr#dstaddr`.
// @function Ifaddr:dstaddr
// @treturn Addrinfo or nil: only interfaces between two machines have one
static int dstaddr(lua_State *L) {
  return push_value(L, DSTADDR);
}

/* Adds the names of the flags in Ruby's order, and the rest as a number. */
static void add_flags(luaL_Buffer *text, unsigned int left) {
  static const char *const names[] = {
      "UP",      "BROADCAST", "DEBUG",     "LOOPBACK",   "POINTOPOINT",
      "RUNNING", "NOARP",     "PROMISC",   "NOTRAILERS", "ALLMULTI",
      "MASTER",  "SLAVE",     "MULTICAST", "PORTSEL",    "AUTOMEDIA",
      "DYNAMIC", NULL};
  char separator = ' ', rest[sizeof "0x" + 2 * sizeof left];
  for (int i = 0; names[i] != NULL; i++) {
    lua_Integer bit;
    size_t length = strlen(names[i]);
    if (!lsk_const_value("IFF_", names[i], length, &bit)) continue;
    if ((left & (unsigned int)bit) == 0) continue;
    left &= ~(unsigned int)bit;
    luaL_addchar(text, separator);
    luaL_addstring(text, names[i]);
    separator = ',';
  }
  if (left == 0) return;
  (void)snprintf(rest, sizeof rest, "%#x", left);
  luaL_addchar(text, separator);
  luaL_addstring(text, rest);
}

static void add_addr(lua_State *L, luaL_Buffer *text, int which,
                     const char *label) {
  (void)lua_getiuservalue(L, 1, which);
  const struct lsk_addrinfo *ai = lsk_test_addrinfo(L, -1);
  lua_pop(L, 1); /* the Ifaddr holds it */
  if (ai == NULL) return;
  struct lsk_sockaddr addr;
  lsk_addrinfo_sockaddr(ai, &addr);
  luaL_addstring(text, label);
  lsk_push_sockaddr_text(L, &addr);
  luaL_addvalue(text);
}

/// The text, which `tostring` gives, too. Answers to Ruby's
// `Socket::Ifaddr#inspect`.
// @function Ifaddr:inspect
// @treturn string `"#<Socket::Ifaddr lo UP,LOOPBACK,RUNNING,0x10000 127.0.0.1
// netmask=255.0.0.0>"`
static int inspect(lua_State *L) {
  const struct interface *interface = luaL_checkudata(L, 1, METATABLE);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  luaL_addstring(&text, "#<Socket::Ifaddr ");
  (void)lua_getiuservalue(L, 1, NAME);
  luaL_addvalue(&text);
  add_flags(&text, interface->flags);
  add_addr(L, &text, ADDR, " ");
  add_addr(L, &text, NETMASK, " netmask=");
  add_addr(L, &text, BROADADDR, " broadcast=");
  add_addr(L, &text, DSTADDR, " dstaddr=");
  luaL_addchar(&text, '>');
  luaL_pushresult(&text);
  return 1;
}

static const luaL_Reg list_metamethods[] = {
    {"__gc", close_list},
    {"__close", close_list},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"getifaddrs", getifaddrs_},
    {"ip_address_list", ip_address_list},
    {NULL, NULL},
};

void lsk_open_ifaddr_lists(lua_State *L) {
  luaL_newmetatable(L, LIST);
  luaL_setfuncs(L, list_metamethods, 0);
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}

static const luaL_Reg methods[] = {
    {"addr", addr_},  {"broadaddr", broadaddr}, {"dstaddr", dstaddr},
    {"flags", flags}, {"ifindex", ifindex},     {"inspect", inspect},
    {"name", name},   {"netmask", netmask},     {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__tostring", inspect},
    {NULL, NULL},
};

void lsk_open_ifaddr(lua_State *L) {
  lsk_open_type(L, METATABLE, methods, metamethods);
}

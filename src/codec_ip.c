/*
** Values of options and of control messages of the internet's families.
*/

#include "codec_ip.h"

#include "addr.h"
#include "errnos.h"
#include "errqueue.h"
#include "field.h"
#include "pktinfo.h"

#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>

#include <lauxlib.h>

/* The address of the family whose host is the text on top. */
static void check_host(lua_State *L, int arg, const char *name, int family,
                       struct lsk_sockaddr *addr) {
  size_t length;
  const char *text = luaL_tolstring(L, -1, &length);
  if (strlen(text) != length ||
      !lsk_sockaddr_parse(addr, family, lsk_special_host(family, text)))
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s '%s' is not a numeric %s address",
                                  name, text,
                                  family == AF_INET ? "IPv4" : "IPv6"));
  lua_pop(L, 1);
}

void lsk_opt_host_field(lua_State *L, int index, int arg, const char *name,
                        int family, void *host) {
  struct lsk_sockaddr addr;
  if (lua_getfield(L, index, name) == LUA_TNIL) {
    lua_pushliteral(L, "any");
    lua_replace(L, -2);
  }
  check_host(L, arg, name, family, &addr);
  lua_pop(L, 1);
  if (family == AF_INET)
    memcpy(host, &addr.to.in.sin_addr, sizeof addr.to.in.sin_addr);
  else
    memcpy(host, &addr.to.in6.sin6_addr, sizeof addr.to.in6.sin6_addr);
}

void lsk_set_host(lua_State *L, const char *field, int family,
                  const void *host) {
  char text[INET6_ADDRSTRLEN];
  lsk_set_string(L, field, inet_ntop(family, host, text, sizeof text));
}

static bool unpack_pktinfo(lua_State *L, const char *data, size_t length) {
  struct lsk_pktinfo info;
  if (!lsk_pktinfo_get(&info, data, length)) return false;
  lua_createtable(L, 0, 3);
  lsk_set_integer(L, "ifindex", info.ifindex);
  lsk_set_host(L, "spec_dst", AF_INET, &info.local);
  lsk_set_host(L, "addr", AF_INET, &info.destination);
  return true;
}

static void pack_pktinfo(lua_State *L, int index, int arg) {
  static const char *const names[] = {"ifindex", "spec_dst", "addr", NULL};
  struct lsk_pktinfo info;
  char bytes[LSK_PKTINFO_MAX];
  lsk_check_fields(L, index, arg, "pktinfo", names);
  info.ifindex =
      (unsigned)lsk_opt_integer_field(L, index, arg, "ifindex", UINT32_MAX);
  lsk_opt_host_field(L, index, arg, "spec_dst", AF_INET, &info.local);
  lsk_opt_host_field(L, index, arg, "addr", AF_INET, &info.destination);
  lua_pushlstring(L, bytes, lsk_pktinfo_put(&info, bytes));
}

const struct lsk_codec lsk_codec_pktinfo = {unpack_pktinfo, pack_pktinfo};

static bool unpack_pktinfo6(lua_State *L, const char *data, size_t length) {
  struct in6_pktinfo info;
  if (length != sizeof info) return false;
  memcpy(&info, data, sizeof info);
  lua_createtable(L, 0, 2);
  lsk_set_host(L, "addr", AF_INET6, &info.ipi6_addr);
  lsk_set_integer(L, "ifindex", info.ipi6_ifindex);
  return true;
}

static void pack_pktinfo6(lua_State *L, int index, int arg) {
  static const char *const names[] = {"addr", "ifindex", NULL};
  struct in6_pktinfo info;
  lsk_check_fields(L, index, arg, "pktinfo", names);
  lsk_opt_host_field(L, index, arg, "addr", AF_INET6, &info.ipi6_addr);
  info.ipi6_ifindex =
      (unsigned)lsk_opt_integer_field(L, index, arg, "ifindex", UINT32_MAX);
  lua_pushlstring(L, (const char *)&info, sizeof info);
}

const struct lsk_codec lsk_codec_pktinfo6 = {unpack_pktinfo6, pack_pktinfo6};

static bool unpack_sockaddr(lua_State *L, const char *data, size_t length) {
  struct lsk_sockaddr addr;
  if (!lsk_sockaddr_set(&addr, data, length)) return false;
  lsk_push_sockaddr_table(L, &addr);
  return true;
}

static void pack_sockaddr(lua_State *L, int index, int arg) {
  struct lsk_sockaddr addr;
  lsk_sockaddr_at(L, index, arg, &addr);
  lsk_push_sockaddr(L, &addr);
}

const struct lsk_codec lsk_codec_sockaddr = {unpack_sockaddr, pack_sockaddr};

/* Sets a field to a name, or to the number where there is none. */
static void set_name(lua_State *L, const char *field, const char *name,
                     int number) {
  if (name != NULL)
    lsk_set_string(L, field, name);
  else
    lsk_set_integer(L, field, number);
}

static bool unpack_queued_error(lua_State *L, const char *data, size_t length) {
  struct lsk_queued_error error;
  if (!lsk_queued_error(&error, data, length)) return false;
  lua_createtable(L, 0, 7);
  set_name(L, "error", lsk_errno_name(error.err), error.err);
  set_name(L, "origin", lsk_queued_error_origin(&error), error.origin);
  set_name(L, "type", lsk_queued_error_type(&error), error.type);
  set_name(L, "code", lsk_queued_error_code(&error), error.code);
  lsk_set_integer(L, "info", error.info);
  lsk_set_integer(L, "data", error.data);
  if (error.offender.length == 0) return true;
  lsk_push_sockaddr_table(L, &error.offender);
  lua_setfield(L, -2, "offender");
  return true;
}

static void pack_queued_error(lua_State *L, int index, int arg) {
  (void)index;
  luaL_argerror(L, arg, "an error of the system's cannot be made");
}

const struct lsk_codec lsk_codec_queued_error = {unpack_queued_error,
                                                 pack_queued_error};

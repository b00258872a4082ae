/*
** The text of a Socket.Option. The table of options says which are decoded; a
** value whose size does not fit is shown as a quoted string.
*/

#include "option_text.h"

#include "names.h"
#include "option.h"
#include "quote.h"
#include "sockopts.h"
#include "tcp_info.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <lauxlib.h>

/* Copies the value out if it has exactly that size. */
static bool take(const struct lsk_option *option, void *value, size_t size) {
  if (option->length != size) return false;
  memcpy(value, option->data, size);
  return true;
}

/* Each adds its text and returns true, or adds nothing and returns false. */

static bool add_int(luaL_Buffer *text, const struct lsk_option *option) {
  int value;
  if (!take(option, &value, sizeof value)) return false;
  lsk_add_format(text, "%d", value);
  return true;
}

static bool add_unsigned(luaL_Buffer *text, const struct lsk_option *option) {
  unsigned value;
  if (!take(option, &value, sizeof value)) return false;
  lsk_add_format(text, "%u", value);
  return true;
}

static bool add_errno(luaL_Buffer *text, const struct lsk_option *option) {
  int value;
  char reason[96];
  if (!take(option, &value, sizeof value)) return false;
  lsk_add_format(text, "%s (%d)", strerror_r(value, reason, sizeof reason),
                 value);
  return true;
}

static bool add_socktype(luaL_Buffer *text, const struct lsk_option *option) {
  int value;
  if (!take(option, &value, sizeof value)) return false;
  const char *name = lsk_socktype_name(value);
  if (name != NULL)
    luaL_addstring(text, name);
  else
    lsk_add_format(text, "%d", value);
  return true;
}

static bool add_linger(luaL_Buffer *text, const struct lsk_option *option) {
  struct linger value;
  if (!take(option, &value, sizeof value)) return false;
  if (value.l_onoff == 0 || value.l_onoff == 1)
    luaL_addstring(text, value.l_onoff ? "on" : "off");
  else
    lsk_add_format(text, "on(%d)", value.l_onoff);
  lsk_add_format(text, " %dsec", value.l_linger);
  return true;
}

static bool add_timeval(luaL_Buffer *text, const struct lsk_option *option) {
  struct timeval value;
  if (!take(option, &value, sizeof value)) return false;
  lsk_add_format(text, "%jd.%06jdsec", (intmax_t)value.tv_sec,
                 (intmax_t)value.tv_usec);
  return true;
}

/* Process, user and group of the peer: three ids of 32 bits. */
static bool add_credentials(luaL_Buffer *text,
                            const struct lsk_option *option) {
  uint32_t ids[3];
  if (!take(option, ids, sizeof ids)) return false;
  lsk_add_format(text, "pid=%u euid=%u egid=%u (ucred)", ids[0], ids[1],
                 ids[2]);
  return true;
}

/* A group and an interface's address; with 12 bytes also its index. */
static bool add_ipv4_group(luaL_Buffer *text, const struct lsk_option *option) {
  int index;
  if (option->length != 8 && option->length != 12) return false;
  lsk_add_host(text, AF_INET, option->data);
  luaL_addchar(text, ' ');
  lsk_add_host(text, AF_INET, option->data + 4);
  if (option->length == 8) return true;
  memcpy(&index, option->data + 8, sizeof index);
  luaL_addchar(text, ' ');
  lsk_add_interface(text, "ifindex:", (unsigned)index);
  return true;
}

static bool add_ipv4_interface(luaL_Buffer *text,
                               const struct lsk_option *option) {
  if (option->length == 12) return add_ipv4_group(text, option);
  if (option->length != 4) return false;
  lsk_add_host(text, AF_INET, option->data);
  return true;
}

static bool add_ipv6_interface(luaL_Buffer *text,
                               const struct lsk_option *option) {
  unsigned index;
  if (!take(option, &index, sizeof index)) return false;
  lsk_add_interface(text, "", index);
  return true;
}

static bool add_ipv6_group(luaL_Buffer *text, const struct lsk_option *option) {
  struct ipv6_mreq value;
  char address[INET6_ADDRSTRLEN];
  if (!take(option, &value, sizeof value)) return false;
  if (inet_ntop(AF_INET6, &value.ipv6mr_multiaddr, address, sizeof address) ==
      NULL)
    return false;
  lsk_add_format(text, "%s ", address);
  lsk_add_interface(text, "interface:", (unsigned)value.ipv6mr_interface);
  return true;
}

static bool add_statistics(luaL_Buffer *text, const struct lsk_option *option) {
  return lsk_add_tcp_info(text, option->data, option->length);
}

static bool (*const decoders[LSK_TEXTS])(luaL_Buffer *text,
                                         const struct lsk_option *option) = {
    [LSK_TEXT_INT] = add_int,
    [LSK_TEXT_UNSIGNED] = add_unsigned,
    [LSK_TEXT_ERRNO] = add_errno,
    [LSK_TEXT_SOCKTYPE] = add_socktype,
    [LSK_TEXT_LINGER] = add_linger,
    [LSK_TEXT_TIMEVAL] = add_timeval,
    [LSK_TEXT_UCRED] = add_credentials,
    [LSK_TEXT_IPV4_GROUP] = add_ipv4_group,
    [LSK_TEXT_IPV4_INTERFACE] = add_ipv4_interface,
    [LSK_TEXT_IPV6_GROUP] = add_ipv6_group,
    [LSK_TEXT_IPV6_INTERFACE] = add_ipv6_interface,
    [LSK_TEXT_TCP_INFO] = add_statistics,
};

static bool add_decoded(luaL_Buffer *text, const struct lsk_option *option) {
  const struct lsk_sockopt *known =
      lsk_find_sockopt_text(option->level, option->optname);
  return known != NULL && decoders[known->text](text, option);
}

/*
** The option's name. Ruby 3.1, whose texts these are, does not know two options
** and shows their numbers.
*/
static const char *name_of(const struct lsk_option *option) {
  const char *name =
      lsk_optname_short(option->family, option->level, option->optname);
  bool is_new = name != NULL && (strcmp(name, "INCOMING_CPU") == 0 ||
                                 strcmp(name, "INCOMING_NAPI_ID") == 0);
  return is_new ? NULL : name;
}

/// A text for people. Answers to Ruby's `Socket::Option#inspect`.
// @function Option:inspect
// @treturn string `"#<Socket::Option: INET SOCKET KEEPALIVE 1>"`
static int inspect(lua_State *L) {
  const struct lsk_option *option = lsk_check_option(L, 1);
  int family = option->family;
  const char *level = lsk_level_short(family, option->level);
  const char *optname = name_of(option);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  luaL_addstring(&text, "#<Socket::Option: ");
  lsk_add_name(&text, lsk_family_short(family), "family", family);
  lsk_add_name(&text, level, "level", option->level);
  lsk_add_name(&text, optname, "optname", option->optname);
  bool is_known = level != NULL && optname != NULL;
  if (!is_known || !add_decoded(&text, option))
    lsk_add_quoted(&text, option->data, option->length);
  luaL_addchar(&text, '>');
  luaL_pushresult(&text);
  return 1;
}

void lsk_open_option_text(lua_State *L) {
  luaL_getmetatable(L, LSK_OPTION_METATABLE);
  lua_pushcfunction(L, inspect);
  lua_pushvalue(L, -1);
  lua_setfield(L, -4, "inspect");
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
}

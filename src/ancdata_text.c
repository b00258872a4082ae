/*
** The text of a Socket.AncillaryData. The table below says which messages are
** decoded; others, and data whose size does not fit, are shown as a quoted
** string.
*/

#include "ancdata_text.h"

#include "ancdata.h"
#include "names.h"
#include "pktinfo.h"
#include "quote.h"
#include "text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <lauxlib.h>

/* Copies the data out if it has exactly that size. */
static bool take(const struct lsk_ancdata *ancdata, void *value, size_t size) {
  if (ancdata->length != size) return false;
  memcpy(value, ancdata->data, size);
  return true;
}

/* Each adds its text and returns true, or adds nothing and returns false. */

/* The numbers of the fds. */
static bool add_rights(luaL_Buffer *text, const struct lsk_ancdata *ancdata) {
  size_t count = ancdata->length / sizeof(int);
  if (count == 0 || ancdata->length % sizeof(int) != 0) return false;
  struct lsk_cmsg message = {.data = ancdata->data, .length = ancdata->length};
  for (size_t i = 0; i < count; i++)
    lsk_add_format(text, i == 0 ? "%d" : " %d", lsk_cmsg_fd(&message, i));
  return true;
}

/* A moment, in the time zone of the process. */
static bool add_time(luaL_Buffer *text, const struct lsk_ancdata *ancdata) {
  struct lsk_moment moment;
  if (!lsk_ancdata_time(ancdata, &moment)) return false;
  time_t seconds = (time_t)moment.seconds;
  struct tm parts;
  char day[64];
  if (localtime_r(&seconds, &parts) == NULL) return false;
  if (strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", &parts) == 0) return false;
  lsk_add_format(text, "%s.%0*" PRId64, day, moment.digits, moment.fraction);
  return true;
}

/* Process, user and group of the sender: three ids of 32 bits. */
static bool add_credentials(luaL_Buffer *text,
                            const struct lsk_ancdata *ancdata) {
  uint32_t ids[3];
  if (!take(ancdata, ids, sizeof ids)) return false;
  lsk_add_format(text, "pid=%u uid=%u gid=%u (ucred)", ids[0], ids[1], ids[2]);
  return true;
}

static bool add_pktinfo(luaL_Buffer *text, const struct lsk_ancdata *ancdata) {
  struct lsk_pktinfo info;
  if (!lsk_pktinfo_get(&info, ancdata->data, ancdata->length)) return false;
  lsk_add_host(text, AF_INET, &info.destination);
  luaL_addchar(text, ' ');
  lsk_add_interface(text, "ifindex:", (int)info.ifindex);
  luaL_addstring(text, " spec_dst:");
  lsk_add_host(text, AF_INET, &info.local);
  return true;
}

static bool add_pktinfo6(luaL_Buffer *text, const struct lsk_ancdata *ancdata) {
  struct in6_pktinfo info;
  if (!take(ancdata, &info, sizeof info)) return false;
  lsk_add_host(text, AF_INET6, &info.ipi6_addr);
  luaL_addchar(text, ' ');
  lsk_add_interface(text, "ifindex:", (int)info.ipi6_ifindex);
  return true;
}

static const struct decoder {
  const char *level;
  const char *type;
  bool (*add)(luaL_Buffer *text, const struct lsk_ancdata *ancdata);
} decoders[] = {
    {"SOCKET", "BINTIME", add_time},
    {"SOCKET", "CREDENTIALS", add_credentials},
    {"SOCKET", "RIGHTS", add_rights},
    {"SOCKET", "TIMESTAMP", add_time},
    {"SOCKET", "TIMESTAMPNS", add_time},
    {"IP", "PKTINFO", add_pktinfo},
    {"IPV6", "PKTINFO", add_pktinfo6},
};

static bool add_decoded(luaL_Buffer *text, const struct lsk_ancdata *ancdata,
                        const char *level, const char *type) {
  if (level == NULL || type == NULL) return false;
  for (size_t i = 0; i < sizeof decoders / sizeof decoders[0]; i++)
    if (strcmp(decoders[i].level, level) == 0 &&
        strcmp(decoders[i].type, type) == 0)
      return decoders[i].add(text, ancdata);
  return false;
}

/// A text for people. Answers to Ruby's `Socket::AncillaryData#inspect`.
// @function AncillaryData:inspect
// @treturn string `"#<Socket::AncillaryData: UNIX SOCKET RIGHTS 5>"`
static int inspect(lua_State *L) {
  const struct lsk_ancdata *ancdata = lsk_check_ancdata(L, 1);
  int family = ancdata->family;
  const char *level = lsk_level_short(family, ancdata->level);
  const char *type = lsk_cmsg_type_short(family, ancdata->level, ancdata->type);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  luaL_addstring(&text, "#<Socket::AncillaryData: ");
  lsk_add_name(&text, lsk_family_short(family), "family", family);
  lsk_add_name(&text, level, "cmsg_level", ancdata->level);
  lsk_add_name(&text, type, "cmsg_type", ancdata->type);
  if (!add_decoded(&text, ancdata, level, type))
    lsk_add_quoted(&text, ancdata->data, ancdata->length);
  luaL_addchar(&text, '>');
  luaL_pushresult(&text);
  return 1;
}

void lsk_open_ancdata_text(lua_State *L) {
  luaL_getmetatable(L, LSK_ANCDATA_METATABLE);
  lua_pushcfunction(L, inspect);
  lua_pushvalue(L, -1);
  lua_setfield(L, -4, "inspect");
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
}

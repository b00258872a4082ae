/*
** Values of control messages of the internet's families.
*/

#include "codec_ip.h"

#include "addr.h"
#include "errnos.h"
#include "errqueue.h"
#include "field.h"

#include <lauxlib.h>

const struct lsk_codec lsk_codec_pktinfo = {.layout = &lsk_layout_ip_pktinfo};
const struct lsk_codec lsk_codec_pktinfo6 = {.layout =
                                                 &lsk_layout_ipv6_pktinfo};

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

const struct lsk_codec lsk_codec_sockaddr = {NULL, unpack_sockaddr,
                                             pack_sockaddr};

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

const struct lsk_codec lsk_codec_queued_error = {NULL, unpack_queued_error,
                                                 pack_queued_error};

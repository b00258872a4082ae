/*
** What is known of a socket: info.
*/

#include "op_info.h"

#include "counters.h"
#include "handle.h"
#include "names.h"
#include "settings.h"
#include "sockaddr_fields.h"
#include "sys.h"

#include <ctype.h>
#include <string.h>

#include <netinet/in.h>

#include <lauxlib.h>

/* Leaves the name in small letters, without the prefix; the number where there
   is no name. */
static void push_name(lua_State *L, const char *name, const char *prefix,
                      int number) {
  if (name == NULL) {
    lua_pushinteger(L, number);
    return;
  }
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (const char *at = name + strlen(prefix); *at != '\0'; at++)
    luaL_addchar(&buffer, (char)tolower((unsigned char)*at));
  luaL_pushresult(&buffer);
}

static void push_domain(lua_State *L, int domain) {
  const char *name = lsk_addr_family(domain)->name;
  if (name != NULL)
    lua_pushstring(L, name);
  else
    push_name(L, lsk_family_name(domain), "AF_", domain);
}

/* What the kernel takes where no protocol is named. */
static int usual_protocol(const struct lsk_handle *h) {
  if (h->domain != AF_INET && h->domain != AF_INET6) return 0;
  if (h->type == SOCK_STREAM) return IPPROTO_TCP;
  return h->type == SOCK_DGRAM ? IPPROTO_UDP : 0;
}

static void push_protocol(lua_State *L, const struct lsk_handle *h) {
  int protocol = h->protocol == 0 ? usual_protocol(h) : h->protocol;
  bool is_ip = h->domain == AF_INET || h->domain == AF_INET6;
  if (protocol == 0)
    lua_pushliteral(L, "default");
  else
    push_name(L, is_ip ? lsk_any_protocol_name(protocol) : NULL, "IPPROTO_",
              protocol);
}

static void push_origin(lua_State *L, const struct lsk_handle *h) {
  lua_pushstring(L, h->is_foreign ? "fromfd" : "normal");
  if (h->extra == NULL || h->extra->origin < 0) return;
  lua_createtable(L, 2, 0);
  lua_insert(L, -2);
  lua_rawseti(L, -2, 1);
  lua_pushinteger(L, h->extra->origin);
  lua_rawseti(L, -2, 2);
}

/* Sets the field `prefix`_`name` of the table on top. */
static void set_counter(lua_State *L, const char *prefix, const char *name,
                        uint64_t value) {
  (void)lua_pushfstring(L, "%s_%s", prefix, name);
  lua_pushinteger(L, (lua_Integer)value);
  lua_rawset(L, -3);
}

/* What every flow tells. */
static void set_tries(lua_State *L, const char *prefix,
                      const struct lsk_flow *flow) {
  set_counter(L, prefix, "tries", lsk_flow_tries(flow));
  set_counter(L, prefix, "fails", flow->fails);
  set_counter(L, prefix, "waits", flow->waits);
}

static void set_bytes(lua_State *L, const char *prefix,
                      const struct lsk_flow *flow) {
  set_tries(L, prefix, flow);
  set_counter(L, prefix, "byte", flow->bytes);
  set_counter(L, prefix, "pkg", flow->packages);
  set_counter(L, prefix, "pkg_max", flow->longest);
}

static void push_counters(lua_State *L, const struct lsk_handle *h) {
  static const struct lsk_extra none;
  const struct lsk_extra *extra = h->extra == NULL ? &none : h->extra;
  lua_createtable(L, 0, 24);
  set_bytes(L, "read", &h->flows[LSK_READING]);
  set_bytes(L, "write", &h->flows[LSK_WRITING]);
  set_tries(L, "acc", &extra->accepts);
  set_counter(L, "acc", "success", extra->accepts.packages);
  set_bytes(L, "sendfile", &extra->sendfile);
  set_counter(L, "sendfile", "max", extra->sendfile.longest);
  lua_pushinteger(L, (lua_Integer)lsk_flow_tries(&extra->sendfile));
  lua_setfield(L, -2, "sendfile");
}

/* What the kernel and the scheduler tell of a socket. */
struct state {
  bool is_open, is_bound, is_listening, is_connected;
  lua_Integer readers, writers;
};

static bool has_name(const struct lsk_sockaddr *addr) {
  switch (lsk_sockaddr_family(addr)) {
  case AF_INET:
    return addr->to.in.sin_port != 0;
  case AF_INET6:
    return addr->to.in6.sin6_port != 0;
  default:
    return addr->length > sizeof(sa_family_t);
  }
}

static struct state get_state(const struct lsk_handle *h) {
  struct state state = {.is_open = h->fd >= 0};
  if (!state.is_open) return state;
  struct lsk_sockaddr addr;
  int accepts = 0;
  bool may_listen = h->type == SOCK_STREAM || h->type == SOCK_SEQPACKET;
  state.is_bound = lsk_sys_getsockname(h->fd, &addr) == 0 && has_name(&addr);
  state.is_connected = lsk_sys_getpeername(h->fd, &addr) == 0;
  state.is_listening =
      may_listen &&
      lsk_sys_getsockopt_int(h->fd, SO_ACCEPTCONN, &accepts) == 0 && accepts;
  state.readers = (lua_Integer)lsk_watch_waiters(&h->watch, LSK_READING);
  state.writers = (lua_Integer)lsk_watch_waiters(&h->watch, LSK_WRITING);
  return state;
}

/* Appends the name to the list on top. */
static void add_state(lua_State *L, bool is, const char *name) {
  if (!is) return;
  lua_pushstring(L, name);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* Sets the fields of the table on top. */
static void set_states(lua_State *L, const struct lsk_handle *h) {
  struct state state = get_state(h);
  lua_newtable(L);
  add_state(L, state.is_bound, "bound");
  add_state(L, state.is_listening, "listening");
  add_state(L, state.is_listening && state.readers > 0, "accepting");
  add_state(L, state.readers > 0, "selected");
  add_state(L, !state.is_open, "closed");
  lua_setfield(L, -2, "rstates");
  lua_newtable(L);
  add_state(L, state.is_connected, "connected");
  add_state(L, state.writers > 0, "selected");
  add_state(L, !state.is_open, "closed");
  lua_setfield(L, -2, "wstates");
  lua_pushinteger(L, state.is_listening ? 0 : state.readers);
  lua_setfield(L, -2, "num_readers");
  lua_pushinteger(L, state.is_listening ? state.readers : 0);
  lua_setfield(L, -2, "num_acceptors");
  lua_pushinteger(L, state.writers);
  lua_setfield(L, -2, "num_writers");
  lua_pushboolean(L, state.is_open && !h->read_closed && !h->read_shut);
  lua_setfield(L, -2, "readable");
  lua_pushboolean(L, state.is_open && !h->write_closed && !h->write_shut);
  lua_setfield(L, -2, "writable");
}

/// Tells what is known of the socket, also of a closed one. Answers to Erlang's
// `socket:info`.
//
// `domain`, `type` and `protocol` are names such as `"inet"`, `"stream"`,
// `"tcp"`. `ctype` is `"normal"`, or `"fromfd"` for one made of an fd from
// elsewhere, or `{"fromfd", fd}` if it is a copy of that. `readable` and
// `writable` say whether that half is open. `num_readers`, `num_writers` and
// `num_acceptors` count the calls that wait for it or were started; `rstates`
// and `wstates` are lists of `"bound"`, `"listening"`, `"accepting"`,
// `"connected"`, `"selected"` (somebody waits) and `"closed"`.
//
// `counters` has for reading (`read_`) and writing (`write_`): `_byte`; `_pkg`,
// the messages, or parts of a stream that one system call moved; `_pkg_max`,
// the longest of them; `_waits`, the tries that found nothing or no room;
// `_fails`, those that ended in an error or at the end of the stream; and
// `_tries`, all three together. Of accepting it has `acc_success`, `acc_tries`,
// `acc_waits` and `acc_fails`, of copying a file into the socket inside the
// kernel the same as of writing (`sendfile_`).
// @function BasicSocket:info
// @treturn table what is known
static int info(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lua_createtable(L, 0, 14);
  push_domain(L, h->domain);
  lua_setfield(L, -2, "domain");
  push_name(L, lsk_socktype_name(h->type), "SOCK_", h->type);
  lua_setfield(L, -2, "type");
  push_protocol(L, h);
  lua_setfield(L, -2, "protocol");
  push_origin(L, h);
  lua_setfield(L, -2, "ctype");
  push_counters(L, h);
  lua_setfield(L, -2, "counters");
  (void)lsk_push_setting(L, 1, "controlling_process");
  lua_setfield(L, -2, "owner");
  set_states(L, h);
  return 1;
}

static const luaL_Reg methods[] = {
    {"info", info},
    {NULL, NULL},
};

void lsk_open_op_info(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

/*
** The socket userdata: owner of one fd, and of what belongs to it.
*/

#include "handle.h"

#include "arg.h"
#include "foreign.h"
#include "registry.h"
#include "sys.h"
#include "sys_io.h"

#include <errno.h>

#include <lauxlib.h>

static const struct {
  const char *name;
  const char *metatable;
} kinds[LSK_KINDS] = {
    [LSK_BASICSOCKET] = {"BasicSocket", "socket.BasicSocket"},
    [LSK_SOCKET] = {"Socket", "socket.Socket"},
    [LSK_IPSOCKET] = {"IPSocket", "socket.IPSocket"},
    [LSK_TCPSOCKET] = {"TCPSocket", "socket.TCPSocket"},
    [LSK_TCPSERVER] = {"TCPServer", "socket.TCPServer"},
    [LSK_UDPSOCKET] = {"UDPSocket", "socket.UDPSocket"},
    [LSK_UNIXSOCKET] = {"UNIXSocket", "socket.UNIXSocket"},
    [LSK_UNIXSERVER] = {"UNIXServer", "socket.UNIXServer"},
};

const char lsk_handle_tag = 0;

struct lsk_handle *lsk_new_handle(lua_State *L, enum lsk_kind kind) {
  struct lsk_state *state = lsk_get_state(L);
  struct lsk_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
  *h = (struct lsk_handle){
      .tag = &lsk_handle_tag,
      .state = state,
      .fd = -1,
      .kind = (unsigned)kind & (LSK_KINDS - 1),
      .timeout = -1,
      .no_reverse_lookup = state->no_reverse_lookup,
  };
  luaL_setmetatable(L, kinds[kind].metatable);
  if (!state->no_registry) h->slot = lsk_register(L, state);
  return h;
}

static void unregister(lua_State *L, struct lsk_handle *h) {
  int slot = h->slot;
  h->slot = 0;
  if (slot != 0) lsk_unregister(L, h->state, slot);
}

void lsk_set_registered(lua_State *L, struct lsk_handle *h, bool on) {
  if (!on)
    unregister(L, h);
  else if (h->slot == 0)
    h->slot = lsk_register(L, h->state);
}

void lsk_adopt_fd(struct lsk_handle *h, int fd, int domain, int type,
                  int protocol) {
  bool nonblocking;
  h->fd = fd;
  h->domain = (unsigned char)domain;
  h->type = (unsigned char)lsk_sys_plain_type(type, &nonblocking);
  h->nonblocking = nonblocking;
  h->protocol = (unsigned short)protocol;
  if (h->slot != 0) h->state->registered++;
}

/* The waiters go on, and find the socket closed. */
static int end_watch(struct lsk_handle *h, bool is_closing) {
  int fd = h->fd;
  h->fd = -1;
  if (fd < 0) return fd;
  if (h->slot != 0) h->state->registered--;
  if (h->watch.is_shared) lsk_foreign_end(h->state, &h->watch, fd, false);
  lsk_watch_end(&h->state->loop, &h->watch, fd, is_closing);
  return fd;
}

int lsk_release_fd(struct lsk_handle *h) {
  return end_watch(h, false);
}

void lsk_drop_out(lua_State *L, struct lsk_handle *h) {
  if (h->extra != NULL) lsk_drop_buffer(L, h->state, &h->extra->out);
}

int lsk_close_handle(lua_State *L, struct lsk_handle *h) {
  lsk_drop_buffer(L, h->state, &h->in);
  lsk_drop_out(L, h);
  int fd = end_watch(h, !h->is_borrowed);
  unregister(L, h);
  return fd < 0 || h->is_borrowed ? 0 : lsk_sys_close(fd);
}

struct lsk_extra *lsk_get_extra(struct lsk_handle *h) {
  if (h->extra != NULL) return h->extra;
  struct lsk_memory memory = h->state->loop.watches.memory;
  h->extra = memory.allocate(memory.ud, NULL, 0, sizeof *h->extra);
  if (h->extra != NULL) *h->extra = (struct lsk_extra){.origin = -1};
  return h->extra;
}

static void drop_extra(struct lsk_handle *h) {
  struct lsk_memory memory = h->state->loop.watches.memory;
  struct lsk_extra *extra = h->extra;
  h->extra = NULL;
  if (extra != NULL) (void)memory.allocate(memory.ud, extra, sizeof *extra, 0);
}

int lsk_set_nonblocking(struct lsk_handle *h, bool on) {
  if (h->nonblocking == on) return 0;
  int rc = lsk_sys_set_nonblocking(h->fd, on);
  if (rc == 0) h->nonblocking = on;
  return rc;
}

bool lsk_is_stream(const struct lsk_handle *h) {
  return h->type == SOCK_STREAM;
}

void lsk_keep_read_error(struct lsk_handle *h, int err) {
  if (h->type != SOCK_STREAM && h->type != SOCK_SEQPACKET) return;
  switch (err) {
  case ECONNRESET:
  case ECONNABORTED:
  case ETIMEDOUT:
  case EPIPE:
  case EHOSTUNREACH:
  case ENETUNREACH:
  case ENETDOWN:
    h->read_error = (short)err;
    break;
  default:
    break;
  }
}

lsk_deadline lsk_handle_deadline(lua_State *L, const struct lsk_handle *h,
                                 int at) {
  return lsk_arg_call_deadline(L, at, h->timeout);
}

bool lsk_kind_is_ip(int kind) {
  return kind >= LSK_IPSOCKET && kind <= LSK_UDPSOCKET;
}

bool lsk_kind_is_unix(int kind) {
  return kind == LSK_UNIXSOCKET || kind == LSK_UNIXSERVER;
}

const char *lsk_kind_name(enum lsk_kind kind) {
  return kinds[kind].name;
}

static const char teller = 0; /* its address is a registry key */

void lsk_set_teller(lua_State *L) {
  lua_rawsetp(L, LUA_REGISTRYINDEX, &teller);
}

void lsk_tell_closed(lua_State *L, int index) {
  struct lsk_handle *h = lua_touserdata(L, index);
  if (!h->is_monitored) return;
  h->is_monitored = false;
  lua_pushvalue(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &teller);
  lua_insert(L, -2);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) lua_pop(L, 1); /* memory is out */
}

/* Nobody waits on a socket that is collected: a waiter holds it. */
static int gc(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  size_t length = lsk_out_length(h);
  if (h->fd >= 0 && length > 0) /* one try, whatever comes of it */
    (void)lsk_sys_send(h->fd, lsk_out_bytes(h), length, MSG_DONTWAIT);
  if (h->watch.is_shared) lsk_foreign_end(h->state, &h->watch, h->fd, true);
  if (h->no_autoclose) (void)lsk_release_fd(h);
  (void)lsk_close_handle(L, h);
  lsk_tell_closed(L, 1);
  drop_extra(h);
  return 0;
}

void lsk_open_handle(lua_State *L) {
  lsk_open_registry(L);
  for (int kind = 0; kind < LSK_KINDS; kind++) {
    luaL_newmetatable(L, kinds[kind].metatable);
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
    lua_setfield(L, -2, kinds[kind].name);
  }
}

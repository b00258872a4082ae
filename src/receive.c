/*
** What the receiving operations share.
*/

#include "receive.h"

#include "error.h"
#include "settings.h"
#include "sys_io.h"

/* What one receive takes of a stream at the most, whatever was asked. */
#define STREAM_MOST (1 << 20)

/* What is taken where no length is given and nothing tells the next one. */
#define DEFAULT_SIZE 65536

/* Leaves what the option says: a size, or as many of them as there are reads;
   false, with nothing left, where it says nothing. */
static bool push_limit(lua_State *L, const char *option) {
  int type = lsk_push_setting(L, 1, option);
  if (type == LUA_TTABLE) {
    lua_getfield(L, -1, "reads");
    lua_getfield(L, -2, "size");
    lua_Integer most = lua_tointeger(L, -2) * lua_tointeger(L, -1);
    lua_pop(L, 2);
    lua_pushinteger(L, most);
    lua_replace(L, -2);
  }
  if (type == LUA_TNIL) lua_pop(L, 1);
  return type != LUA_TNIL;
}

ssize_t lsk_settle_size(lua_State *L, int arg, const struct lsk_handle *h,
                        const char *option) {
  bool is_open = h->has_settings && lua_isnoneornil(L, arg);
  if (is_open && push_limit(L, option)) lua_replace(L, arg);
  return lsk_opt_size(L, arg);
}

ssize_t lsk_room_needed(const struct lsk_handle *h, ssize_t asked, int flags) {
  if (asked >= 0 && asked <= DEFAULT_SIZE) return asked;
  if (lsk_is_stream(h)) {
    if (asked < 0) return DEFAULT_SIZE;
    return asked < STREAM_MOST ? asked : STREAM_MOST;
  }
  bool is_ip = h->domain == AF_INET || h->domain == AF_INET6;
  if (is_ip) return DEFAULT_SIZE; /* a datagram has no more */
  ssize_t next = lsk_sys_next_length(h->fd, flags);
  return asked >= 0 && asked < next ? asked : next;
}

bool lsk_is_end(const struct lsk_handle *h, ssize_t asked, ssize_t length) {
  return length == 0 && asked != 0 &&
         (lsk_is_stream(h) || h->type == SOCK_SEQPACKET);
}

char *lsk_make_room(lua_State *L, const struct lsk_handle *h, size_t room) {
  return room <= LSK_BUFFER_SIZE ? lsk_get_scratch(L, h->state)
                                 : lua_newuserdatauv(L, room, 0);
}

int lsk_check_receiving(lua_State *L, const struct lsk_handle *h,
                        const char *refusal, const char *syscall) {
  if (h->fd < 0) return lsk_fail_closed(L);
  if (lsk_buffer_length(&h->in) > 0)
    return lsk_fail_named(L, "IOError", refusal);
  return h->read_error != 0 ? lsk_fail(L, syscall, h->read_error) : 0;
}

int lsk_fail_receive(lua_State *L, struct lsk_handle *h, const char *syscall,
                     int err) {
  lsk_keep_read_error(h, err);
  return lsk_fail(L, syscall, err);
}

/*
** Receiving exactly so many bytes of a stream.
*/

#include "exact.h"

#include "counters.h"
#include "error.h"
#include "handle.h"
#include "pieces.h"
#include "receive.h"
#include "wait.h"

#include <errno.h>

#include <lauxlib.h>

/* Stack slots: how many bytes are wanted and with which flags, what has come so
   far as a list of strings, and how many bytes these are. */
enum { SIZE = 2, FLAGS, PIECES, DONE };

/* Receives once, at most so many bytes, and appends them: how many, 0 at the
   end | -errno. */
static ssize_t receive_piece(lua_State *L, struct lsk_handle *h, size_t left,
                             lsk_deadline deadline) {
  if (!lsk_may_try(h, LSK_READABLE)) return -EAGAIN;
  int flags = (int)lua_tointeger(L, FLAGS) | lsk_wait_flag(h, deadline);
  size_t room = (size_t)lsk_room_needed(h, (ssize_t)left, flags);
  char *bytes = lsk_make_room(L, h, room);
  ssize_t rc = lsk_sys_recv(h->fd, bytes, room, flags);
  if (rc <= 0) return rc;
  lua_pushlstring(L, bytes, (size_t)rc);
  lua_rawseti(L, PIECES, (lua_Integer)lua_rawlen(L, PIECES) + 1);
  lua_pushinteger(L, lua_tointeger(L, DONE) + rc);
  lua_replace(L, DONE);
  if (rc < (ssize_t)room) lsk_note_short(h, LSK_READABLE);
  return rc;
}

/* A failure after some bytes came: they are in the error. */
static int fail_midway(lua_State *L, int results) {
  size_t length;
  if (lua_tointeger(L, DONE) == 0) return results;
  lsk_join_pieces(L, PIECES);
  const char *bytes = lua_tolstring(L, PIECES, &length);
  return lsk_fail_partial(L, bytes, length);
}

/* The end of the stream: nil alone, unless it comes midway. */
static int push_end(lua_State *L) {
  if (lua_tointeger(L, DONE) > 0) return fail_midway(L, lsk_fail_eof(L));
  lua_pushnil(L);
  return 1;
}

static int exact_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, DONE);
  if (failed == 0)
    failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, exact_k);
  while (failed == 0) {
    failed = lsk_check_receiving(L, h, "recv for buffered IO", "recvfrom(2)");
    if (failed) break;
    lua_Integer left = lua_tointeger(L, SIZE) - lua_tointeger(L, DONE);
    if (left == 0) {
      lsk_join_pieces(L, PIECES);
      lua_settop(L, PIECES);
      return 1;
    }
    ssize_t rc = receive_piece(L, h, (size_t)left, deadline);
    lsk_count_received(h, rc, rc == 0);
    lua_settop(L, DONE);
    if (rc == 0) return push_end(L);
    if (rc > 0)
      failed = lsk_wait_check(L, h);
    else if (lsk_should_wait(rc))
      failed = lsk_wait(L, h, LSK_READABLE, deadline, exact_k);
    else
      failed = lsk_fail_receive(L, h, "recvfrom(2)", (int)-rc);
  }
  return fail_midway(L, failed);
}

int lsk_receive_exactly(lua_State *L, size_t size, int flags,
                        lsk_deadline deadline) {
  lua_settop(L, 1);
  lua_pushinteger(L, (lua_Integer)size);
  lua_pushinteger(L, flags);
  lua_newtable(L);
  lua_pushinteger(L, 0);
  return exact_k(L, LUA_OK, deadline);
}

/*
** Writing: everything, gathered into as few system calls as can be.
*/

#include "op_write.h"

#include "arg.h"
#include "counters.h"
#include "error.h"
#include "handle.h"
#include "pieces.h"
#include "state.h"
#include "stream.h"
#include "sys_io.h"
#include "wait.h"

#include <errno.h>

#include <lauxlib.h>
#include <lualib.h>

static const char *const timeout_keyword[] = {"timeout", NULL};
static const char *const exception_keyword[] = {"exception", NULL};

/*
** Stack slots of a write that is not done at once: the flat array of strings,
** which of them is next and how much of it is sent, the bytes sent so far, and
** what the call gives: nil for a count of them, ANY_COUNT for one that may be
** less than all, else that value.
*/
enum { STRINGS = 2, NEXT, OFFSET, WRITTEN, RESULT };

#define ANY_COUNT 0 /* false */

static void set_slot(lua_State *L, int slot, size_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_replace(L, slot);
}

static size_t get_slot(lua_State *L, int slot) {
  return (size_t)lua_tointeger(L, slot);
}

static bool may_be_short(lua_State *L) {
  return lua_isboolean(L, RESULT) && lua_toboolean(L, RESULT) == ANY_COUNT;
}

static struct lsk_progress get_progress(lua_State *L) {
  return (struct lsk_progress){.next = get_slot(L, NEXT),
                               .offset = get_slot(L, OFFSET),
                               .done = get_slot(L, WRITTEN)};
}

/* Adds what was sent and what was not to the failure on top; the constants stay
   as they are where nothing was sent. */
static int fail_midway(lua_State *L, int results) {
  struct lsk_progress progress = get_progress(L);
  bool is_constant = lua_isnil(L, -1) || lua_tointeger(L, -1) == EAGAIN;
  if (progress.done == 0 && is_constant) return results;
  lsk_push_rest(L, STRINGS, &progress);
  return lsk_fail_written(L, progress.done);
}

/* The next pieces: what is buffered, then the strings that are left. */
static void collect(lua_State *L, const struct lsk_handle *h,
                    struct lsk_pieces *pieces) {
  pieces->count = pieces->total = 0;
  size_t buffered = lsk_out_length(h);
  if (buffered > 0) {
    const struct lsk_buffer *out = &h->extra->out;
    pieces->at[pieces->count++] =
        (struct iovec){out->data + out->start, buffered};
  }
  struct lsk_progress progress = get_progress(L);
  lsk_add_rest(L, STRINGS, &progress, pieces);
}

/* Notes that so many bytes went out. */
static void advance(lua_State *L, struct lsk_handle *h, size_t sent) {
  size_t buffered = lsk_out_length(h);
  if (buffered > 0) {
    size_t taken = sent < buffered ? sent : buffered;
    lsk_take_written(L, h, taken);
    sent -= taken;
  }
  struct lsk_progress progress = get_progress(L);
  lsk_note_sent(L, STRINGS, &progress, sent);
  set_slot(L, NEXT, progress.next);
  set_slot(L, OFFSET, progress.offset);
  set_slot(L, WRITTEN, progress.done);
}

static ssize_t send_pieces(struct lsk_handle *h,
                           const struct lsk_pieces *pieces,
                           lsk_deadline deadline) {
  ssize_t rc = -EAGAIN;
  if (lsk_may_try(h, LSK_WRITABLE)) {
    int flags = lsk_wait_flag(h, deadline);
    const struct iovec *first = pieces->at;
    rc = pieces->count == 1
             ? lsk_sys_send(h->fd, first->iov_base, first->iov_len, flags)
             : lsk_sys_sendv(h->fd, first, pieces->count, flags, NULL);
  }
  lsk_count_sent(h, rc);
  return rc;
}

static int push_written(lua_State *L) {
  lua_pushvalue(L, WRITTEN);
  return 1;
}

static int finish(lua_State *L) {
  if (lua_isnil(L, RESULT) || may_be_short(L)) return push_written(L);
  lua_pushvalue(L, RESULT);
  return 1;
}

/* Whether what was sent so far will do: all that the system took at once. */
static bool is_enough(lua_State *L, lsk_deadline deadline) {
  bool short_count = may_be_short(L);
  if (deadline == LSK_NOW && lua_isnil(L, RESULT)) short_count = true;
  return short_count && get_slot(L, WRITTEN) > 0;
}

/* After bytes went out: 0 for the next try, or the results where Ctrl-C came.
 */
static int go_on(lua_State *L, struct lsk_handle *h, size_t sent) {
  advance(L, h, sent);
  return lsk_wait_check(L, h);
}

/* Puts the pieces into the buffer where writes are buffered and it has room. */
static bool buffer_pieces(lua_State *L, struct lsk_handle *h,
                          const struct lsk_pieces *pieces) {
  size_t room = LSK_BUFFER_SIZE - lsk_out_length(h);
  if (!h->buffers_writes || pieces->total > room) return false;
  struct lsk_extra *extra = lsk_get_extra(h);
  if (extra == NULL) return false;
  lsk_reserve(L, h->state, &extra->out, pieces->total);
  for (size_t i = 0; i < pieces->count; i++)
    lsk_buffer_append(&extra->out, pieces->at[i].iov_base,
                      pieces->at[i].iov_len);
  return true;
}

/* The same for the strings that are left: the write is done. */
static bool buffer_rest(lua_State *L, struct lsk_handle *h) {
  if (!h->buffers_writes) return false;
  struct lsk_progress progress = get_progress(L);
  struct lsk_pieces pieces;
  pieces.count = pieces.total = 0;
  lsk_add_rest(L, STRINGS, &progress, &pieces);
  bool is_all = pieces.count < LSK_PIECES_MAX;
  if (!is_all || !buffer_pieces(L, h, &pieces)) return false;
  set_slot(L, WRITTEN, progress.done + pieces.total);
  return true;
}

/* Writes what the slots tell of, as it is this call's turn; `failed` is a count
   of results already. */
static int write_rest(lua_State *L, struct lsk_handle *h, int failed,
                      lsk_deadline deadline, lua_KFunction k) {
  struct lsk_pieces pieces;
  for (;;) {
    if (!failed) failed = lsk_check_writing(L, h);
    if (failed) return fail_midway(L, failed);
    if (buffer_rest(L, h)) return finish(L);
    collect(L, h, &pieces);
    if (pieces.count == 0) return finish(L);
    ssize_t rc = send_pieces(h, &pieces, deadline);
    if (rc >= 0)
      failed = go_on(L, h, (size_t)rc);
    else if (!lsk_should_wait(rc))
      failed = lsk_fail_write(L, (int)-rc);
    else if (is_enough(L, deadline))
      return push_written(L);
    else
      failed = lsk_wait(L, h, LSK_WRITABLE, deadline, k);
  }
}

static int write_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_call_result(L, h, status, RESULT);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_WRITABLE, status, deadline, write_k);
  return write_rest(L, h, failed, deadline, write_k);
}

/* A datagram is joined where it has more pieces than one call takes. */
static void join_message(lua_State *L, const struct lsk_handle *h) {
  if (lsk_is_stream(h) || lua_rawlen(L, STRINGS) <= LSK_PIECES_MAX) return;
  lsk_join_pieces(L, STRINGS);
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, STRINGS);
  lua_rawseti(L, -2, 1);
  lua_replace(L, STRINGS);
}

/* Makes the slots of the values from 2 on, of which the last is the result. */
static void make_slots(lua_State *L, const struct lsk_handle *h,
                       enum lsk_text text) {
  lsk_push_pieces(L, STRINGS, lua_gettop(L) - 1, text);
  lua_insert(L, STRINGS);
  lua_insert(L, NEXT); /* the result, which the others push up */
  lua_settop(L, NEXT);
  for (int slot = NEXT; slot < RESULT; slot++) {
    lua_pushinteger(L, slot == NEXT);
    lua_insert(L, slot);
  }
  join_message(L, h);
}

/*
** Tries to be done at once with the pieces: into the buffer, or out. How many
** bytes that were (all, or what will do) | -errno; less where some are left.
*/
static ssize_t write_at_once(lua_State *L, struct lsk_handle *h,
                             struct lsk_pieces *pieces, lsk_deadline deadline) {
  if (pieces->total == 0 || buffer_pieces(L, h, pieces))
    return (ssize_t)pieces->total;
  if (lsk_out_length(h) > 0) return 0; /* that goes out before */
  ssize_t rc = send_pieces(h, pieces, deadline);
  bool may_be_less = lua_isboolean(L, -1) && !lua_toboolean(L, -1);
  if (rc > 0 && may_be_less) pieces->total = (size_t)rc;
  return rc;
}

/*
** Writes the values from 2 on, but for the last, which is the result. What is
** all there goes out at once; the slots are made only for what is left.
*/
static int write_values(lua_State *L, struct lsk_handle *h, enum lsk_text text,
                        lsk_deadline deadline) {
  int failed = lsk_check_writing(L, h);
  if (failed) return failed;
  struct lsk_pieces pieces;
  ssize_t rc = 0;
  bool begins = lsk_may_begin(h, LSK_WRITABLE);
  if (begins && lsk_get_pieces(L, STRINGS, lua_gettop(L) - 1, text, &pieces)) {
    rc = write_at_once(L, h, &pieces, deadline);
    if (rc >= 0 && (size_t)rc == pieces.total) {
      if (!lua_toboolean(L, -1)) lua_pushinteger(L, (lua_Integer)rc);
      return 1;
    }
  }
  make_slots(L, h, text);
  if (rc > 0) failed = go_on(L, h, (size_t)rc);
  if (rc < 0 && !lsk_should_wait(rc)) failed = lsk_fail_write(L, (int)-rc);
  return begins ? write_rest(L, h, failed, deadline, write_k)
                : write_k(L, LUA_OK, deadline);
}

/* Reads the arguments (..., [{timeout=}]), of which it leaves the data, as
   strings and arrays -> the deadline. The usual call has one string, and is
   spared the look at the rest. */
static lsk_deadline check_data(lua_State *L, const struct lsk_handle *h,
                               enum lsk_text text) {
  if (lua_gettop(L) == 2 && lua_type(L, 2) == LUA_TSTRING)
    return lsk_timeout_deadline(h->timeout);
  int fields = lsk_arg_rest(L, 2, timeout_keyword);
  lsk_deadline deadline = lsk_handle_deadline(L, h, fields);
  lua_settop(L, fields - 1);
  lsk_check_pieces(L, 2, fields - 1, text);
  return deadline;
}

/// Writes all the data, waiting as needed, with one system call where that is
// possible. Answers to Ruby's `IO#write`.
// @function BasicSocket:write
// @tparam string|{string,...} ... the data; arrays may hold arrays
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer how many bytes were written
// @error nil, err, errno; `err.written` and `err.rest` say how far it came
static int write_(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_deadline deadline = check_data(L, h, LSK_DATA);
  lua_pushnil(L);
  return write_values(L, h, LSK_DATA, deadline);
}

/// Writes the values as `tostring` has them. Answers to Ruby's `IO#print`.
// @function BasicSocket:print
// @param ... the values; nil is nothing
// @tparam[opt] table opts `timeout` in seconds
// @treturn boolean true
// @error nil, err, errno; `err.written` and `err.rest` say how far it came
static int print(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_deadline deadline = check_data(L, h, LSK_TEXT);
  lua_pushboolean(L, 1);
  return write_values(L, h, LSK_TEXT, deadline);
}

/// Writes the values as lines: each as `tostring` has it, with a newline unless
// it ends with one; those of arrays one by one. Without a value it writes an
// empty line. Answers to Ruby's `IO#puts`.
// @function BasicSocket:puts
// @param ... the values; nil is an empty line
// @tparam[opt] table opts `timeout` in seconds
// @treturn boolean true
// @error nil, err, errno; `err.written` and `err.rest` say how far it came
static int puts_(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_deadline deadline = check_data(L, h, LSK_LINES);
  if (lua_gettop(L) == 1) lua_pushliteral(L, "");
  lua_pushboolean(L, 1);
  return write_values(L, h, LSK_LINES, deadline);
}

/// Writes what `string.format` makes of the arguments. Answers to Ruby's
// `IO#printf`.
// @function BasicSocket:printf
// @tparam string format as for `string.format`
// @param ... its values
// @tparam[opt] table opts `timeout` in seconds
// @treturn boolean true
// @error nil, err, errno; `err.written` and `err.rest` say how far it came
static int printf_(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  (void)luaL_checkstring(L, 2);
  int fields = lsk_arg_rest(L, 3, timeout_keyword);
  lsk_deadline deadline = lsk_handle_deadline(L, h, fields);
  lua_settop(L, fields - 1);
  lua_pushvalue(L, lua_upvalueindex(1)); /* string.format */
  lua_insert(L, 2);
  lua_call(L, lua_gettop(L) - 2, 1);
  lua_pushboolean(L, 1);
  return write_values(L, h, LSK_DATA, deadline);
}

/// Writes one byte: the first of a string, or the low 8 bits of an integer.
// Answers to Ruby's `IO#putc`.
// @function BasicSocket:putc
// @tparam string|integer byte which
// @tparam[opt] table opts `timeout` in seconds
// @treturn string|integer the argument
// @error nil, err, errno
static int putc_(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_arg_fields(L, 3, 3, timeout_keyword);
  lsk_deadline deadline = lsk_handle_deadline(L, h, 3);
  lua_settop(L, 2);
  if (lua_type(L, 2) == LUA_TNUMBER) {
    char byte = (char)(luaL_checkinteger(L, 2) & 0xff);
    lua_pushlstring(L, &byte, 1);
  } else {
    const char *bytes = luaL_checkstring(L, 2);
    lua_pushlstring(L, bytes, lua_rawlen(L, 2) > 0);
  }
  lua_insert(L, 2);
  return write_values(L, h, LSK_DATA, deadline);
}

/// Writes with one system call, which may take less than all, past the buffer:
// bytes in it are an error. Answers to Ruby's `IO#syswrite`.
// @function BasicSocket:syswrite
// @tparam string|{string,...} data the data; arrays may hold arrays
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer how many bytes were written
// @error nil, err, errno
static int syswrite(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  luaL_checkany(L, 2);
  if (lua_isnil(L, 3)) lua_settop(L, 2);
  lsk_deadline deadline = check_data(L, h, LSK_DATA);
  if (lsk_out_length(h) > 0)
    return lsk_fail_named(L, "IOError", "syswrite for buffered IO");
  lua_settop(L, 2);
  lua_pushboolean(L, ANY_COUNT);
  return write_values(L, h, LSK_DATA, deadline);
}

/// Writes what the system takes at once, after what is buffered. Answers to
// Ruby's `IO#write_nonblock`.
// @function BasicSocket:write_nonblock
// @tparam string|{string,...} data the data; arrays may hold arrays
// @treturn integer how many bytes were written
// @error nil, err, errno; `Socket.WAIT_WRITABLE` where it takes none
static int write_nonblock(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  luaL_checkany(L, 2);
  int fields = lsk_arg_rest(L, 3, exception_keyword);
  lua_settop(L, fields - 1);
  lua_settop(L, 2);
  lsk_check_pieces(L, 2, 2, LSK_DATA);
  lua_pushnil(L);
  return write_values(L, h, LSK_DATA, LSK_NOW);
}

static const luaL_Reg methods[] = {
    {"write", write_},      {"print", print},
    {"puts", puts_},        {"putc", putc_},
    {"syswrite", syswrite}, {"write_nonblock", write_nonblock},
    {NULL, NULL},
};

void lsk_open_op_write(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
  luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0);
  lua_getfield(L, -1, "format");
  lua_remove(L, -2);
  lua_pushcclosure(L, printf_, 1);
  lua_setfield(L, -2, "printf");
}

/*
** Reading bytes: what is there, or one at a time.
*/

#include "op_read.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "state.h"
#include "stream.h"
#include "wait.h"

#include <lauxlib.h>

static const char *const timeout_keyword[] = {"timeout", NULL};
static const char *const exception_keyword[] = {"exception", NULL};

/* Stack slots of a read of at most so many bytes. */
enum { MOST = 2 };

static int partial_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_call_result(L, h, status, MOST);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, partial_k);
  if (!failed) failed = lsk_check_reading(L, h);
  if (failed) return failed;
  size_t most = (size_t)lua_tointeger(L, MOST);
  struct lsk_filling filling = {0};
  size_t length = lsk_buffer_length(&h->in);
  if (length == 0 && most > 0) {
    failed = lsk_fill(L, h, most, deadline, partial_k, &filling);
    if (failed) return failed;
    if (filling.at_end) return lsk_fail_eof(L);
    length = lsk_buffer_length(&h->in);
  }
  lsk_push_taken(L, h, most < length ? most : length);
  return 1;
}

/* Reads the arguments (most[, {timeout=}]) -> the deadline. */
static lsk_deadline check_partial(lua_State *L, const struct lsk_handle *h) {
  lsk_arg_fields(L, MOST + 1, MOST + 1, timeout_keyword);
  (void)lsk_check_size(L, MOST);
  lua_pushinteger(L, lua_tointeger(L, MOST));
  lua_replace(L, MOST);
  lsk_deadline deadline = lsk_handle_deadline(L, h, MOST + 1);
  lua_settop(L, MOST);
  return deadline;
}

/// Reads what is there, waiting only where there is nothing. Answers to Ruby's
// `IO#readpartial`.
// @function BasicSocket:readpartial
// @tparam integer most the most bytes to read
// @tparam[opt] table opts `timeout` in seconds
// @treturn string the bytes
// @error nil, err, errno; `EOFError` at the end of the stream
static int readpartial(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  return partial_k(L, LUA_OK, check_partial(L, h));
}

/// Reads with one system call, past the buffer: bytes in it are an error.
// Answers to Ruby's `IO#sysread`.
// @function BasicSocket:sysread
// @tparam integer most the most bytes to read
// @tparam[opt] table opts `timeout` in seconds
// @treturn string the bytes
// @error nil, err, errno; `EOFError` at the end of the stream
static int sysread(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_deadline deadline = check_partial(L, h);
  if (lsk_buffer_length(&h->in) > 0)
    return lsk_fail_named(L, "IOError", "sysread for buffered IO");
  return partial_k(L, LUA_OK, deadline);
}

/// Reads what is there, without waiting. Answers to Ruby's `IO#read_nonblock`.
// @function BasicSocket:read_nonblock
// @tparam integer most the most bytes to read
// @tparam[opt] table opts `exception = false`: the end of the stream is nil
//   alone
// @treturn string the bytes
// @error nil, err, errno; `Socket.WAIT_READABLE` where there is nothing,
//   `EOFError` at the end of the stream
static int read_nonblock(lua_State *L) {
  (void)lsk_check_handle(L, 1);
  lsk_arg_fields(L, MOST + 1, MOST + 1, exception_keyword);
  (void)lsk_check_size(L, MOST);
  bool raises = lsk_arg_bool(L, MOST + 1, "exception", true);
  lua_settop(L, MOST);
  int results = partial_k(L, LUA_OK, LSK_NOW);
  if (raises || !lsk_is_eof(L, results)) return results;
  lua_pushnil(L);
  return 1;
}

/* How a byte is read: as an integer, else a string of one; and whether the end
   of the stream is an error. */
enum { AS_INTEGER = 1, MUST_COME = 2 };

/* Stack slots of a read of one byte: how, and who is told of each. */
enum { HOW = 2, CALLBACK };

/* Takes a byte from the buffer and leaves it; false: there is none. */
static bool take_byte(lua_State *L, struct lsk_handle *h, int how) {
  if (lsk_buffer_length(&h->in) == 0) return false;
  const char *byte = lsk_buffer_bytes(&h->in);
  if (how & AS_INTEGER)
    lua_pushinteger(L, (unsigned char)*byte);
  else
    lua_pushlstring(L, byte, 1);
  lsk_take(L, h, 1);
  return true;
}

/* Makes sure that the buffer has a byte, but at the end of the stream: 0, or
   the count of results of a failure. */
static int fill_byte(lua_State *L, struct lsk_handle *h, lsk_deadline deadline,
                     lua_KFunction k) {
  int failed = lsk_check_reading(L, h);
  if (failed || lsk_buffer_length(&h->in) > 0) return failed;
  struct lsk_filling filling = {0};
  return lsk_fill(L, h, LSK_ANY, deadline, k, &filling);
}

/* Reads the byte that the slots tell of; `k` is the operation's. */
static int take_one(lua_State *L, int status, lsk_deadline deadline,
                    lua_KFunction k) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_call_result(L, h, status, HOW);
  if (!failed) failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, k);
  if (!failed) failed = fill_byte(L, h, deadline, k);
  if (failed) return failed;
  int how = (int)lua_tointeger(L, HOW);
  if (take_byte(L, h, how)) return 1;
  if (how & MUST_COME) return lsk_fail_eof(L);
  lua_pushnil(L);
  return 1;
}

static int byte_k(lua_State *L, int status, lua_KContext deadline) {
  return take_one(L, status, deadline, byte_k);
}

/* The body of the methods that read one byte: ([{timeout=}]). */
static int read_one(lua_State *L, int how) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  if (lua_gettop(L) == 1 && lsk_may_begin(h, LSK_READABLE) &&
      take_byte(L, h, how))
    return 1;
  lsk_arg_fields(L, 2, 2, timeout_keyword);
  lsk_deadline deadline = lsk_handle_deadline(L, h, 2);
  lua_settop(L, 1);
  lua_pushinteger(L, how);
  return byte_k(L, LUA_OK, deadline);
}

/// Reads one byte, as a string. Answers to Ruby's `IO#getc`.
// @function BasicSocket:getc
// @tparam[opt] table opts `timeout` in seconds
// @treturn string the byte; nil alone at the end of the stream
// @error nil, err, errno
static int get_char(lua_State *L) {
  return read_one(L, 0);
}

/// Reads one byte, as an integer. Answers to Ruby's `IO#getbyte`.
// @function BasicSocket:getbyte
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer the byte; nil alone at the end of the stream
// @error nil, err, errno
static int getbyte(lua_State *L) {
  return read_one(L, AS_INTEGER);
}

/// As `getc`, but the end of the stream is an error. Answers to Ruby's
// `IO#readchar`.
// @function BasicSocket:readchar
// @tparam[opt] table opts `timeout` in seconds
// @treturn string the byte
// @error nil, err, errno; `EOFError` at the end of the stream
static int readchar(lua_State *L) {
  return read_one(L, MUST_COME);
}

/// As `getbyte`, but the end of the stream is an error. Answers to Ruby's
// `IO#readbyte`.
// @function BasicSocket:readbyte
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer the byte
// @error nil, err, errno; `EOFError` at the end of the stream
static int readbyte(lua_State *L) {
  return read_one(L, AS_INTEGER | MUST_COME);
}

static int is_eof_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, 1);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, is_eof_k);
  if (!failed) failed = fill_byte(L, h, deadline, is_eof_k);
  if (failed) return failed;
  lua_pushboolean(L, lsk_buffer_length(&h->in) == 0);
  return 1;
}

/// Whether the stream is at its end; waits until a byte or the end comes. The
// byte stays in the buffer. Answers to Ruby's `IO#eof?`.
// @function BasicSocket:is_eof
// @tparam[opt] table opts `timeout` in seconds
// @treturn boolean whether no more bytes come
// @error nil, err, errno
static int is_eof(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_arg_fields(L, 2, 2, timeout_keyword);
  lsk_deadline deadline = lsk_handle_deadline(L, h, 2);
  lua_settop(L, 1);
  return is_eof_k(L, LUA_OK, deadline);
}

static int called_k(lua_State *L, int status, lua_KContext deadline);

static int each_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, CALLBACK);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, each_k);
  if (failed) return failed;
  int how = (int)lua_tointeger(L, HOW);
  for (;;) {
    failed = fill_byte(L, h, deadline, each_k);
    if (failed) return failed;
    lua_pushvalue(L, CALLBACK);
    if (!take_byte(L, h, how)) break;
    lua_callk(L, 1, 0, deadline, called_k);
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* The function that yielded has returned: on with the next byte. */
static int called_k(lua_State *L, int status, lua_KContext deadline) {
  (void)status;
  return each_k(L, LUA_OK, deadline);
}

/* Upvalues of an iterator: the socket, how, the timeout in seconds or nil. */
enum { ITERATOR_HOW = 2, ITERATOR_TIMEOUT };

static int next_k(lua_State *L, int status, lua_KContext deadline) {
  int count = take_one(L, status, deadline, next_k);
  if (count == 1) return 1;
  lua_pushvalue(L, -2); /* nil, err, errno */
  return lua_error(L);
}

static int next_byte(lua_State *L) {
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, lua_upvalueindex(ITERATOR_HOW));
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  double seconds = luaL_optnumber(L, lua_upvalueindex(ITERATOR_TIMEOUT),
                                  (lua_Number)h->timeout);
  return next_k(L, LUA_OK, lsk_timeout_deadline(seconds));
}

/* The body of each_byte and each_char: ([{timeout=}][, fn]). */
static int each(lua_State *L, int how) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_arg_block(L, 2, 2, timeout_keyword); /* the function is third */
  bool is_iterator = lua_isnil(L, CALLBACK);
  lsk_deadline deadline = is_iterator ? lsk_arg_deadline(L, 2, h->timeout)
                                      : lsk_handle_deadline(L, h, 2);
  if (is_iterator && lsk_arg_field(L, 2, "timeout"))
    lua_replace(L, ITERATOR_TIMEOUT);
  lua_pushinteger(L, how);
  lua_replace(L, HOW);
  if (!is_iterator) return each_k(L, LUA_OK, deadline);
  lua_pushcclosure(L, next_byte, ITERATOR_TIMEOUT);
  return 1;
}

/// Calls the function with each byte, an integer, to the end of the stream; the
// timeout is that of the whole. Without a function, an iterator for `for`,
// which raises what fails; each of its reads has the timeout. Answers to Ruby's
// `IO#each_byte`.
// @function BasicSocket:each_byte
// @tparam[opt] table opts `timeout` in seconds
// @tparam[opt] function fn is given each byte
// @treturn boolean|function true, or the iterator
// @error nil, err, errno
static int each_byte(lua_State *L) {
  return each(L, AS_INTEGER);
}

/// As `each_byte`, with strings of one byte. Answers to Ruby's `IO#each_char`.
// @function BasicSocket:each_char
// @tparam[opt] table opts `timeout` in seconds
// @tparam[opt] function fn is given each byte
// @treturn boolean|function true, or the iterator
// @error nil, err, errno
static int each_char(lua_State *L) {
  return each(L, 0);
}

/* Puts the bytes back where the socket can be read. */
static int unread(lua_State *L, struct lsk_handle *h, const char *bytes,
                  size_t length) {
  int failed = lsk_check_reading(L, h);
  if (failed) return failed;
  lsk_unread(L, h, bytes, length);
  lua_pushboolean(L, 1);
  return 1;
}

/// Puts bytes back, to be read next. Answers to Ruby's `IO#ungetc`.
// @function BasicSocket:ungetc
// @tparam string|integer bytes any number of bytes, or one from 0 to 255
// @treturn boolean true
// @error nil, err: closed, or not opened for reading
static int unget_char(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  if (lua_type(L, 2) == LUA_TNUMBER) {
    char byte = (char)lsk_check_range(L, 2, 0, 255);
    return unread(L, h, &byte, 1);
  }
  size_t length;
  const char *bytes = luaL_checklstring(L, 2, &length);
  return unread(L, h, bytes, length);
}

/// As `ungetc`, but of an integer the low 8 bits are taken. Answers to Ruby's
// `IO#ungetbyte`.
// @function BasicSocket:ungetbyte
// @tparam string|integer bytes any number of bytes, or one
// @treturn boolean true
// @error nil, err: closed, or not opened for reading
static int ungetbyte(lua_State *L) {
  if (lua_type(L, 2) == LUA_TNUMBER) {
    lua_pushinteger(L, luaL_checkinteger(L, 2) & 0xff);
    lua_replace(L, 2);
  }
  return unget_char(L);
}

static const luaL_Reg methods[] = {
    {"readpartial", readpartial},
    {"sysread", sysread},
    {"read_nonblock", read_nonblock},
    {"getc", get_char},
    {"getbyte", getbyte},
    {"readchar", readchar},
    {"readbyte", readbyte},
    {"each_byte", each_byte},
    {"each_char", each_char},
    {"is_eof", is_eof},
    {"eof", is_eof},
    {"ungetc", unget_char},
    {"ungetbyte", ungetbyte},
    {NULL, NULL},
};

void lsk_open_op_read(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

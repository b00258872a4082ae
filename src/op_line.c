/*
** Ruby's line reading: gets and its like.
*/

#include "op_line.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "line.h"
#include "stream.h"
#include "wait.h"

#include <lauxlib.h>

static const char *const keywords[] = {"chomp", "timeout", NULL};

/* Beyond a line's slots: the lines read so far, or who is told of each. */
enum { LAST_SLOT = LSK_LINE_SCANNED, LINES, CALLBACK = LINES };

/* Stack slots of the arguments, which become a line's slots. */
enum { SEPARATOR = LSK_LINE_SEPARATOR, LIMIT = LSK_LINE_LIMIT, KEYWORDS };

/*
** Reads the arguments separator and limit, either of which may be left out, and
** makes a line's slots of them. What stands above them moves up by one: the
** keywords, then a function.
*/
static void check_line(lua_State *L) {
  bool is_alone = lua_type(L, SEPARATOR) == LUA_TNUMBER && lua_isnil(L, LIMIT);
  lua_Integer limit = is_alone ? luaL_checkinteger(L, SEPARATOR)
                               : luaL_optinteger(L, LIMIT, -1);
  if (is_alone || lua_isnil(L, SEPARATOR)) {
    lua_pushliteral(L, "\n");
    lua_replace(L, SEPARATOR);
  } else if (lua_toboolean(L, SEPARATOR)) {
    luaL_checkstring(L, SEPARATOR);
  }
  bool chomp = lsk_arg_field(L, KEYWORDS, "chomp");
  if (chomp) chomp = lua_toboolean(L, -1), lua_pop(L, 1);
  lua_pushinteger(L, limit);
  lua_replace(L, LIMIT);
  lua_pushinteger(L, chomp ? LSK_CHOMP : LSK_KEEP_END);
  lua_insert(L, LSK_LINE_CHOMP);
  lua_pushinteger(L, 0);
  lua_insert(L, LSK_LINE_SCANNED);
}

/* The arguments of a call without a function -> its deadline. */
static lsk_deadline check_call(lua_State *L, const struct lsk_handle *h) {
  lsk_arg_fields(L, SEPARATOR, KEYWORDS, keywords);
  lsk_deadline deadline = lsk_handle_deadline(L, h, KEYWORDS);
  check_line(L);
  lua_settop(L, LAST_SLOT);
  return deadline;
}

/* Without a limit of bytes there is no end to empty lines. */
static void check_limit(lua_State *L, const char *method) {
  if (lua_tointeger(L, LSK_LINE_LIMIT) != 0) return;
  luaL_argerror(L, LIMIT,
                lua_pushfstring(L, "invalid limit: 0 for %s", method));
}

static int gets_k(lua_State *L, int status, lua_KContext deadline) {
  return lsk_read_line(L, status, LAST_SLOT, deadline, gets_k);
}

/*
** gets without arguments where nothing is buffered, as nearly each call of a
** server is. The line's slots are made only if it does not come in one piece.
*/
static int plain_gets_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  struct lsk_filling filling = {0};
  int failed = lsk_call_result(L, h, status, 1);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, plain_gets_k);
  if (!failed && lsk_buffer_length(&h->in) == 0) /* as the one before left it */
    failed = lsk_fill(L, h, LSK_ANY, deadline, plain_gets_k, &filling);
  if (failed) return failed;
  if (lsk_take_line(L, h, 0)) return 1;
  lua_settop(L, KEYWORDS);
  check_line(L);
  lua_settop(L, LAST_SLOT);
  return lsk_go_on_reading_line(L, deadline, gets_k, &filling);
}

/// Reads a line, which keeps its end. Of the separator (a string; `""` for
// paragraphs, `false` for all to the end of the stream) and the limit in bytes
// either may be left out. Answers to Ruby's `IO#gets`.
// @function BasicSocket:gets
// @tparam[opt="\n"] string separator what ends a line
// @tparam[opt] integer limit the most bytes to read
// @tparam[opt] table opts `chomp` cuts the line's end, `timeout` in seconds
// @treturn string the line; nil alone at the end of the stream
// @error nil, err, errno; the bytes that came stay readable
static int gets(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  if (lua_gettop(L) == 1) {
    if (lsk_buffer_length(&h->in) == 0)
      return plain_gets_k(L, LUA_OK, lsk_timeout_deadline(h->timeout));
    if (lsk_may_begin(h, LSK_READABLE) && lsk_take_line(L, h, 0)) return 1;
  }
  return gets_k(L, LUA_OK, check_call(L, h));
}

static int readline_k(lua_State *L, int status, lua_KContext deadline) {
  int count = lsk_read_line(L, status, LAST_SLOT, deadline, readline_k);
  return count == 1 && lua_isnil(L, -1) ? lsk_fail_eof(L) : count;
}

/// As `gets`, but the end of the stream is an error. Answers to Ruby's
// `IO#readline`.
// @function BasicSocket:readline
// @tparam[opt="\n"] string separator what ends a line
// @tparam[opt] integer limit the most bytes to read
// @tparam[opt] table opts `chomp` cuts the line's end, `timeout` in seconds
// @treturn string the line
// @error nil, err, errno; `EOFError` at the end of the stream
static int readline(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  return readline_k(L, LUA_OK, check_call(L, h));
}

/* Adds the lines of the bytes that the stream ended with to the table on top:
   false when one is too long. */
static bool split(lua_State *L, struct lsk_handle *h) {
  struct lsk_line line = lsk_get_line(L, h);
  struct lsk_span span;
  size_t at = 0;
  uint32_t counted = 0;
  for (lua_Integer i = 1;; i++) {
    size_t length = lsk_buffer_length(&h->in);
    if (at >= length) break;
    const char *bytes = lsk_buffer_bytes(&h->in) + at;
    enum lsk_found found =
        lsk_find_line(&line, bytes, length - at, 0, true, &span);
    if (found == LSK_TOO_LONG) return false;
    if (found == LSK_NOTHING) break;
    lua_pushlstring(L, bytes + span.start,
                    span.length - lsk_line_cut(&line, bytes, &span));
    lua_rawseti(L, LINES, i);
    if (!span.is_cut) counted++;
    at += span.start + span.length;
  }
  h->lineno += counted;
  lsk_take(L, h, lsk_buffer_length(&h->in));
  return true;
}

static int readlines_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, LAST_SLOT);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, readlines_k);
  if (failed) return failed;
  struct lsk_filling filling = {0};
  while (!filling.at_end) {
    failed = lsk_check_line_reading(L, h);
    if (failed) return failed;
    failed = lsk_fill(L, h, LSK_ANY, deadline, readlines_k, &filling);
    if (failed) return failed;
  }
  lua_newtable(L);
  return split(L, h) ? 1 : lsk_fail_line_limit(L, h);
}

/// Reads all lines to the end of the stream. Answers to Ruby's `IO#readlines`.
// @function BasicSocket:readlines
// @tparam[opt="\n"] string separator what ends a line
// @tparam[opt] integer limit the most bytes of a line, not 0
// @tparam[opt] table opts `chomp` cuts the lines' ends, `timeout` in seconds
// @treturn {string,...} the lines
// @error nil, err, errno; the bytes that came stay readable
static int readlines(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_deadline deadline = check_call(L, h);
  check_limit(L, "readlines");
  return readlines_k(L, LUA_OK, deadline);
}

static int each_called_k(lua_State *L, int status, lua_KContext deadline);

static int each_k(lua_State *L, int status, lua_KContext deadline) {
  for (;;) {
    int count = lsk_read_line(L, status, CALLBACK, deadline, each_k);
    if (count != 1) return count;
    if (lua_isnil(L, -1)) break;
    lua_pushvalue(L, CALLBACK);
    lua_insert(L, -2);
    lua_callk(L, 1, 0, deadline, each_called_k);
    status = LUA_OK;
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* The function that yielded has returned: on with the next line. */
static int each_called_k(lua_State *L, int status, lua_KContext deadline) {
  (void)status;
  return each_k(L, LUA_OK, deadline);
}

/* Upvalues of an iterator: the socket, a line's slots up to chomp, and the
   timeout in seconds or nil. */
enum { ITERATOR_TIMEOUT = LSK_LINE_CHOMP + 1 };

static int next_k(lua_State *L, int status, lua_KContext deadline) {
  int count = lsk_read_line(L, status, LAST_SLOT, deadline, next_k);
  if (count == 1) return 1;
  lua_pushvalue(L, -2); /* nil, err, errno */
  return lua_error(L);
}

static int next_line(lua_State *L) {
  lua_settop(L, 0);
  for (int i = 1; i < ITERATOR_TIMEOUT; i++)
    lua_pushvalue(L, lua_upvalueindex(i));
  lua_pushinteger(L, 0);
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  double seconds = luaL_optnumber(L, lua_upvalueindex(ITERATOR_TIMEOUT),
                                  (lua_Number)h->timeout);
  return next_k(L, LUA_OK, lsk_timeout_deadline(seconds));
}

/// Calls the function with each line to the end of the stream; the timeout
// is that of the whole. Without a function, an iterator for `for`, which raises
// what fails; each of its reads has the timeout. Answers to Ruby's
// `IO#each_line`.
// @function BasicSocket:each_line
// @tparam[opt="\n"] string separator what ends a line
// @tparam[opt] integer limit the most bytes of a line, not 0
// @tparam[opt] table opts `chomp` cuts the lines' ends, `timeout` in seconds
// @tparam[opt] function fn is given each line
// @treturn boolean|function true, or the iterator
// @error nil, err, errno; the bytes that came stay readable
static int each_line(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_arg_block(L, SEPARATOR, KEYWORDS, keywords);
  bool is_iterator = lua_isnil(L, -1);
  lsk_deadline deadline = is_iterator
                              ? lsk_arg_deadline(L, KEYWORDS, h->timeout)
                              : lsk_handle_deadline(L, h, KEYWORDS);
  check_line(L);
  check_limit(L, "each_line");
  if (!is_iterator) {
    lua_remove(L, LSK_LINE_SCANNED + 1); /* the keywords */
    return each_k(L, LUA_OK, deadline);
  }
  lua_pop(L, 1);
  if (!lsk_arg_field(L, LSK_LINE_SCANNED + 1, "timeout")) lua_pushnil(L);
  lua_replace(L, ITERATOR_TIMEOUT);
  lua_settop(L, ITERATOR_TIMEOUT);
  lua_pushcclosure(L, next_line, ITERATOR_TIMEOUT);
  return 1;
}

/// How many lines were read, or what `set_lineno` set and those since. Answers
// to Ruby's `IO#lineno`.
// @function BasicSocket:lineno
// @treturn integer the count
// @error nil, err: closed, or not opened for reading
static int lineno(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  int failed = lsk_check_reading(L, h);
  if (failed) return failed;
  lua_pushinteger(L, (int)h->lineno);
  return 1;
}

/// Sets the count of lines. Answers to Ruby's `IO#lineno=`.
// @function BasicSocket:set_lineno
// @tparam integer count where to count on from
// @treturn boolean true
// @error nil, err: closed, or not opened for reading
static int set_lineno(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  int count = lsk_check_int(L, 2);
  int failed = lsk_check_reading(L, h);
  if (failed) return failed;
  h->lineno = (uint32_t)count;
  lua_pushboolean(L, 1);
  return 1;
}

/// The longest line, in bytes and with its end, that the socket reads; nil for
// any.
// @function BasicSocket:line_limit
// @treturn integer the limit, or nil
static int line_limit(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->line_limit == 0)
    lua_pushnil(L);
  else
    lua_pushinteger(L, (lua_Integer)h->line_limit);
  return 1;
}

/// Sets the longest line that the socket reads. A longer one is an error, and
// its bytes stay readable. A limit that a call gives stands over this one.
// @function BasicSocket:set_line_limit
// @tparam[opt] integer limit in bytes, with the line's end; nil for any
// @treturn boolean true
static int set_line_limit(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  size_t limit = lua_isnoneornil(L, 2) ? 0 : lsk_check_size(L, 2);
  luaL_argcheck(L, limit > 0 || lua_isnoneornil(L, 2), 2, "must be positive");
  luaL_argcheck(L, limit <= UINT32_MAX, 2, "must be less than 4 GiB");
  h->line_limit = (uint32_t)limit;
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {
    {"gets", gets},
    {"readline", readline},
    {"readlines", readlines},
    {"each_line", each_line},
    {"each", each_line},
    {"lineno", lineno},
    {"set_lineno", set_lineno},
    {"line_limit", line_limit},
    {"set_line_limit", set_line_limit},
    {NULL, NULL},
};

void lsk_open_op_line(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

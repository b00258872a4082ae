/*
** Reading by formats, Lua's and Ruby's counts: read and lines.
*/

#include "op_format.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "line.h"
#include "number.h"
#include "stream.h"
#include "wait.h"

#include <lauxlib.h>

static const char *const timeout_keyword[] = {"timeout", NULL};

/* Stack slots: the socket, how many formats there are, how far a line was
   looked for (with one format), then the formats. */
enum { COUNT = 2, SCANNED, FORMATS };

/* The formats are checked already: an integer, or "l", "L", "n" or "a". */
enum { COUNTED = 0 };

/* What a format found at its place in the buffer. */
struct match {
  enum lsk_found found;
  size_t length; /* of the result; for a number it is on the stack instead */
  size_t end;    /* how many bytes it takes */
};

static int get_format(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TNUMBER) return COUNTED;
  return *lua_tostring(L, index);
}

/* Makes an integer of a count; raises where it is none. */
static void check_count(lua_State *L, int index, int arg) {
  int is_integer;
  lua_Integer count = lua_tointegerx(L, index, &is_integer);
  luaL_argcheck(L, is_integer, arg, "number has no integer representation");
  if (count < 0)
    luaL_argerror(
        L, arg,
        lua_pushfstring(L, "negative length %I given", (LUAI_UACINT)count));
  lua_pushinteger(L, count);
  lua_replace(L, index);
}

/* Raises for what is no format; "*l" becomes "l". */
static void check_format(lua_State *L, int index, int arg) {
  if (lua_type(L, index) == LUA_TNUMBER) {
    check_count(L, index, arg);
    return;
  }
  const char *format = lua_tostring(L, index);
  if (format == NULL)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "number or format expected, got %s",
                                  luaL_typename(L, index)));
  if (*format == '*') format++;
  if (*format == '\0' || strchr("lLna", *format) == NULL || format[1] != '\0')
    luaL_argerror(L, arg, "invalid format");
  lua_pushstring(L, format);
  lua_replace(L, index);
}

/* So many bytes, or those that are left; none are a result where none were
   wanted and the stream goes on. */
static struct match match_count(size_t wanted, size_t length, bool at_end) {
  bool is_enough = length > 0 && length >= wanted;
  if (is_enough) return (struct match){LSK_FOUND, wanted, wanted};
  if (!at_end) return (struct match){.found = LSK_MISSING};
  if (length == 0) return (struct match){.found = LSK_NOTHING};
  return (struct match){LSK_FOUND, length, length};
}

static struct match match_line(const struct lsk_handle *h, int format,
                               const char *bytes, size_t length, size_t scanned,
                               bool at_end) {
  struct lsk_line line =
      lsk_plain_line(h, format == 'l' ? LSK_CUT_NEWLINE : LSK_KEEP_END);
  struct lsk_span span;
  struct match match = {.end = 0};
  match.found = lsk_find_line(&line, bytes, length, scanned, at_end, &span);
  if (match.found != LSK_FOUND) return match;
  match.length = span.length - lsk_line_cut(&line, bytes, &span);
  match.end = span.length;
  return match;
}

/* Leaves the number where there is one. */
static struct match match_number(lua_State *L, const char *bytes, size_t length,
                                 bool at_end) {
  struct lsk_number number;
  lsk_scan_number(bytes, length, &number);
  if (number.is_open && !at_end) return (struct match){.found = LSK_MISSING};
  if (lua_stringtonumber(L, number.text) == 0)
    return (struct match){.found = LSK_NOTHING};
  return (struct match){LSK_FOUND, 0, number.end};
}

/* Matches one format at `at` and leaves its result where it has found it. */
static struct match match_one(lua_State *L, const struct lsk_handle *h,
                              int index, size_t at, size_t scanned,
                              bool at_end) {
  const char *bytes = lsk_buffer_bytes(&h->in);
  size_t length = lsk_buffer_length(&h->in) - at;
  if (bytes != NULL) bytes += at;
  int format = get_format(L, index);
  struct match match;
  if (format == COUNTED) {
    match = match_count((size_t)lua_tointeger(L, index), length, at_end);
  } else if (format == 'n') {
    return match_number(L, bytes, length, at_end);
  } else if (format == 'a') {
    match = (struct match){at_end ? LSK_FOUND : LSK_MISSING, length, length};
  } else {
    match = match_line(h, format, bytes, length, scanned, at_end);
  }
  if (match.found == LSK_FOUND) lua_pushlstring(L, bytes, match.length);
  return match;
}

/* Matches all formats, one after another; their results are on the stack when
   all have found theirs. `*taken` is what they take together. */
static enum lsk_found match_all(lua_State *L, const struct lsk_handle *h,
                                size_t scanned, bool at_end, size_t *taken) {
  int count = (int)lua_tointeger(L, COUNT);
  int top = lua_gettop(L);
  *taken = 0;
  luaL_checkstack(L, count, "too many formats");
  for (int i = 0; i < count; i++) {
    struct match match =
        match_one(L, h, FORMATS + i, *taken, count == 1 ? scanned : 0, at_end);
    if (match.found != LSK_FOUND) {
      lua_settop(L, top);
      return match.found;
    }
    *taken += match.end;
  }
  return LSK_FOUND;
}

/* Takes the bytes whose results are on the stack. */
static int finish(lua_State *L, struct lsk_handle *h, size_t taken) {
  int count = (int)lua_tointeger(L, COUNT);
  for (int i = 0; i < count; i++) {
    int format = get_format(L, FORMATS + i);
    if (format == 'l' || format == 'L') h->lineno++;
  }
  lsk_take(L, h, taken);
  return count;
}

static void set_scanned(lua_State *L, size_t scanned) {
  lua_pushinteger(L, (lua_Integer)scanned);
  lua_replace(L, SCANNED);
}

/* The results of all formats; nil alone where one finds nothing, or those of a
   failure: then nothing is taken. `k` is the operation's. */
static int read_formats(lua_State *L, int status, lsk_deadline deadline,
                        lua_KFunction k) {
  int top = FORMATS - 1 + (int)lua_tointeger(L, COUNT);
  struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, top);
  if (!failed) failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, k);
  if (failed) return failed;
  struct lsk_filling filling = {0};
  size_t scanned = (size_t)lua_tointeger(L, SCANNED);
  for (;;) {
    failed = lsk_check_line_reading(L, h);
    if (failed) return failed;
    size_t taken;
    enum lsk_found found = match_all(L, h, scanned, filling.at_end, &taken);
    if (found == LSK_FOUND) return finish(L, h, taken);
    if (found == LSK_TOO_LONG) return lsk_fail_line_limit(L, h);
    if (found == LSK_NOTHING) {
      lua_pushnil(L);
      return 1;
    }
    scanned = lsk_buffer_length(&h->in);
    set_scanned(L, scanned);
    failed = lsk_fill(L, h, LSK_ANY, deadline, k, &filling);
    if (failed) return failed;
  }
}

static int read_k(lua_State *L, int status, lua_KContext deadline) {
  return read_formats(L, status, deadline, read_k);
}

/* Makes the slots of the formats from 2 to `last`; without one, `format`. */
static void check_formats(lua_State *L, int last, const char *format) {
  for (int i = 2; i <= last; i++) check_format(L, i, i);
  lua_settop(L, last);
  if (last < 2) lua_pushstring(L, format);
  lua_pushinteger(L, lua_gettop(L) - 1);
  lua_insert(L, COUNT);
  lua_pushinteger(L, 0);
  lua_insert(L, SCANNED);
}

/* Takes the result from the buffer where it is all there, and the call is one
   of the simple ones: read(n), read("l") and read("L"). */
static bool take_at_once(lua_State *L, struct lsk_handle *h) {
  if (lua_gettop(L) != 2 || h->read_error != 0) return false;
  if (lua_type(L, 2) == LUA_TSTRING) {
    const char *format = lua_tostring(L, 2);
    if (strcmp(format, "l") == 0) return lsk_take_line(L, h, 1);
    return strcmp(format, "L") == 0 && lsk_take_line(L, h, 0);
  }
  lua_Integer wanted = lua_isinteger(L, 2) ? lua_tointeger(L, 2) : 0;
  if (wanted <= 0 || (size_t)wanted > lsk_buffer_length(&h->in)) return false;
  lsk_push_taken(L, h, (size_t)wanted);
  return true;
}

/// Reads by formats: a count of bytes (fewer at the end of the stream), or
// Lua's `"l"`, `"L"`, `"n"` and `"a"`. If one of several fails, none has taken
// anything. Without a format, reads to the end of the stream. Answers to Ruby's
// `IO#read`.
// @function BasicSocket:read
// @tparam[opt="a"] integer|string ... the formats
// @tparam[opt] table opts `timeout` in seconds
// @return what each format found; nil alone where one found nothing
// @error nil, err, errno; the bytes that came stay readable
static int read_(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  if (lsk_may_begin(h, LSK_READABLE) && take_at_once(L, h)) return 1;
  int fields = lsk_arg_rest(L, 2, timeout_keyword);
  lsk_deadline deadline = lsk_handle_deadline(L, h, fields);
  int last = fields - 1;
  while (last > 1 && lua_isnil(L, last)) last--;
  check_formats(L, last, "a");
  bool is_nothing = last == 2 && get_format(L, FORMATS) == COUNTED &&
                    lua_tointeger(L, FORMATS) == 0;
  if (!is_nothing) return read_k(L, LUA_OK, deadline);
  int failed = lsk_check_line_reading(L, h);
  if (failed) return failed;
  lua_pushliteral(L, ""); /* Ruby's read(0), at the end of the stream, too */
  return 1;
}

/* Upvalues of an iterator: the socket, the timeout in seconds or nil, then how
   many formats, and the formats. */
enum { ITERATOR_TIMEOUT = 2, ITERATOR_COUNT, ITERATOR_FORMATS };

static int next_k(lua_State *L, int status, lua_KContext deadline) {
  int count = read_formats(L, status, deadline, next_k);
  bool failed = count == 3 && lua_isnil(L, -3) && !lua_isnil(L, -2);
  if (!failed) return count;
  lua_pushvalue(L, -2); /* nil, err, errno */
  return lua_error(L);
}

static int next_formats(lua_State *L) {
  const struct lsk_handle *h = lua_touserdata(L, lua_upvalueindex(1));
  int count = (int)lua_tointeger(L, lua_upvalueindex(ITERATOR_COUNT));
  lua_settop(L, 0);
  luaL_checkstack(L, count + FORMATS, "too many formats");
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushinteger(L, count);
  lua_pushinteger(L, 0);
  for (int i = 0; i < count; i++)
    lua_pushvalue(L, lua_upvalueindex(ITERATOR_FORMATS + i));
  double seconds = luaL_optnumber(L, lua_upvalueindex(ITERATOR_TIMEOUT),
                                  (lua_Number)h->timeout);
  return next_k(L, LUA_OK, lsk_timeout_deadline(seconds));
}

/* The iterator over lines without their ends. */
static int next_line(lua_State *L) {
  struct lsk_handle *h = lua_touserdata(L, lua_upvalueindex(1));
  bool is_turn = lsk_may_begin(h, LSK_READABLE);
  return is_turn && lsk_take_line(L, h, 1) ? 1 : next_formats(L);
}

/// An iterator for `for`, which reads by these formats (see `read`) each time,
// lines without their ends when there is none. It raises what fails; each of
// its reads has the timeout. Answers to Lua's `file:lines`.
// @function BasicSocket:lines
// @tparam[opt="l"] integer|string ... the formats
// @tparam[opt] table opts `timeout` in seconds
// @treturn function the iterator
static int lines(lua_State *L) {
  (void)lsk_check_handle(L, 1);
  int fields = lsk_arg_rest(L, 2, timeout_keyword);
  (void)lsk_arg_deadline(L, fields, -1);
  if (!lsk_arg_field(L, fields, "timeout")) lua_pushnil(L);
  lua_insert(L, ITERATOR_TIMEOUT); /* the formats move up, and the keywords */
  int last = fields;
  while (last > ITERATOR_TIMEOUT && lua_isnil(L, last)) last--;
  luaL_argcheck(L, last < 250, 252, "too many arguments");
  for (int i = ITERATOR_TIMEOUT + 1; i <= last; i++) check_format(L, i, i - 1);
  lua_settop(L, last);
  if (last == ITERATOR_TIMEOUT) lua_pushliteral(L, "l");
  int count = lua_gettop(L) - ITERATOR_TIMEOUT;
  lua_pushinteger(L, count);
  lua_insert(L, ITERATOR_COUNT);
  bool is_line = count == 1 && get_format(L, ITERATOR_FORMATS) == 'l';
  lua_pushcclosure(L, is_line ? next_line : next_formats,
                   ITERATOR_COUNT + count);
  return 1;
}

static const luaL_Reg methods[] = {
    {"read", read_},
    {"lines", lines},
    {NULL, NULL},
};

void lsk_open_op_format(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

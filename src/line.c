/*
** Lines in the read buffer: where the next one ends, and reading it.
*/

#include "line.h"

#include "error.h"
#include "wait.h"

#include <lauxlib.h>

static size_t count_newlines(const char *bytes, size_t length) {
  size_t count = 0;
  while (count < length && bytes[count] == '\n') count++;
  return count;
}

/* One past the first separator that lies within; 0: there is none. */
static size_t find_end(const struct lsk_line *line, const char *bytes,
                       size_t from, size_t to) {
  if (line->separator == NULL || from >= to) return 0;
  const char *at =
      line->length == 1
          ? memchr(bytes + from, line->separator[0], to - from)
          : memmem(bytes + from, to - from, line->separator, line->length);
  return at == NULL ? 0 : (size_t)(at - bytes) + line->length;
}

/*
** Ruby does not look at the limit where the byte at it is the separator's last
** and the line is shorter than the separator: gets("--", 1) of "-cd" is "-cd".
*/
static bool is_limit_passed(const struct lsk_line *line, const char *bytes) {
  return line->most > 0 && line->most < line->length &&
         bytes[line->most - 1] == line->separator[line->length - 1];
}

enum lsk_found lsk_find_line(const struct lsk_line *line, const char *bytes,
                             size_t length, size_t scanned, bool at_end,
                             struct lsk_span *span) {
  size_t start = line->is_paragraph ? count_newlines(bytes, length) : 0;
  size_t rest = length - start;
  size_t window = rest < line->most ? rest : line->most;
  /* A separator's first bytes may be the last that were looked at. */
  size_t from = scanned < line->length ? 0 : scanned - line->length + 1;
  if (from < start) from = start;
  size_t end = find_end(line, bytes, from, start + window);
  *span = (struct lsk_span){.start = start, .length = rest};
  if (end != 0) {
    span->length = end - start;
    return LSK_FOUND;
  }
  if (line->is_limited && rest >= line->most) {
    if (is_limit_passed(line, bytes + start)) {
      struct lsk_line unlimited = *line;
      unlimited.is_limited = false;
      unlimited.most = SIZE_MAX;
      return lsk_find_line(&unlimited, bytes, length, 0, at_end, span);
    }
    span->length = line->most;
    span->is_cut = true;
    return LSK_FOUND;
  }
  bool is_too_long = rest > line->most || start > line->most;
  if (is_too_long && !line->is_limited) return LSK_TOO_LONG;
  if (!at_end) return LSK_MISSING;
  return rest > 0 ? LSK_FOUND : LSK_NOTHING;
}

static bool ends_with(const char *bytes, size_t length, const char *end,
                      size_t end_length) {
  return bytes != NULL && length >= end_length &&
         memcmp(bytes + length - end_length, end, end_length) == 0;
}

/* "\r\n", "\n" or, where the whole stream is one line, "\r". */
static size_t cut_newline(const struct lsk_line *line, const char *bytes,
                          size_t length) {
  if (ends_with(bytes, length, "\r\n", 2)) return 2;
  if (ends_with(bytes, length, "\n", 1)) return 1;
  return line->separator == NULL && ends_with(bytes, length, "\r", 1);
}

size_t lsk_line_cut(const struct lsk_line *line, const char *bytes,
                    const struct lsk_span *span) {
  bytes += span->start;
  if (line->chomp == LSK_KEEP_END) return 0;
  bool by_newline = line->length == 1 && line->separator[0] == '\n';
  if (line->chomp == LSK_CHOMP && by_newline && !span->is_cut)
    return ends_with(bytes, span->length, "\n", 1)
               ? cut_newline(line, bytes, span->length)
               : 0;
  if (line->separator == NULL) return cut_newline(line, bytes, span->length);
  return ends_with(bytes, span->length, line->separator, line->length)
             ? line->length
             : 0;
}

struct lsk_line lsk_plain_line(const struct lsk_handle *h,
                               enum lsk_chomp chomp) {
  return (struct lsk_line){
      .separator = "\n",
      .length = 1,
      .most = h->line_limit == 0 ? SIZE_MAX : h->line_limit,
      .chomp = chomp,
  };
}

int lsk_fail_line_limit(lua_State *L, const struct lsk_handle *h) {
  const char *message = lua_pushfstring(L, "line longer than %I bytes",
                                        (LUAI_UACINT)h->line_limit);
  return lsk_fail_named(L, "IOError", message);
}

/*
** No separator. With a limit Ruby's gets(nil, limit) ends after a byte 255 all
** the same, in every version: it looks for the separator -1, which is that
** byte. Who reads so many bytes whatever they are calls read(n).
*/
static void take_all(struct lsk_line *line, bool is_limited) {
  line->most = SIZE_MAX;
  line->length = 0;
  if (!is_limited) return;
  line->separator = "\377";
  line->length = 1;
  line->chomp = LSK_KEEP_END;
}

struct lsk_line lsk_get_line(lua_State *L, const struct lsk_handle *h) {
  struct lsk_line line =
      lsk_plain_line(h, (enum lsk_chomp)lua_tointeger(L, LSK_LINE_CHOMP));
  lua_Integer limit = lua_tointeger(L, LSK_LINE_LIMIT);
  line.separator = lua_tolstring(L, LSK_LINE_SEPARATOR, &line.length);
  if (line.separator == NULL) {
    take_all(&line, limit >= 0);
  } else if (line.length == 0) {
    line.is_paragraph = true;
    line.separator = "\n\n";
    line.length = 2;
  }
  if (limit >= 0) {
    line.is_limited = true;
    line.most = (size_t)limit;
  }
  return line;
}

/* Newlines alone are no line, however many come: only so many are kept. */
static void pass_newlines(lua_State *L, struct lsk_handle *h,
                          const struct lsk_line *line,
                          const struct lsk_span *span) {
  if (line->is_paragraph && span->length == 0 && span->start >= LSK_BUFFER_SIZE)
    lsk_take(L, h, span->start);
}

static void set_scanned(lua_State *L, size_t scanned) {
  lua_pushinteger(L, (lua_Integer)scanned);
  lua_replace(L, LSK_LINE_SCANNED);
}

static int push_line(lua_State *L, struct lsk_handle *h,
                     const struct lsk_line *line, const struct lsk_span *span) {
  const char *bytes = lsk_buffer_bytes(&h->in);
  size_t cut = lsk_line_cut(line, bytes, span);
  size_t end = span->start + span->length;
  size_t length = lsk_buffer_length(&h->in);
  lua_pushlstring(L, bytes + span->start, span->length - cut);
  if (line->is_paragraph) end += count_newlines(bytes + end, length - end);
  if (line->is_paragraph && end == length) h->skips_newlines = true;
  lsk_take(L, h, end);
  if (!span->is_cut) h->lineno++;
  set_scanned(L, 0);
  return 1;
}

static int push_nothing(lua_State *L) {
  lua_pushliteral(L, "");
  return 1;
}

/* What is left are newlines before a paragraph that does not come. */
static int push_end(lua_State *L, struct lsk_handle *h) {
  lsk_take(L, h, lsk_buffer_length(&h->in));
  lua_pushnil(L);
  return 1;
}

/* The call's turn: 0, or the results of a failure. */
static int begin(lua_State *L, int status, int top, lsk_deadline deadline,
                 lua_KFunction k) {
  int failed = lsk_call_result(L, lsk_self(L), status, top);
  if (failed) return failed;
  return lsk_wait_turn(L, lsk_self(L), LSK_READABLE, status, deadline, k);
}

int lsk_go_on_reading_line(lua_State *L, lsk_deadline deadline, lua_KFunction k,
                           struct lsk_filling *filling) {
  struct lsk_handle *h = lsk_self(L);
  struct lsk_line line = lsk_get_line(L, h);
  size_t scanned = (size_t)lua_tointeger(L, LSK_LINE_SCANNED);
  for (;;) {
    int failed = lsk_check_line_reading(L, h);
    if (failed) return failed;
    if (line.is_limited && line.most == 0) return push_nothing(L);
    struct lsk_span span;
    size_t length = lsk_buffer_length(&h->in);
    enum lsk_found found =
        lsk_find_line(&line, lsk_buffer_bytes(&h->in), length, scanned,
                      filling->at_end, &span);
    if (found == LSK_TOO_LONG) return lsk_fail_line_limit(L, h);
    if (found == LSK_FOUND) return push_line(L, h, &line, &span);
    if (found == LSK_NOTHING) return push_end(L, h);
    pass_newlines(L, h, &line, &span);
    scanned = lsk_buffer_length(&h->in);
    set_scanned(L, scanned);
    failed = lsk_fill(L, h, LSK_ANY, deadline, k, filling);
    if (failed) return failed;
  }
}

int lsk_read_line(lua_State *L, int status, int top, lsk_deadline deadline,
                  lua_KFunction k) {
  struct lsk_filling filling = {0};
  int failed = begin(L, status, top, deadline, k);
  return failed ? failed : lsk_go_on_reading_line(L, deadline, k, &filling);
}

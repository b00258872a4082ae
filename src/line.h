/*
** Lines in the read buffer: where the next one ends, and reading it.
*/

#ifndef LSK_LINE_H
#define LSK_LINE_H

#include "clock.h"
#include "handle.h"
#include "stream.h"

#include <stdbool.h>
#include <string.h>

#include <lua.h>

/* What becomes of a line's end. */
enum lsk_chomp {
  LSK_KEEP_END,
  LSK_CUT_NEWLINE, /* Lua's "l": "\n" alone */
  LSK_CHOMP        /* Ruby's chomp: the separator, "\r\n" where it is "\n" */
};

struct lsk_line {
  const char *separator; /* NULL: all to the end of the stream */
  size_t length;         /* of the separator */
  size_t most;           /* bytes that a line may have */
  bool is_limited;       /* after `most` bytes the line ends; else: too long */
  bool is_paragraph;     /* newlines before a line are passed over */
  enum lsk_chomp chomp;
};

/* A line among the bytes. */
struct lsk_span {
  size_t start;
  size_t length; /* with its end */
  bool is_cut;   /* the limit made its end */
};

enum lsk_found {
  LSK_FOUND,
  LSK_MISSING, /* its end may still come */
  LSK_NOTHING, /* the stream has ended */
  LSK_TOO_LONG
};

/* Looks for the first line; its end does not lie before `scanned`. */
enum lsk_found lsk_find_line(const struct lsk_line *line, const char *bytes,
                             size_t length, size_t scanned, bool at_end,
                             struct lsk_span *span);

/* How many bytes of the line's end are to be cut. */
size_t lsk_line_cut(const struct lsk_line *line, const char *bytes,
                    const struct lsk_span *span);

/* The line that ends with "\n" and is at most as long as the socket allows. */
struct lsk_line lsk_plain_line(const struct lsk_handle *h,
                               enum lsk_chomp chomp);

/* IOError: a line is longer than the socket allows. */
int lsk_fail_line_limit(lua_State *L, const struct lsk_handle *h);

/*
** The hot path: where the buffer holds a whole line that ends with "\n", takes
** it and leaves it, without its last `cut` bytes.
*/
static inline bool lsk_take_line(lua_State *L, struct lsk_handle *h,
                                 size_t cut) {
  size_t length = lsk_buffer_length(&h->in);
  if (length == 0 || h->read_error != 0) return false;
  const char *bytes = lsk_buffer_bytes(&h->in);
  const char *newline = memchr(bytes, '\n', length);
  if (newline == NULL) return false;
  size_t count = (size_t)(newline - bytes) + 1;
  if (h->line_limit != 0 && count > h->line_limit) return false;
  lsk_push_recent(L, h->state->recent, bytes, count - cut);
  lsk_take(L, h, count);
  h->lineno++;
  return true;
}

/* Stack slots of a line being read: its separator (a string, or false), limit
   (an integer, -1: none) and chomp, then how far it was looked for. */
enum {
  LSK_LINE_SEPARATOR = 2,
  LSK_LINE_LIMIT,
  LSK_LINE_CHOMP,
  LSK_LINE_SCANNED
};

/* The line that the slots tell of. */
struct lsk_line lsk_get_line(lua_State *L, const struct lsk_handle *h);

/*
** Reads the line that the slots tell of: a string, nil at the end of the
** stream, or the results of a failure. `status`, `deadline` and `k` are those
** of the operation, `top` is how many stack slots it has.
*/
int lsk_read_line(lua_State *L, int status, int top, lsk_deadline deadline,
                  lua_KFunction k);

/* The same for a call that has its turn, and may have filled the buffer. */
int lsk_go_on_reading_line(lua_State *L, lsk_deadline deadline, lua_KFunction k,
                           struct lsk_filling *filling);

#endif

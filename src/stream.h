/*
** The two buffers of a stream socket: filling the one for reading and draining
** the one for writing, with waiting.
*/

#ifndef LSK_STREAM_H
#define LSK_STREAM_H

#include "clock.h"
#include "handle.h"

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

/* Whether the socket may be read from, or written to: 0, or the results of the
   failure (it is closed, or that half of it). */
int lsk_check_reading(lua_State *L, const struct lsk_handle *h);
int lsk_check_writing(lua_State *L, const struct lsk_handle *h);

/* As lsk_check_reading; a kept read error fails, too, whatever the buffer has:
   the line that a stream broke off in is none. */
int lsk_check_line_reading(lua_State *L, const struct lsk_handle *h);

/* How one call's filling goes on; all zero at first. */
struct lsk_filling {
  bool is_repeated; /* bytes came, and were not enough */
  bool at_end;      /* the peer has ended the stream */
};

/* As many bytes as there is room for. */
#define LSK_ANY SIZE_MAX

/*
** Receives once, at most `most` bytes, to the end of the read buffer, waiting
** as needed. 0: look at the buffer, or `at_end`, again; otherwise the count of
** results of a failure. While the socket waits, an empty buffer is given back.
*/
int lsk_fill(lua_State *L, struct lsk_handle *h, size_t most,
             lsk_deadline deadline, lua_KFunction k,
             struct lsk_filling *filling);

/* Gives the read buffer's memory back as far as its bytes do not need it. */
void lsk_settle(lua_State *L, struct lsk_handle *h);

/* Removes bytes from the front of the read buffer. */
static inline void lsk_take(lua_State *L, struct lsk_handle *h, size_t count) {
  size_t length = lsk_buffer_length(&h->in);
  h->in.start += count < length ? count : length;
  if (count >= length || h->in.size > LSK_BUFFER_SIZE) lsk_settle(L, h);
}

/* Leaves the first bytes of the read buffer as a string and removes them. */
void lsk_push_taken(lua_State *L, struct lsk_handle *h, size_t count);

/* Puts bytes back to the front of the read buffer. */
void lsk_unread(lua_State *L, struct lsk_handle *h, const char *bytes,
                size_t length);

/*
** Sends what is buffered for writing, waiting as needed: 0, or the count of
** results of a failure, and then what was not sent stays in the buffer.
*/
int lsk_flush(lua_State *L, struct lsk_handle *h, lsk_deadline deadline,
              lua_KFunction k);

/* A failed write: nil, err, errno, with Ruby's text ("Broken pipe"). */
int lsk_fail_write(lua_State *L, int err);

/* Removes bytes that were sent from the front of the write buffer. */
void lsk_take_written(lua_State *L, struct lsk_handle *h, size_t count);

#endif

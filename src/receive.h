/*
** What the receiving operations share: how much they make room for, and what
** the end of a stream is.
*/

#ifndef LSK_RECEIVE_H
#define LSK_RECEIVE_H

#include "arg.h"
#include "handle.h"

#include <stdbool.h>

#include <sys/types.h>

#include <lua.h>

/* Reads a length that may be nil, which is -1. */
static inline ssize_t lsk_opt_size(lua_State *L, int arg) {
  int is_integer;
  lua_Integer size = lua_tointegerx(L, arg, &is_integer);
  if (is_integer && size >= 0) return (ssize_t)size;
  return lua_isnoneornil(L, arg) ? -1 : (ssize_t)lsk_check_size(L, arg);
}

/* The same where the socket's option of that name (rcvbuf, rcvctrlbuf) says
   what nil is: the argument becomes that number, since an operation that is
   tried again reads it there. */
ssize_t lsk_settle_size(lua_State *L, int arg, const struct lsk_handle *h,
                        const char *option);

/*
** How many bytes to make room for: what was asked, within reason; without a
** length (-1) the whole next datagram. -errno where the kernel told that there
** is none (yet).
*/
ssize_t lsk_room_needed(const struct lsk_handle *h, ssize_t asked, int flags);

/* Where so many bytes may arrive: the state's scratch, until anything else runs
   that may buffer; a longer message's place is a userdata left on the stack. */
char *lsk_make_room(lua_State *L, const struct lsk_handle *h, size_t room);

/* Whether the flags ask for what stands beside the queue of bytes or messages
   (urgent data, errors), so that nobody's turn there matters. */
static inline bool lsk_is_beside(int flags) {
  return (flags & MSG_OOB) != 0 || lsk_sys_is_immediate(flags);
}

/* Whether `length` bytes are the end of a stream, not an empty message. */
bool lsk_is_end(const struct lsk_handle *h, ssize_t asked, ssize_t length);

/* Whether a message may be received past the buffer: 0, or the results of the
   failure: `refusal` is the complaint about buffered bytes. */
int lsk_check_receiving(lua_State *L, const struct lsk_handle *h,
                        const char *refusal, const char *syscall);

/* A failed receive; an error that the kernel tells once stays. */
int lsk_fail_receive(lua_State *L, struct lsk_handle *h, const char *syscall,
                     int err);

#endif

/*
** The one place where a call waits: for one socket and direction, for several
** fds, or for none. It polls here; a scheduler takes its place behind the same
** functions.
**
** An operation is one lua_KFunction that is also its own continuation. It tries
** its system call first and, told -EAGAIN or -EINTR, waits and tries again:
**
**   for (;;) {
**     if (h->fd < 0) return lsk_fail_closed(L);
**     ssize_t rc = lsk_sys_recv(h->fd, ..., lsk_wait_flag(h, deadline));
**     if (rc >= 0) break;
**     if (!lsk_should_wait(rc)) return lsk_fail(L, "recv(2)", (int)-rc);
**     int failed = lsk_wait(L, h, LSK_READABLE, deadline, recv_k);
**     if (failed) return failed;
**   }
**
** The deadline is the continuation's context. What must outlast a wait stands
** on the Lua stack or in the socket, never in a C local.
*/

#ifndef LSK_WAIT_H
#define LSK_WAIT_H

#include "clock.h"
#include "handle.h"
#include "sys_io.h"

#include <errno.h>
#include <stdbool.h>

#include <lua.h>

/*
** Marks the start of a try that may find itself told to wait. lsk_wait_flag
** does it too; an operation that needs no flag (accept, connect) calls this.
*/
static inline void lsk_wait_begin(struct lsk_handle *h) {
  h->state->hook = lua_gethook(h->state->main);
}

/*
** What a send or receive adds to its flags before each try: 0 when it may
** sleep in the kernel (no deadline, nobody else to run), else MSG_DONTWAIT.
*/
static inline int lsk_wait_flag(struct lsk_handle *h, lsk_deadline deadline) {
  lsk_wait_begin(h);
  bool may_sleep = deadline == LSK_NEVER && !h->state->heeds_signals;
  return may_sleep ? 0 : MSG_DONTWAIT;
}

/* Whether a system call's result asks for a wait: -EAGAIN or -EINTR. */
static inline bool lsk_should_wait(ssize_t rc) {
  return rc == -EAGAIN || rc == -EWOULDBLOCK || rc == -EINTR;
}

/*
** Stands between the tries of an operation that moves bytes in several: a
** signal makes a blocking send short rather than fail, and may come between
** two receives. 0, or the count of results when Ctrl-C came since the last try.
*/
int lsk_wait_check(lua_State *L, const struct lsk_handle *h);

/*
** Waits until the socket is ready for `events`. 0: try again. Otherwise the
** count of results that were pushed (nil, err, errno): the deadline has
** passed, the call must not wait, Ctrl-C came. In a task it does not return:
** `k` runs in its place when the socket is ready.
*/
int lsk_wait(lua_State *L, struct lsk_handle *h, int events,
             lsk_deadline deadline, lua_KFunction k);

/*
** The outcome of the wait that a continuation comes back from: 0 (go on), or
** the results of the failure; what lies above the first `top` values of the
** stack is dropped. At the first call (`status` is LUA_OK) it is 0, and the
** stack stays as it is: `top` values.
*/
int lsk_wait_result(lua_State *L, int status, int top);

/*
** Waits until one of the entries is ready (see `revents`) or the deadline has
** passed (none is). 0: look at the entries; otherwise the count of results of
** a failure. The entries outlast a wait: they stand in a userdata.
*/
int lsk_wait_many(lua_State *L, struct pollfd *entries, size_t count,
                  lsk_deadline deadline, lua_KFunction k);

/*
** Lets a little time pass, for what no fd can tell (a unix socket's queue that
** is full at the other end). 0: try again; otherwise as lsk_wait.
*/
int lsk_nap(lua_State *L, struct lsk_handle *h, int events,
            lsk_deadline deadline, lua_KFunction k);

/* Waits until more can be sent, to an address that came with the call or to the
   socket's peer: as lsk_wait. */
int lsk_wait_to_send(lua_State *L, struct lsk_handle *h, bool to_address,
                     lsk_deadline deadline, lua_KFunction k);

#endif

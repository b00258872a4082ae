/*
** The one place where a call waits. Here it polls: the process sleeps.
*/

#include "wait.h"

#include "error.h"
#include "stop.h"

#include <errno.h>

/* How long a nap is, in seconds: short beside what a user notices, long beside
   what a try costs. */
#define NAP 0.005

/*
** Whether Ctrl-C came since the operation began. lua.c's handler then has set
** a hook on the main thread that raises; here it is set on the waiting thread
** too, and runs as soon as control is back in Lua.
*/
static bool is_interrupted(lua_State *L, const struct lsk_state *state) {
  lua_Hook hook = lua_gethook(state->main);
  if (hook == NULL || hook == state->hook) return false;
  if (L != state->main)
    lua_sethook(L, hook, lua_gethookmask(state->main),
                lua_gethookcount(state->main));
  return true;
}

int lsk_wait_check(lua_State *L, const struct lsk_handle *h) {
  return is_interrupted(L, h->state) ? lsk_fail(L, NULL, EINTR) : 0;
}

/* Polls until something is ready, the deadline passes (0) or a signal (with a
   hook) comes: how many are ready | -errno. */
static int poll_until(lua_State *L, struct lsk_state *state,
                      struct pollfd *entries, size_t count,
                      lsk_deadline deadline) {
  for (;;) {
    if (is_interrupted(L, state)) return -EINTR;
    if (lsk_stop_is_due(state)) lsk_stop_loops(L, state); /* entries stay */
    int milliseconds = lsk_deadline_poll(deadline);
    int rc = lsk_sys_poll(entries, count, milliseconds);
    if (rc > 0) return rc;
    if (rc < 0 && rc != -EINTR) return rc;
    if (rc == 0 && lsk_deadline_poll(deadline) == 0) return 0;
  }
}

int lsk_wait(lua_State *L, struct lsk_handle *h, int events,
             lsk_deadline deadline, lua_KFunction k) {
  (void)k;
  if (deadline == LSK_NOW) return lsk_would_block(L, events);
  struct pollfd entry = {.fd = h->fd, .events = (short)events};
  int rc = poll_until(L, h->state, &entry, 1, deadline);
  if (rc < 0) return lsk_fail(L, "poll(2)", -rc);
  if (rc == 0) return lsk_fail_timeout(L);
  return 0;
}

int lsk_wait_result(lua_State *L, int status, int top) {
  if (status != LUA_OK) lua_settop(L, top);
  return 0;
}

int lsk_wait_many(lua_State *L, struct pollfd *entries, size_t count,
                  lsk_deadline deadline, lua_KFunction k) {
  (void)k;
  struct lsk_state *state = lsk_get_state(L);
  state->hook = lua_gethook(state->main);
  int rc = poll_until(L, state, entries, count, deadline);
  return rc < 0 ? lsk_fail(L, "poll(2)", -rc) : 0;
}

int lsk_nap(lua_State *L, struct lsk_handle *h, int events,
            lsk_deadline deadline, lua_KFunction k) {
  if (deadline == LSK_NOW) return lsk_would_block(L, events);
  if (lsk_deadline_seconds(deadline) == 0) return lsk_fail_timeout(L);
  (void)h;
  lsk_deadline end = lsk_deadline_after(NAP);
  return lsk_wait_many(L, NULL, 0, end < deadline ? end : deadline, k);
}

/* A unix datagram's queue is full at the other end, which poll does not tell
   when the address came with the call. */
int lsk_wait_to_send(lua_State *L, struct lsk_handle *h, bool to_address,
                     lsk_deadline deadline, lua_KFunction k) {
  if (to_address && h->domain == AF_UNIX)
    return lsk_nap(L, h, LSK_WRITABLE, deadline, k);
  return lsk_wait(L, h, LSK_WRITABLE, deadline, k);
}

/*
** Lets tasks run, each until it waits. Where Lua cannot yield, its C stack is
** left as it is, and the others go on on another one.
*/

#ifndef LSK_RUNNER_H
#define LSK_RUNNER_H

#include "state.h"
#include "task.h"

#include <stdbool.h>

#include <lua.h>

/* Whether code in `L` can let the others go on: it belongs to a task, and the
   collector does not stand still meanwhile. */
bool lsk_can_suspend(lua_State *L, const struct lsk_state *state);

/* The same in the cheap way, by yielding. */
static inline bool lsk_can_yield(lua_State *L, const struct lsk_state *state) {
  return L == state->task->thread && lua_isyieldable(L);
}

/*
** Lets the others go on until the wait that the running task has begun is over.
** Where Lua can yield it does not return: `k` runs in its place. Elsewhere it
** returns, or raises Socket.CANCELED.
*/
void lsk_suspend(lua_State *L, struct lsk_state *state, lua_KContext context,
                 lua_KFunction k);

/* How a run has ended: all tasks have, by themselves or since there was
   nothing any more that they could wait for, or since Ctrl-C came. */
enum lsk_run_end {
  LSK_RUN_OVER,
  LSK_RUN_DEADLOCK,
  LSK_RUN_INTERRUPTED,
  LSK_RUN_FAILED
};

/* Runs the tasks of the group, the outermost, until all have ended. The loop is
   open. */
enum lsk_run_end lsk_run_group(lua_State *L, struct lsk_group *group);

#endif

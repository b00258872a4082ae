/*
** Waits that another event loop carries out: the scheduler that
** Socket.set_scheduler names is asked to, by its methods. An operation is its
** own continuation here, too; where Lua cannot yield, nobody is asked and the
** process blocks.
*/

#ifndef LSK_ASK_H
#define LSK_ASK_H

#include "clock.h"
#include "foreign.h"
#include "handle.h"
#include "state.h"

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/* Whether code in L asks. A method of the scheduler itself does not. */
static inline bool lsk_asks(lua_State *L, const struct lsk_state *state) {
  return state->foreign.is_set && state->task == NULL &&
         state->foreign.asking != L && lua_isyieldable(L);
}

/* As lsk_wait, lsk_take_turn and lsk_wait_many, where lsk_asks. The last one
   is -1 where the scheduler cannot wait for that. */
int lsk_ask_for_socket(lua_State *L, struct lsk_handle *h, int events,
                       lsk_deadline deadline, lua_KFunction k);
int lsk_ask_for_turn(lua_State *L, struct lsk_handle *h, int events, int status,
                     lsk_deadline deadline, lua_KFunction k);
int lsk_ask_for_many(lua_State *L, const struct lsk_wanted *asked,
                     lsk_deadline deadline, lua_KFunction k);

/* For time alone, until `end`, as part of a call with that deadline. */
int lsk_ask_for_time(lua_State *L, lsk_deadline end, lsk_deadline deadline,
                     lua_KFunction k);

/* Lets the coroutine wait until the scheduler's `unblock` is called for the
   value at the stack index `blocker`, or until `end`. */
int lsk_ask_to_block(lua_State *L, int blocker, lsk_deadline end,
                     lua_KFunction k);

/*
** Has the scheduler look up the host, and what it gives taken for the value at
** the stack index `owner`: 0. -1 where it does not look up names.
*/
int lsk_ask_for_addresses(lua_State *L, const char *host, int owner,
                          lsk_take *take, lsk_deadline deadline,
                          lua_KFunction k);

/* As lsk_wait_result, for the continuation of one of these. */
int lsk_ask_result(lua_State *L, int top);

/* Has the scheduler start a coroutine with the function and the arguments that
   are the stack: the count of results. */
int lsk_ask_for_fiber(lua_State *L);

#endif

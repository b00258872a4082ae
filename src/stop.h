/*
** The end that a signal asks for, seen to where Lua may run: a handler only
** says that it is wanted. Whoever waits looks here after each EINTR, and a
** server loop in each round.
*/

#ifndef LSK_STOP_H
#define LSK_STOP_H

#include "process.h"
#include "state.h"

#include <stdbool.h>

#include <lua.h>

/* Whether the process is to end and the server loops do not know it yet. */
static inline bool lsk_stop_is_due(const struct lsk_state *state) {
  return state->process != NULL && !state->has_stopped &&
         state->process->stop != LSK_STOP_NONE;
}

/*
** Ends the server loops, once: calls the function that was set, which closes
** their sockets; whoever waits for one of them is told so. May raise, does not
** wait. Sockets that a C function holds may be closed when it returns.
*/
void lsk_stop_loops(lua_State *L, struct lsk_state *state);

/* Sets the function on top of the stack, which goes. */
void lsk_stop_set(lua_State *L);

#endif

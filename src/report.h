/*
** Telling of errors of tasks that nobody has joined: what on_error gets, and
** what it is by default.
*/

#ifndef LSK_REPORT_H
#define LSK_REPORT_H

#include "state.h"

#include <stdbool.h>

#include <lua.h>

/* Keeps the error on top of the coroutine's stack and its traceback with the
   task, whose place in the registry is `anchor`: false when memory is out.
   Never raises. */
bool lsk_note_failure(struct lsk_state *state, lua_State *L, int anchor);

/* Leaves on_error and its arguments on the coroutine's stack, at whose bottom
   the error is: how many arguments. Never raises. */
int lsk_push_report(lua_State *L, int anchor);

/* Leaves on_error, for other errors that nobody learns of. */
void lsk_push_on_error(lua_State *L);

/* Leaves the error that was kept. Never raises. */
void lsk_push_failure(lua_State *L, int anchor);

/* Prints the error on top of the coroutine's stack: on_error's own. Never
   raises. */
void lsk_print_failure(struct lsk_state *state, lua_State *L);

/* Adds set_on_error to the table on top of the stack. */
void lsk_open_report(lua_State *L);

#endif

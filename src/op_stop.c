/*
** What the server loops and the interpreter sockeye tell each other: that loops
** run, and that they are to end. In every other program nothing is wanted.
*/

#include "op_stop.h"

#include "arg.h"
#include "process.h"
#include "state.h"
#include "stop.h"

#include <signal.h>
#include <stdbool.h>

#include <lauxlib.h>

static const struct lsk_process *process_of(lua_State *L) {
  return lsk_get_state(L)->process;
}

/* check(): ends the loops, if that is wanted and not done yet */
static int check(lua_State *L) {
  struct lsk_state *state = lsk_get_state(L);
  if (lsk_stop_is_due(state)) lsk_stop_loops(L, state);
  return 0;
}

/* count(n): so many loops run. A process without any ends at a signal; with
   some no call may sleep through it. */
static int count(lua_State *L) {
  int loops = lsk_check_int(L, 1);
  struct lsk_state *state = lsk_get_state(L);
  if (state->process == NULL) return 0;
  state->must_poll += (loops > 0) - (state->process->loops > 0);
  state->process->loops = (sig_atomic_t)loops;
  return 0;
}

/* is_wanted() -> whether loops are to end, also those that begin only now */
static int is_wanted(lua_State *L) {
  const struct lsk_process *process = process_of(L);
  lua_pushboolean(L, process != NULL && process->stop != LSK_STOP_NONE);
  return 1;
}

/* is_worker() -> whether other processes run the same script */
static int is_worker(lua_State *L) {
  const struct lsk_process *process = process_of(L);
  lua_pushboolean(L, process != NULL && process->worker > 0);
  return 1;
}

/* set(fn): what ends the loops; it is called once, wherever a wait is */
static int set(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lsk_stop_set(L);
  return 0;
}

static const luaL_Reg functions[] = {
    {"check", check},         {"count", count}, {"is_wanted", is_wanted},
    {"is_worker", is_worker}, {"set", set},     {NULL, NULL},
};

void lsk_open_op_stop(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}

/*
** Telling of errors of tasks that nobody has joined.
*/

#include "report.h"

#include <stdio.h>

#include <lauxlib.h>

static const char key = 0; /* its address is on_error's registry key */

/* What is kept: the user value of a task that holds it, in place of its
   coroutine, and its fields, of which that is one. */
enum { FAILURE_VALUE = 1 };
enum { FAILURE_ERROR = 1, FAILURE_TRACEBACK, FAILURE_THREAD };

/* Leaves the table that the task keeps. */
static void push_kept(lua_State *L, int anchor) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, anchor);
  (void)lua_getiuservalue(L, -1, FAILURE_VALUE);
  lua_remove(L, -2);
}

/* (coroutine, anchor): what lsk_note_failure does where it may raise. */
static int note_failure(lua_State *aux) {
  lua_State *L = lua_touserdata(aux, 1);
  int anchor = (int)lua_tointeger(aux, 2);
  lua_rawgeti(aux, LUA_REGISTRYINDEX, anchor);
  lua_createtable(aux, FAILURE_THREAD, 0);
  lua_pushvalue(L, -1);
  lua_xmove(L, aux, 1);
  lua_rawseti(aux, -2, FAILURE_ERROR);
  lua_pushthread(L);
  lua_xmove(L, aux, 1);
  lua_rawseti(aux, -2, FAILURE_THREAD);
  luaL_traceback(aux, L, NULL, 0);
  lua_rawseti(aux, -2, FAILURE_TRACEBACK);
  lua_setiuservalue(aux, -2, FAILURE_VALUE);
  return 0;
}

bool lsk_note_failure(struct lsk_state *state, lua_State *L, int anchor) {
  lua_State *aux = state->aux;
  int top = lua_gettop(aux);
  if (!lua_checkstack(L, 1) || !lua_checkstack(aux, LUA_MINSTACK)) return false;
  lua_pushcfunction(aux, note_failure);
  lua_pushlightuserdata(aux, L);
  lua_pushinteger(aux, anchor);
  int status = lua_pcall(aux, 2, 0, 0);
  lua_settop(aux, top);
  return status == LUA_OK;
}

int lsk_push_report(lua_State *L, int anchor) {
  push_kept(L, anchor);
  lua_pushvalue(L, 1); /* closing a variable may have changed it */
  lua_rawseti(L, -2, FAILURE_ERROR);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  lua_insert(L, -2);
  lua_pushvalue(L, 1);
  lua_insert(L, -2);
  lua_rawgeti(L, -1, FAILURE_TRACEBACK);
  lua_replace(L, -2);
  lua_rawgeti(L, LUA_REGISTRYINDEX, anchor);
  return 3;
}

void lsk_push_on_error(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
}

void lsk_push_failure(lua_State *L, int anchor) {
  push_kept(L, anchor);
  lua_rawgeti(L, -1, FAILURE_ERROR);
  lua_remove(L, -2);
}

/* (error): where a metamethod may raise. */
static int print_failure(lua_State *L) {
  const char *text = luaL_tolstring(L, 1, NULL);
  (void)fprintf(stderr, "error in on_error: %s\n", text);
  return 0;
}

void lsk_print_failure(struct lsk_state *state, lua_State *L) {
  lua_State *aux = state->aux;
  int top = lua_gettop(aux);
  if (!lua_checkstack(aux, LUA_MINSTACK)) return;
  lua_pushcfunction(aux, print_failure);
  lua_pushvalue(L, -1);
  lua_xmove(L, aux, 1);
  (void)lua_pcall(aux, 1, 0, 0);
  lua_settop(aux, top);
}

/* on_error(err, traceback[, task]) by default: prints them. */
static int default_on_error(lua_State *L) {
  lua_settop(L, 3);
  const char *task = lua_isnil(L, 3) ? "socket" : luaL_tolstring(L, 3, NULL);
  const char *text = luaL_tolstring(L, 1, NULL);
  const char *traceback = luaL_tolstring(L, 2, NULL);
  (void)fprintf(stderr, "%s: %s\n%s\n", task, text, traceback);
  (void)fflush(stderr);
  return 0;
}

/// Sets who is told of the errors of tasks that nobody has joined; by default
// they are printed to standard error. An error in the function itself is
// printed.
// @function Socket.set_on_error
// @tparam[opt] function fn is called with the error, the traceback and the
// task; nil: the default again. It is told of errors of functions that monitor
// sockets, too, where the task may be nil
// @treturn boolean true
static int set_on_error(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_pushcfunction(L, default_on_error);
  }
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  lua_pushboolean(L, 1);
  return 1;
}

void lsk_open_report(lua_State *L) {
  lua_pushcfunction(L, default_on_error);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  lua_pushcfunction(L, set_on_error);
  lua_setfield(L, -2, "set_on_error");
}

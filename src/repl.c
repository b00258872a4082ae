/*
** The interactive mode of the stand-alone interpreter: reads lines until they
** make a statement, runs it, prints its values.
*/

#include "repl.h"

#include "prompt.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

/* Leaves a line read behind the prompt that the global `name` holds, else
   behind `other`; false and nothing at the end of the input. */
static bool push_line(lua_State *L, const char *name, const char *other) {
  if (lua_getglobal(L, name) == LUA_TNIL)
    lua_pushstring(L, other);
  else
    (void)luaL_tolstring(L, -1, NULL);
  bool got = lsk_prompt_read(L, lua_tostring(L, -1));
  if (got) lua_replace(L, -3);
  lua_pop(L, got ? 1 : 2);
  return got;
}

static int load(lua_State *L, const char *text) {
  return luaL_loadbufferx(L, text, strlen(text), "=stdin", "t");
}

/* Compiles the line at index 1 as an expression: leaves the function, or
   nothing. */
static bool load_expression(lua_State *L) {
  const char *text = lua_tostring(L, 1);
  text = text[0] == '=' ? lua_pushfstring(L, "return %s", text + 1)
                        : lua_pushfstring(L, "return %s", text);
  int status = load(L, text);
  lua_remove(L, -2);
  if (status != LUA_OK) lua_pop(L, 1);
  return status == LUA_OK;
}

/* Whether a statement only lacks its end: the message on top says so. */
static bool is_incomplete(lua_State *L, int status) {
  static const char mark[] = "<eof>";
  const size_t marked = sizeof mark - 1;
  if (status != LUA_ERRSYNTAX) return false;
  size_t length;
  const char *message = lua_tolstring(L, -1, &length);
  return length >= marked && strcmp(message + length - marked, mark) == 0;
}

/* Compiles the statement that starts with the line at index 1, reading on
   while it is incomplete: a status; leaves the function or the message. */
static int load_statement(lua_State *L) {
  for (;;) {
    int status = load(L, lua_tostring(L, 1));
    if (!is_incomplete(L, status)) return status;
    if (!push_line(L, "_PROMPT2", ">> ")) return status;
    lua_replace(L, 2); /* in the message's place */
    lua_pushliteral(L, "\n");
    lua_insert(L, 2);
    lua_concat(L, 3);
  }
}

/* Shows the values on the stack with the global `print`. */
static void print_values(lua_State *L, lsk_repl_call call) {
  int count = lua_gettop(L);
  if (count == 0) return;
  luaL_checkstack(L, LUA_MINSTACK, "too many results to print");
  lua_getglobal(L, "print");
  lua_insert(L, 1);
  if (call(L, count, 0) == LUA_OK) return;
  (void)fprintf(stderr, "error calling 'print' (%s)\n", lua_tostring(L, -1));
}

void lsk_repl(lua_State *L, lsk_repl_call call, lsk_repl_report report) {
  for (;;) {
    lua_settop(L, 0);
    if (!push_line(L, "_PROMPT", "> ")) break;
    int status = load_expression(L) ? LUA_OK : load_statement(L);
    lsk_prompt_remember(lua_tostring(L, 1));
    lua_remove(L, 1);
    if (status == LUA_OK) status = call(L, 0, LUA_MULTRET);
    if (status == LUA_OK)
      print_values(L, call);
    else
      report(L);
  }
  (void)fputs("\n", stdout);
  (void)fflush(stdout);
}

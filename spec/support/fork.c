/*
** fork(2) for the specs of what a child process leaves alone.
*/

#include <sys/wait.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>

/* fork() -> 0 in the child, its id in the parent */
static int fork_(lua_State *L) {
  pid_t id = fork();
  if (id < 0) return luaL_error(L, "cannot fork");
  lua_pushinteger(L, id);
  return 1;
}

/* wait(id) -> exit status of the child, or nil when a signal ended it */
static int wait_(lua_State *L) {
  int status = 0;
  pid_t id = (pid_t)luaL_checkinteger(L, 1);
  while (waitpid(id, &status, 0) < 0) {
  }
  if (!WIFEXITED(status)) return 0;
  lua_pushinteger(L, WEXITSTATUS(status));
  return 1;
}

/* exit(status): at once, without closing the state */
static int exit_(lua_State *L) {
  _exit((int)luaL_checkinteger(L, 1));
}

static const luaL_Reg functions[] = {
    {"exit", exit_},
    {"fork", fork_},
    {"wait", wait_},
    {NULL, NULL},
};

__attribute__((visibility("default"))) int luaopen_fork(lua_State *L);

int luaopen_fork(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}

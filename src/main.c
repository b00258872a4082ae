/*
** The stand-alone interpreter: Lua, the library and its Lua files in one
** executable. It takes what lua5.4 takes on its command line.
*/

#include "embedded.h"
#include "options.h"
#include "repl.h"
#include "signals.h"
#include "workers.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lualib.h>

/* What messages begin with; NULL in interactive mode. */
static const char *program = "sockeye";

static void print_error(const char *message) {
  if (program != NULL) (void)fprintf(stderr, "%s: ", program);
  (void)fprintf(stderr, "%s\n", message);
  (void)fflush(stderr);
}

/* An error's message: the value as text, with a traceback behind a string. */
static int explain(lua_State *L) {
  if (!lua_isstring(L, 1)) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
      return 1;
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
    lua_replace(L, 1);
  }
  luaL_traceback(L, L, lua_tostring(L, 1), 1);
  return 1;
}

/* Calls the function below its arguments, with messages and Ctrl-C as a user
   expects them: a status; leaves the results or the message. */
static int call(lua_State *L, int arguments, int results) {
  int base = lua_gettop(L) - arguments;
  lua_pushcfunction(L, explain);
  lua_insert(L, base);
  lsk_signals_enter(L);
  int status = lua_pcall(L, arguments, results, base);
  lsk_signals_leave(L);
  lua_remove(L, base);
  return status;
}

/* Prints the message on top of the stack. */
static void report(lua_State *L) {
  const char *message = lua_tostring(L, -1);
  print_error(message != NULL ? message : "(error message not a string)");
  lua_pop(L, 1);
}

/* Runs what was loaded, or failed to be; whether all went well. */
static bool run(lua_State *L, int status) {
  if (status == LUA_OK) status = call(L, 0, 0);
  if (status != LUA_OK) report(L);
  return status == LUA_OK;
}

static bool run_string(lua_State *L, const char *text, const char *name) {
  return run(L, luaL_loadbuffer(L, text, strlen(text), name));
}

/* The text in LUA_INIT_5_4, else in LUA_INIT: statements, or a file's name
   behind an "@". */
static bool run_init(lua_State *L) {
  static const char *const names[] = {"=LUA_INIT" LUA_VERSUFFIX, "=LUA_INIT"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no second thread yet */
    const char *init = getenv(names[i] + 1);
    if (init == NULL) continue;
    if (init[0] == '@') return run(L, luaL_loadfile(L, init + 1));
    return run_string(L, init, names[i]);
  }
  return true;
}

/* `-l [global=]module` */
static bool run_require(lua_State *L, const char *text) {
  const char *separator = strchr(text, '=');
  const char *module = separator != NULL ? separator + 1 : text;
  size_t length = separator != NULL ? (size_t)(separator - text) : strlen(text);
  lua_pushlstring(L, text, length);
  lua_getglobal(L, "require");
  lua_pushstring(L, module);
  int status = call(L, 1, 1);
  if (status != LUA_OK)
    report(L);
  else
    lua_setglobal(L, lua_tostring(L, -2));
  lua_pop(L, 1);
  return status == LUA_OK;
}

/* Runs the options that do something, in their order. */
static bool run_options(lua_State *L, char **argv, int script) {
  bool done = true;
  for (int i = 1; i < script && done;) {
    const char *value;
    char letter = lsk_options_next(argv, &i, &value);
    if (letter == 'W') lua_warning(L, "@on", 0);
    if (letter == 'e') done = run_string(L, value, "=(command line)");
    if (letter == 'l') done = run_require(L, value);
  }
  return done;
}

/* Runs a script with the global `arg` as its arguments; "-" is the standard
   input, unless it stands behind "--". */
static bool run_script(lua_State *L, char **argv, int script) {
  const char *name = argv[script];
  if (strcmp(name, "-") == 0 && strcmp(argv[script - 1], "--") != 0)
    name = NULL;
  int status = luaL_loadfile(L, name);
  if (status != LUA_OK) return run(L, status);
  if (lua_getglobal(L, "arg") != LUA_TTABLE)
    return luaL_error(L, "'arg' is not a table");
  int table = lua_gettop(L);
  lua_Integer count = luaL_len(L, table);
  luaL_checkstack(L, (int)count + LUA_MINSTACK, "too many arguments");
  for (lua_Integer i = 1; i <= count; i++) lua_rawgeti(L, table, i);
  lua_remove(L, table);
  status = call(L, (int)count, 0);
  if (status != LUA_OK) report(L);
  return status == LUA_OK;
}

/* `arg`: the script is number 0, what stands before it has negative ones. */
static void set_arg(lua_State *L, char **argv, int script) {
  int zero = argv[script] != NULL ? script : 0;
  lua_newtable(L);
  for (int i = 0; argv[i] != NULL; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - zero);
  }
  lua_setglobal(L, "arg");
}

/* package.searchers' function for the modules in the executable. */
static int search(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const struct lsk_embedded *module = lsk_embedded_modules;
  while (module->name != NULL && strcmp(module->name, name) != 0) module++;
  if (module->name == NULL) {
    lua_pushfstring(L, "no module '%s' in sockeye", name);
    return 1;
  }
  if (module->open != NULL)
    lua_pushcfunction(L, module->open);
  else if (luaL_loadbufferx(L, module->source, module->size, module->chunkname,
                            "t") != LUA_OK)
    return lua_error(L);
  lua_pushstring(L, module->chunkname);
  return 2;
}

/* Puts `search` behind package.preload and before the files. */
static void add_searcher(lua_State *L) {
  if (lsk_embedded_modules[0].name == NULL) return;
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "searchers");
  for (lua_Integer i = luaL_len(L, -1); i >= 2; i--) {
    lua_rawgeti(L, -1, i);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushcfunction(L, search);
  lua_rawseti(L, -2, 2);
  lua_pop(L, 2);
}

static void print_version(void) {
  (void)puts(LUA_COPYRIGHT " (sockeye)");
  (void)fflush(stdout);
}

static bool interact(lua_State *L) {
  program = NULL;
  lsk_repl(L, call, report);
  return true;
}

/* What is left to do behind the options and the script. */
static bool run_rest(lua_State *L, const struct lsk_options *options,
                     bool has_script) {
  if (options->is_interactive) return interact(L);
  if (has_script || options->has_statement || options->shows_version)
    return true;
  if (!isatty(STDIN_FILENO)) return run(L, luaL_loadfile(L, NULL));
  print_version();
  return interact(L);
}

/* Lua takes its seed from the time and from addresses, which workers share. */
static void seed(lua_State *L, int worker) {
  struct timespec time;
  (void)clock_gettime(CLOCK_REALTIME, &time);
  lua_getglobal(L, "math");
  lua_getfield(L, -1, "randomseed");
  lua_pushinteger(L, (lua_Integer)time.tv_sec * 1000000000 + time.tv_nsec);
  lua_pushinteger(L, (lua_Integer)getpid() * 4096 + worker);
  lua_call(L, 2, 0);
  lua_pop(L, 1);
}

/* The work of `main`, protected: true when all went well. */
static int run_all(lua_State *L) {
  char **argv = lua_touserdata(L, 1);
  const struct lsk_options *options = lua_touserdata(L, 2);
  int worker = (int)lua_tointeger(L, 3);
  int script = options->script;
  bool has_script = argv[script] != NULL;
  luaL_checkversion(L);
  lsk_signals_begin(L, options->grace, worker);
  if (options->shows_version || options->is_interactive) print_version();
  if (options->has_no_environment) {
    lua_pushboolean(L, true); /* package.path and cpath look for it */
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  luaL_openlibs(L);
  if (worker > 0) seed(L, worker);
  add_searcher(L);
  set_arg(L, argv, script);
  lua_gc(L, LUA_GCGEN, 0, 0);
  bool done = (options->has_no_environment || run_init(L)) &&
              run_options(L, argv, script) &&
              (!has_script || run_script(L, argv, script)) &&
              run_rest(L, options, has_script);
  lua_pushboolean(L, done);
  return 1;
}

/* Runs everything in a new state: the process's status. */
static int run_process(struct lsk_options *options, char **argv, int worker) {
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    print_error("cannot create state: not enough memory");
    return EXIT_FAILURE;
  }
  lua_pushcfunction(L, run_all);
  lua_pushlightuserdata(L, argv);
  lua_pushlightuserdata(L, options);
  lua_pushinteger(L, worker);
  int status = lua_pcall(L, 3, 1, 0);
  if (status != LUA_OK) report(L);
  bool done = status == LUA_OK && lua_toboolean(L, -1);
  lua_close(L);
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Whether the script can be read and compiled: no worker could run it. */
static bool check_script(const char *script) {
  lua_State *L = luaL_newstate();
  bool is_good = L != NULL && luaL_loadfile(L, script) == LUA_OK;
  if (L == NULL)
    print_error("cannot create state: not enough memory");
  else if (!is_good)
    report(L);
  if (L != NULL) lua_close(L);
  return is_good;
}

int main(int argc, char **argv) {
  struct lsk_options options = {0};
  if (argc > 0 && argv[0][0] != '\0') program = argv[0];
  if (!lsk_options_parse(&options, program, argv)) return EXIT_FAILURE;
  if (options.shows_help) {
    lsk_options_help(program);
    return EXIT_SUCCESS;
  }
  int worker = 0;
  if (options.workers > 0) {
    if (!check_script(argv[options.script])) return EXIT_FAILURE;
    int status =
        lsk_workers_run(program, options.workers, options.grace, &worker);
    if (worker == 0) return status;
  }
  return run_process(&options, argv, worker);
}

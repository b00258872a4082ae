/*
** Sockets that a service manager has opened.
*/

#include "op_activation.h"

#include "activation.h"
#include "error.h"
#include "io.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <lauxlib.h>

/* What a socket without a name is called, as systemd has it. */
#define NO_NAME "unknown"

/* Stack slots: the sockets; name -> list of sockets; the names as one text, or
   nil. */
enum { LIST = 1, BY_NAME, NAMES };

/* Puts the value on top, which goes, into a list. */
static void append(lua_State *L, int list) {
  lua_rawseti(L, list, luaL_len(L, list) + 1);
}

/* Takes the fd in: 0 | -errno. `name` is not terminated. */
static int add(lua_State *L, int fd, const char *name, size_t length) {
  int rc = lsk_push_listening_io(L, fd);
  if (rc < 0) return rc;
  lua_pushvalue(L, -1);
  append(L, LIST);
  lua_pushlstring(L, name, length);
  if (lua_rawget(L, BY_NAME) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushlstring(L, name, length);
    lua_pushvalue(L, -2);
    lua_rawset(L, BY_NAME);
  }
  lua_insert(L, -2);
  append(L, lua_gettop(L) - 1);
  lua_pop(L, 1);
  return 0;
}

/* Takes all in, in their order: 0 | -errno. There are as many names as fds, or
   none. */
static int add_all(lua_State *L, int count) {
  const char *name = lua_tostring(L, NAMES);
  for (int i = 0; i < count; i++) {
    int fd = LSK_ACTIVATION_FIRST + i;
    size_t length = name == NULL ? 0 : strcspn(name, ":");
    int rc = name == NULL ? add(L, fd, NO_NAME, strlen(NO_NAME))
                          : add(L, fd, name, length);
    if (rc < 0) return rc;
    if (name != NULL) name += length + 1;
  }
  return 0;
}

static int count_names(const char *names) {
  int count = 1;
  for (; *names != '\0'; names++)
    if (*names == ':') count++;
  return count;
}

/// Takes in the sockets that a service manager has opened and passes to this
// process (`LISTEN_PID`, `LISTEN_FDS`, `LISTEN_FDNAMES`; systemd's socket
// activation). Listening ones are TCPServers and UNIXServers, others UDPSockets
// and so on, and an fd that is no socket is a Lua file; all are close-on-exec.
// In a worker of `sockeye --workers` they are those of all workers.
//
// The variables are taken out of the environment, so that a second call gives
// empty tables. Call it before the program looks up names, which is done in
// threads that may read the environment.
// @function Socket.listen_fds
// @treturn {BasicSocket,...} the sockets, in their order; none if the process
// was started without
// @treturn table a list of sockets for each name; what has no name is called
// "unknown"
// @error nil, err, errno: `EINVAL` when the variables contradict themselves
static int listen_fds(lua_State *L) {
  lua_settop(L, 0);
  lua_newtable(L);
  lua_newtable(L);
  int count = lsk_activation_count();
  lua_pushstring(L, lsk_activation_names()); /* nil for NULL */
  lsk_activation_forget();
  const char *names = lua_tostring(L, NAMES);
  if (count > 0 && names != NULL && count_names(names) != count)
    count = -EINVAL;
  int rc = count < 0 ? count : add_all(L, count);
  if (rc < 0) return lsk_fail(L, "listen_fds", -rc);
  lua_settop(L, BY_NAME);
  return 2;
}

static const luaL_Reg functions[] = {
    {"listen_fds", listen_fds},
    {NULL, NULL},
};

void lsk_open_op_activation(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}

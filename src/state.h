/*
** What all sockets of one Lua state share. One object in the registry, which
** lives as long as the state.
*/

#ifndef LSK_STATE_H
#define LSK_STATE_H

#include <lua.h>

struct lsk_state {
  lua_State *main; /* the main thread: lua.c sets its Ctrl-C hook there */
  lua_Hook hook;   /* that thread's hook when the present operation began */
};

/* The state's one object. */
struct lsk_state *lsk_get_state(lua_State *L);

/* Makes it, before any socket is made. Loading the module anew keeps it: the
   sockets made before point to it. */
void lsk_open_state(lua_State *L);

#endif

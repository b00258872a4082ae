/*
** The Socket.Option type: a socket option's value with what it belongs to.
** Immutable once it is handed out.
*/

#ifndef LSK_OPTION_H
#define LSK_OPTION_H

#include <stddef.h>

#include <lua.h>

struct lsk_option {
  int family; /* AF_... */
  int level;
  int optname;
  size_t length; /* bytes of data */
  char data[];
};

/* Leaves a new option whose data the caller fills in. */
struct lsk_option *lsk_new_option(lua_State *L, int family, int level,
                                  int optname, size_t length);

/* The option at that index; raises / gives NULL for anything else. */
struct lsk_option *lsk_check_option(lua_State *L, int arg);
struct lsk_option *lsk_test_option(lua_State *L, int index);

#define LSK_OPTION_METATABLE "socket.Option"

/* Adds the class's functions to the table on top of the stack, and registers
   the metatable, whose __index that table becomes. */
void lsk_open_option(lua_State *L);

#endif

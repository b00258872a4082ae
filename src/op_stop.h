/*
** What the server loops and the interpreter tell each other.
*/

#ifndef LSK_OP_STOP_H
#define LSK_OP_STOP_H

#include <lua.h>

/* Adds `check`, `count`, `is_wanted`, `is_worker` and `set` to the table on top
   of the stack. */
void lsk_open_op_stop(lua_State *L);

#endif

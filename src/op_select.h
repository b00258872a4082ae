/*
** What Lua's select asks of its members.
*/

#ifndef LSK_OP_SELECT_H
#define LSK_OP_SELECT_H

#include <lua.h>

/* Adds `member`, and the masks READABLE, WRITABLE, EXCEPTIONAL and INVALID of
   what poll tells, to the table on top of the stack. */
void lsk_open_op_select(lua_State *L);

#endif

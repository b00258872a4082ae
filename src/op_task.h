/*
** Running tasks.
*/

#ifndef LSK_OP_TASK_H
#define LSK_OP_TASK_H

#include <lua.h>

/* Adds run and its like to the table on top of the stack, and the class Task to
   another one. */
void lsk_open_op_task(lua_State *L);
void lsk_open_op_task_class(lua_State *L);

#endif

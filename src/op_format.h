/*
** Reading by formats: read and lines.
*/

#ifndef LSK_OP_FORMAT_H
#define LSK_OP_FORMAT_H

#include <lua.h>

/* Adds these methods to the table on top of the stack. */
void lsk_open_op_format(lua_State *L);

#endif

/*
** The text of a Socket.Option: its value decoded where its type is known, else
** as a quoted string.
*/

#ifndef LSK_OPTION_TEXT_H
#define LSK_OPTION_TEXT_H

#include <lua.h>

/* Adds inspect to the table on top of the stack, and to the metatable, which
   exists by then, as __tostring. */
void lsk_open_option_text(lua_State *L);

#endif

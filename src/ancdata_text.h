/*
** The text of a Socket.AncillaryData.
*/

#ifndef LSK_ANCDATA_TEXT_H
#define LSK_ANCDATA_TEXT_H

#include <lua.h>

/* Adds inspect to the class table on top of the stack, and to the metatable as
   __tostring. */
void lsk_open_ancdata_text(lua_State *L);

#endif

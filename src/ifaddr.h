/*
** The addresses of this machine's network interfaces.
*/

#ifndef LSK_IFADDR_H
#define LSK_IFADDR_H

#include <lua.h>

/* Adds the functions that list them to Socket, the table on top of the stack.
 */
void lsk_open_ifaddr_lists(lua_State *L);

/* Adds the methods of Ifaddr to its table, and registers the metatable. */
void lsk_open_ifaddr(lua_State *L);

#endif

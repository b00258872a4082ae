/*
** Names of hosts and services: the class functions of Socket and IPSocket that
** ask for them.
*/

#ifndef LSK_OP_NETDB_H
#define LSK_OP_NETDB_H

#include <lua.h>

/* Add the class functions to Socket and to IPSocket, the table on top of the
   stack. */
void lsk_open_op_netdb(lua_State *L);
void lsk_open_op_netdb_ip(lua_State *L);

#endif

/*
** What the resolver offered before getaddrinfo: hosts and services by name and
** by number, as class functions of Socket.
*/

#ifndef LSK_OP_NETDB_LEGACY_H
#define LSK_OP_NETDB_LEGACY_H

#include <lua.h>

/* Adds them to the table on top of the stack. */
void lsk_open_op_netdb_legacy(lua_State *L);

/* Adds gethostbyname to TCPSocket, the table on top. */
void lsk_open_op_netdb_legacy_tcp(lua_State *L);

#endif

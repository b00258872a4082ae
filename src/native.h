/*
** The module socket.native.
*/

#ifndef LSK_NATIVE_H
#define LSK_NATIVE_H

#include <lua.h>

__attribute__((visibility("default"))) int luaopen_socket_native(lua_State *L);

#endif

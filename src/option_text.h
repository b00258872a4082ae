/*
** The text of a Socket.Option: its value decoded where its type is known, else
** as a quoted string.
*/

#ifndef LSK_OPTION_TEXT_H
#define LSK_OPTION_TEXT_H

#include "option.h"

#include <lua.h>

/* Leaves "#<Socket::Option: INET SOCKET KEEPALIVE 1>". */
void lsk_push_option_text(lua_State *L, const struct lsk_option *option);

#endif

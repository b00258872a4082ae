/*
** The requests of ioctl(2) by their names: what they take and give as Lua
** values.
*/

#ifndef LSK_REQUESTS_H
#define LSK_REQUESTS_H

#include "handle.h"

#include <lua.h>

/*
** Makes the request whose name is argument `arg`; what it is about stands in
** the next one, and what it sets after that. Gives the results; raises for an
** unknown name and for values that it does not take.
*/
int lsk_named_request(lua_State *L, const struct lsk_handle *h, int arg);

/* Leaves a table of the requests' names with whether the platform has them. */
void lsk_push_requests(lua_State *L);

#endif

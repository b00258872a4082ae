/*
** What few sockets have: values beside the fields of struct lsk_handle, by
** name. A table holds them that does not keep the socket alive, so that sockets
** without any pay nothing.
*/

#ifndef LSK_SETTINGS_H
#define LSK_SETTINGS_H

#include <lua.h>

/* Leaves the value of that name of the socket at `index`, nil without one, and
   tells its type. */
int lsk_push_setting(lua_State *L, int index, const char *name);

/* Gives it the value on top of the stack, which is popped. */
void lsk_set_setting(lua_State *L, int index, const char *name);

#endif

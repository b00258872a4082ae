/*
** The name of the method that runs.
*/

#ifndef LSK_METHOD_H
#define LSK_METHOD_H

#include <lua.h>

/* Leaves the name of the running C function as a method of the object at that
   index: the one that it was called by, or which a class has for it; else
   "?". */
void lsk_push_method(lua_State *L, int object);

#endif

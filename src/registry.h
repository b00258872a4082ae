/*
** The list of open sockets: a weak table, so that being listed keeps none from
** being collected. A socket has a slot in it from its making to its end; slots
** that were given back are used again.
*/

#ifndef LSK_REGISTRY_H
#define LSK_REGISTRY_H

#include "state.h"

#include <lua.h>

/* Lists the value on top of the stack: its slot, which is over 0. Raises when
   memory is out. */
int lsk_register(lua_State *L, struct lsk_state *state);

/* Gives a slot back. Never raises. */
void lsk_unregister(lua_State *L, struct lsk_state *state, int slot);

/* Leaves what has the slot: a value that was listed, or something else. */
void lsk_push_registered(lua_State *L, const struct lsk_state *state, int slot);

/* Makes the list, unless it is there. */
void lsk_open_registry(lua_State *L);

#endif

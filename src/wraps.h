/*
** Telling of counters that have begun anew at 0. Counting notes it in the
** socket; whoever is told asks which sockets have noted something.
*/

#ifndef LSK_WRAPS_H
#define LSK_WRAPS_H

#include "loop.h"
#include "state.h"

#include <stdbool.h>

#include <lua.h>

/*
** From now on the socket at `index` notes them for the listener on top of the
** stack, which is popped, and wakes the first of those who wait in `listeners`,
** a part of it; nil and NULL: nobody is told. Raises when memory is out.
*/
void lsk_set_listener(lua_State *L, int index, struct lsk_queue *listeners);

/* Takes what was noted for the listener on top of the stack, which a message on
   one counter replaces; false: nothing was, and it is popped. */
bool lsk_take_wrap(lua_State *L, struct lsk_state *state);

#endif

/*
** Receiving exactly so many bytes of a stream.
*/

#ifndef LSK_EXACT_H
#define LSK_EXACT_H

#include "clock.h"

#include <stddef.h>

#include <lua.h>

/*
** Receives `size` bytes past the buffer for the socket at index 1, waiting for
** all of them: the results of the call. What had come before a failure is in
** the error.
*/
int lsk_receive_exactly(lua_State *L, size_t size, int flags,
                        lsk_deadline deadline);

#endif

/*
** Messages as Lua tables, with the fields of Erlang's msghdr: iov, addr, ctrl,
** flags.
*/

#ifndef LSK_MSGHDR_H
#define LSK_MSGHDR_H

#include "sockaddr.h"

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/* Whether there is a message at `index`, rather than data to send. */
bool lsk_is_msghdr(lua_State *L, int index);

/*
** Takes the message at `index` apart: it leaves its data, its address (packed,
** or nil) and its control messages as AncillaryData, which are all that stands
** above `index` then. Gives its flags. Raises, of argument `index`, for what is
** no message of a socket of that family.
*/
int lsk_split_msghdr(lua_State *L, int index, int family);

/* Leaves the list of the names of message flags; what has none is a number at
   its end. */
void lsk_push_message_flags(lua_State *L, int flags);

/* Leaves a new message without control messages; without an address where there
   is none. */
void lsk_push_msghdr(lua_State *L, const char *bytes, size_t length,
                     const struct lsk_sockaddr *from, int flags);

#endif

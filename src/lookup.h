/*
** Name look-ups as operations: arguments from Lua, waiting, failures as
** results. Numeric hosts and services are never looked up, whatever the
** deadline; others go to another thread, so that a deadline, a scheduler and
** Ctrl-C are heeded.
**
**   static int getaddress_k(lua_State *L, int status, lua_KContext ctx) {
**     int failed = lsk_wait_result(L, status, TOP);
**     if (failed == 0) failed = lsk_lookup(L, LOOKUP, ctx, getaddress_k);
**     if (failed) return failed;
**     const struct addrinfo *list = lsk_lookup_answer(L, LOOKUP)->list;
**     ...
**   }
**
**   static int getaddress(lua_State *L) {
**     lsk_arg_fields(L, 2, 2, names);
**     lsk_new_lookup(L, 1, 0, &hints); the userdata, at the index LOOKUP
**     return getaddress_k(L, LUA_OK, lsk_arg_deadline(L, 2, -1));
**   }
*/

#ifndef LSK_LOOKUP_H
#define LSK_LOOKUP_H

#include "clock.h"
#include "resolver.h"
#include "sockaddr.h"

#include <stdbool.h>

#include <lua.h>

/* The metatable of a look-up. */
#define LSK_LOOKUP "socket.lookup"

/* Whether the names of hosts are to be looked up: a boolean, "hostname" or
   "numeric"; nil is the fallback. */
bool lsk_opt_reverse(lua_State *L, int arg, bool fallback);

/*
** Leaves a new look-up of the addresses of a host and a service. It owns the
** answer, and lets go of it when the C function that made it returns: its place
** on the stack stays where it is (it is a to-be-closed value).
**
** `host` is the index of a string, an integer (an IPv4 address in host order)
** or nil; "" and "<any>" are 0.0.0.0, "<broadcast>" is 255.255.255.255.
** `service` is the index of a string, an integer from 0 to 65535 or nil; 0
** stands for none. A text that is a decimal number is a port, and bound to the
** same range. Raises for anything else, and for a text with a zero byte.
*/
void lsk_new_lookup(lua_State *L, int host, int service,
                    const struct addrinfo *hints);

/* The same for values that are no arguments themselves, such as the fields of a
   list: a mistake is reported of argument `arg`. */
void lsk_new_lookup_at(lua_State *L, int arg, int host, int service,
                       const struct addrinfo *hints);

/*
** The same for Lua code that looks up several names at a time: the value is
** LSK_LOOKUP, and lives until it is closed or collected. The host and the
** service are its first two user values.
*/
void lsk_new_held_lookup(lua_State *L, int host, int service,
                         const struct addrinfo *hints);

/* The same for the names of an address; `flags` are NI_... */
void lsk_new_name_lookup(lua_State *L, const struct lsk_sockaddr *addr,
                         int flags);

/* The same for all that is known of a host, given as to lsk_new_lookup, or by
   its packed address, of 4 bytes for AF_INET, 16 for AF_INET6. */
void lsk_new_host_lookup(lua_State *L, int host);
void lsk_new_host_at_lookup(lua_State *L, const char *address, size_t length,
                            int family);

/*
** Looks up: 0 when the answer is there, else the count of results of a failure
** (nil, err, errno): Socket.TIMEOUT when the deadline has passed, a
** ResolutionError for what the resolver refuses. In a task it does not return:
** `k` runs in its place when there is something new, and calls it again.
*/
int lsk_lookup(lua_State *L, int index, lsk_deadline deadline, lua_KFunction k);

/* Starts that: 0, or the count of results of a failure. Does not wait, unless
   another event loop looks up hosts: then `k` may run in its place. */
int lsk_lookup_start(lua_State *L, int index, lua_KFunction k);

/*
** What to wait for (see lsk_wait_wanted) until the answer to a look-up that was
** started is there: work for the loop, or an fd that becomes readable. Nothing
** (NULL, -1) when it needed no waiting for, or is closed. True: there is.
*/
bool lsk_lookup_wanted(lua_State *L, int index, struct lsk_work **work,
                       int *fd);

/* The answer, once lsk_lookup has given 0 or found that there is none; NULL
   after it has failed otherwise. */
const struct lsk_answer *lsk_lookup_answer(lua_State *L, int index);

/* Registers the metatable. Leaves the table on top as it is. */
void lsk_open_lookup(lua_State *L);

#endif

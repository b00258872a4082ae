/*
** Error objects (Socket.Error) and the failure results nil, err, errno. Every
** lsk_fail… function pushes those three and returns their count, so that an
** operation ends with `return lsk_fail(L, "connect(2)", err);`.
*/

#ifndef LSK_ERROR_H
#define LSK_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/* A failed system call: "Connection refused - connect(2)". `syscall` may be
   NULL. */
int lsk_fail(lua_State *L, const char *syscall, int err);

/* The same, about an address: "... - connect(2) for 127.0.0.1:80". */
int lsk_fail_at(lua_State *L, const char *syscall, int err,
                const char *address);

/* A failed look-up: `function` is "getaddrinfo" or "getnameinfo", `code` an
   EAI_ code, and `err` the errno that goes with EAI_SYSTEM. */
int lsk_fail_gai(lua_State *L, const char *function, int code, int err);

/* An error without an errno: `name` is "IOError", "SocketError", ... */
int lsk_fail_named(lua_State *L, const char *name, const char *message);

/* IOError "closed stream", EOFError "end of file reached". */
int lsk_fail_closed(lua_State *L);
int lsk_fail_eof(lua_State *L);

/* Whether the results just pushed are those of lsk_fail_eof. */
bool lsk_is_eof(lua_State *L, int results);

/* The constants Socket.WAIT_READABLE or WAIT_WRITABLE (`events` is
   LSK_READABLE or LSK_WRITABLE) and Socket.TIMEOUT. */
int lsk_would_block(lua_State *L, int events);
int lsk_fail_timeout(lua_State *L);

/* Leaves the constant Socket.CANCELED. */
void lsk_push_canceled(lua_State *L);

/* A new error == Socket.TIMEOUT with a text of its own. */
int lsk_fail_timeout_as(lua_State *L, const char *message);

/*
** Make the error just pushed by an lsk_fail… function carry data; each returns
** the same count again. A constant is first replaced by a new error that is
** `==` to it. The first takes the bytes that the call had consumed, the second
** how many were sent and, from the top of the stack (popped), the string of
** those that were not.
*/
int lsk_fail_partial(lua_State *L, const char *data, size_t size);
int lsk_fail_written(lua_State *L, size_t written);

/* Adds Socket.Error's functions to the table on top of the stack, and registers
   the metatable and the constants. */
void lsk_open_error(lua_State *L);

/* Adds WAIT_READABLE, WAIT_WRITABLE, TIMEOUT and CANCELED to the table on top.
 */
void lsk_open_error_constants(lua_State *L);

#endif

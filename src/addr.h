/*
** Addresses as a Lua program writes them: a packed sockaddr string, an
** Addrinfo, or a table with a field `family`.
*/

#ifndef LSK_ADDR_H
#define LSK_ADDR_H

#include "sockaddr.h"

#include <lua.h>

/* Reads the address in any of the three forms; raises for anything else. */
void lsk_check_sockaddr(lua_State *L, int arg, struct lsk_sockaddr *addr);

/* The same for a value at `index` that is no argument itself; complaints name
   `arg`. */
void lsk_sockaddr_at(lua_State *L, int index, int arg,
                     struct lsk_sockaddr *addr);

/*
** The same for an address that the socket's own end gets: "any", "loopback" and
** "broadcast" are those of its family, with port 0; false where it has none.
*/
bool lsk_check_local_sockaddr(lua_State *L, int arg, int family,
                              struct lsk_sockaddr *addr);

/* The unix address of the path at `index`, which must be a string that fits;
   complaints name `arg`. */
void lsk_path_at(lua_State *L, int index, int arg, struct lsk_sockaddr *addr);

/* The numeric host for "any", "loopback" and "broadcast"; any other is given
   back as it is. */
const char *lsk_special_host(int family, const char *name);

/* Leaves the packed string, or the table form. */
void lsk_push_sockaddr(lua_State *L, const struct lsk_sockaddr *addr);
void lsk_push_sockaddr_table(lua_State *L, const struct lsk_sockaddr *addr);

/*
** A failed system call about an address: nil, err, errno, with Ruby's text
** ("Connection refused - connect(2) for 127.0.0.1:80").
*/
int lsk_fail_sockaddr(lua_State *L, const char *syscall, int err,
                      const struct lsk_sockaddr *addr);

#endif

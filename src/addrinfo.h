/*
** The Addrinfo type: an address, what to make of it, and where it came from.
** Immutable once made.
*/

#ifndef LSK_ADDRINFO_H
#define LSK_ADDRINFO_H

#include "sockaddr.h"

#include <lua.h>

/* The metatable. */
#define LSK_ADDRINFO "socket.Addrinfo"

/* Its user values. */
enum {
  LSK_ADDRINFO_CANONNAME = 1,
  LSK_ADDRINFO_INSPECTNAME = 2, /* the names looked up, "localhost:http" */
  LSK_ADDRINFO_VALUES = 2
};

struct lsk_addrinfo {
  int pfamily;  /* PF_..., 0 when unknown */
  int socktype; /* SOCK_..., 0 when unknown */
  int protocol; /* IPPROTO_..., 0 when unknown */
  socklen_t length;
  char bytes[]; /* the sockaddr */
};

/* Leaves a new Addrinfo with a copy of the address. */
struct lsk_addrinfo *lsk_push_addrinfo(lua_State *L,
                                       const struct lsk_sockaddr *addr,
                                       int pfamily, int socktype, int protocol);

/* The Addrinfo at that index; raises / gives NULL for anything else. */
struct lsk_addrinfo *lsk_check_addrinfo(lua_State *L, int arg);
struct lsk_addrinfo *lsk_test_addrinfo(lua_State *L, int index);

/* Its address, with the alignment that reading fields needs. */
void lsk_addrinfo_sockaddr(const struct lsk_addrinfo *ai,
                           struct lsk_sockaddr *addr);

/* Adds the class's own functions and readers to the table on top, and
   registers the metatable, whose __index that table becomes. */
void lsk_open_addrinfo(lua_State *L);

#endif

/*
** What the resolver answers, as Addrinfos.
*/

#ifndef LSK_ADDRINFO_LIST_H
#define LSK_ADDRINFO_LIST_H

#include <netdb.h>

#include <lua.h>

/* Leaves the first entry of an answer. `host` and `service` are the indexes of
   what was asked for, or 0: inspect shows them. */
void lsk_push_answer(lua_State *L, const struct addrinfo *first, int host,
                     int service);

/* Leaves the list of all of them. */
void lsk_push_answers(lua_State *L, const struct addrinfo *first, int host,
                      int service);

#endif

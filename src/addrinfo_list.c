/*
** What the resolver answers, as Addrinfos.
*/

#include "addrinfo_list.h"

#include "addrinfo.h"
#include "addrinfo_text.h"
#include "sockaddr.h"

/* Leaves an entry, and gives it the label at that index. The canonical name may
   be missing. */
static void push_entry(lua_State *L, const struct addrinfo *entry, int label) {
  struct lsk_sockaddr addr;
  (void)lsk_sockaddr_set(&addr, entry->ai_addr, entry->ai_addrlen);
  lsk_push_addrinfo(L, &addr, entry->ai_family, entry->ai_socktype,
                    entry->ai_protocol);
  lua_pushvalue(L, label);
  lua_setiuservalue(L, -2, LSK_ADDRINFO_INSPECTNAME);
  if (entry->ai_canonname == NULL) return;
  lua_pushstring(L, entry->ai_canonname);
  lua_setiuservalue(L, -2, LSK_ADDRINFO_CANONNAME);
}

/* Leaves the label that all entries share, and gives its index: the first tells
   what of the host and service asked for needs no repeating. */
static int push_label(lua_State *L, const struct addrinfo *first, int host,
                      int service) {
  struct lsk_sockaddr addr;
  (void)lsk_sockaddr_set(&addr, first->ai_addr, first->ai_addrlen);
  lsk_push_inspectname(L, host, service, &addr);
  return lua_gettop(L);
}

void lsk_push_answer(lua_State *L, const struct addrinfo *first, int host,
                     int service) {
  int label = push_label(L, first, host, service);
  push_entry(L, first, label);
  lua_remove(L, label);
}

void lsk_push_answers(lua_State *L, const struct addrinfo *first, int host,
                      int service) {
  int label = push_label(L, first, host, service);
  lua_newtable(L);
  lua_Integer count = 0;
  for (const struct addrinfo *at = first; at != NULL; at = at->ai_next) {
    push_entry(L, at, label);
    lua_rawseti(L, -2, ++count);
  }
  lua_remove(L, label);
}

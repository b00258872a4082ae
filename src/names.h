/*
** Names of families, types, protocols, levels, options and flags, as a Lua
** program writes them: a number, or a name in any case, with or without its
** prefix. A string is always a name, never a number in digits. What is not
** known raises, and the message has the name.
*/

#ifndef LSK_NAMES_H
#define LSK_NAMES_H

#include <lua.h>

/* AF_… and SOCK_…; the opt_ forms take nil for the fallback. */
int lsk_check_family(lua_State *L, int arg);
int lsk_opt_family(lua_State *L, int arg, int fallback);
int lsk_check_socktype(lua_State *L, int arg);
int lsk_opt_socktype(lua_State *L, int arg, int fallback);

/* IPPROTO_…; nil and "default" are 0. The second takes NETLINK_… for a socket
   of that family. */
int lsk_opt_protocol(lua_State *L, int arg);
int lsk_opt_protocol_of(lua_State *L, int arg, int family);

/*
** The same for a value that is no argument itself, such as a field of a table:
** it stands at `index`, and a mistake is reported of argument `arg`.
*/
int lsk_family_at(lua_State *L, int index, int arg);
int lsk_socktype_at(lua_State *L, int index, int arg);
int lsk_protocol_at(lua_State *L, int index, int arg);
int lsk_flags_at(lua_State *L, int index, int arg, const char *prefix);
int lsk_level_at(lua_State *L, int index, int arg, int family);
int lsk_cmsg_type_at(lua_State *L, int index, int arg, int family, int level);

/* What setsockopt(2) takes. Which names there are depends on the socket's
   family and on the level. */
int lsk_check_level(lua_State *L, int arg, int family);
int lsk_check_optname(lua_State *L, int arg, int family, int level);
int lsk_check_cmsg_type(lua_State *L, int arg, int family, int level);

/* SHUT_…; nil closes both directions. Also "read", "write", "read_write". */
int lsk_opt_shutdown(lua_State *L, int arg);

/* The flags of that prefix ("MSG_", "AI_", "NI_"): a number, a name, or a list
   of both; nil is 0. */
int lsk_opt_flags(lua_State *L, int arg, const char *prefix);

/* The same, and the argument becomes the number (a nil stays): an operation
   that is tried again reads it there. */
int lsk_settle_flags(lua_State *L, int arg, const char *prefix);

/* The names of numbers; NULL for a number without one. */
const char *lsk_family_name(int family);         /* "AF_INET" */
const char *lsk_family_short(int family);        /* "INET" */
const char *lsk_pfamily_name(int family);        /* "PF_INET" */
const char *lsk_socktype_name(int type);         /* "SOCK_STREAM" */
const char *lsk_protocol_name(int protocol);     /* "IPPROTO_TCP" */
const char *lsk_any_protocol_name(int protocol); /* also "IPPROTO_SCTP" ... */

/* The same without prefix: "SOCKET", "KEEPALIVE", "RIGHTS". */
const char *lsk_level_short(int family, int level);
const char *lsk_optname_short(int family, int level, int optname);
const char *lsk_cmsg_type_short(int family, int level, int type);

/* Adds family, socktype, protocol, level, optname, cmsg_type, shutdown and
   flags, for Lua modules, to the table on top of the stack. */
void lsk_open_names(lua_State *L);

#endif

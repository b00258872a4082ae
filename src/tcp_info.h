/*
** The text of the statistics that the option TCP_INFO gives.
*/

#ifndef LSK_TCP_INFO_H
#define LSK_TCP_INFO_H

#include <stdbool.h>
#include <stddef.h>

#include <lauxlib.h>

/* Adds "state=ESTABLISHED ..."; false, with nothing added, for fewer bytes than
   every system gives. Of what newer ones append only the size is told. */
bool lsk_add_tcp_info(luaL_Buffer *text, const char *data, size_t length);

#endif

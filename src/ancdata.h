/*
** The Socket.AncillaryData type: a control message. Immutable once it is handed
** out.
*/

#ifndef LSK_ANCDATA_H
#define LSK_ANCDATA_H

#include "cmsg.h"

#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#define LSK_ANCDATA_METATABLE "socket.AncillaryData"

/* Its user value: the list of objects whose fds it passes, or nil. */
enum { LSK_ANCDATA_OBJECTS = 1, LSK_ANCDATA_VALUES = 1 };

struct lsk_ancdata {
  int family; /* AF_... */
  int level;
  int type;
  size_t length; /* bytes of data */
  char data[];
};

/* Leaves a new one with a copy of the message. */
struct lsk_ancdata *lsk_push_ancdata(lua_State *L, int family,
                                     const struct lsk_cmsg *message);

/* The one at that index; raises / gives NULL for anything else. */
struct lsk_ancdata *lsk_check_ancdata(lua_State *L, int arg);
struct lsk_ancdata *lsk_test_ancdata(lua_State *L, int index);

/* A time since 1970, as a message has it: its fraction may be of any size. */
struct lsk_moment {
  int64_t seconds;
  int64_t fraction; /* of a second: micro- or nanoseconds */
  int digits;       /* 6 or 9 */
};

/* What a message about time says; false for any other. */
bool lsk_ancdata_time(const struct lsk_ancdata *ancdata,
                      struct lsk_moment *moment);

/* Adds the class's functions to the table on top of the stack, and registers
   the metatable, whose __index that table becomes. */
void lsk_open_ancdata(lua_State *L);

#endif

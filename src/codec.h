/*
** Values of control messages: the kernel's bytes as Lua values, and back. A
** plain one has a layout, as the value of an option has.
*/

#ifndef LSK_CODEC_H
#define LSK_CODEC_H

#include "layout.h"

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

struct lsk_codec {
  const struct lsk_layout *layout; /* NULL: the functions do it */
  bool (*unpack)(lua_State *L, const char *data, size_t length);
  void (*pack)(lua_State *L, int index, int arg);
};

/* Leaves the value of the bytes; false, with nothing left, where they are no
   such value, or tell nothing by themselves. */
bool lsk_unpack(lua_State *L, const struct lsk_codec *codec, const char *data,
                size_t length);

/* Leaves the bytes, as a string, of the value at `index`; raises for what is no
   such value, of argument `arg`. */
void lsk_pack(lua_State *L, const struct lsk_codec *codec, int index, int arg);

/* Integers: a C int, one without a sign, the type of service ("lowdelay",
   "throughput", "reliability", "mincost"). */
extern const struct lsk_codec lsk_codec_int, lsk_codec_uint32, lsk_codec_tos;

/* Bytes as they are. */
extern const struct lsk_codec lsk_codec_bytes;

/* {sec=, usec=}, {sec=, nsec=}, and a list of the latter. */
extern const struct lsk_codec lsk_codec_timeval, lsk_codec_timespec,
    lsk_codec_timespecs;

/* {pid=, uid=, gid=} of a process. */
extern const struct lsk_codec lsk_codec_credentials;

/* Open files: a list of sockets, Lua files and integers becomes fds. Those that
   came have an owner elsewhere. */
extern const struct lsk_codec lsk_codec_rights;

#endif

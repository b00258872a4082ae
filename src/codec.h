/*
** Values of options and of control messages: the kernel's bytes as Lua values,
** and back. Whatever has a value of some kind shares that kind's codec.
*/

#ifndef LSK_CODEC_H
#define LSK_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

struct lsk_codec {
  /* Leaves the value of the bytes; false, with nothing left, where they are no
     such value, or tell nothing by themselves. */
  bool (*unpack)(lua_State *L, const char *data, size_t length);
  /* Leaves the bytes, as a string, of the value at `index`; raises for what is
     no such value, of argument `arg`. */
  void (*pack)(lua_State *L, int index, int arg);
};

/* A C int, and one that is a truth value. Kernels give some in a byte. */
extern const struct lsk_codec lsk_codec_int, lsk_codec_bool;

/* A number of 32 bits without a sign. */
extern const struct lsk_codec lsk_codec_uint32;

/* Bytes as they are. */
extern const struct lsk_codec lsk_codec_bytes;

/* {sec=, usec=}, {sec=, nsec=}, and a list of the latter. */
extern const struct lsk_codec lsk_codec_timeval, lsk_codec_timespec,
    lsk_codec_timespecs;

/* {pid=, uid=, gid=} of a process. */
extern const struct lsk_codec lsk_codec_credentials;

/* The type of service: "lowdelay", "throughput", "reliability", "mincost", or
   an integer. */
extern const struct lsk_codec lsk_codec_tos;

/* Open files: a list of sockets, Lua files and integers becomes fds. Those that
   came have an owner elsewhere. */
extern const struct lsk_codec lsk_codec_rights;

#endif

/*
** Sockets and Lua files as one: the fd behind an object, and an object for an
** fd.
*/

#include "io.h"

#include "handle.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>

#include <lauxlib.h>

bool lsk_test_io(lua_State *L, int index, int *fd) {
  const struct lsk_handle *h = lsk_test_handle(L, index);
  if (h != NULL) {
    *fd = h->fd;
    return true;
  }
  const luaL_Stream *file = luaL_testudata(L, index, LUA_FILEHANDLE);
  if (file == NULL) return false;
  *fd = file->closef == NULL ? -1 : fileno(file->f);
  return true;
}

/* The class for a listening stream socket. */
static enum lsk_kind server_kind(int domain) {
  if (domain == AF_UNIX) return LSK_UNIXSERVER;
  return domain == AF_INET || domain == AF_INET6 ? LSK_TCPSERVER : LSK_SOCKET;
}

/* The class for a socket. */
static enum lsk_kind kind_of(int fd, int domain, int type, bool is_server) {
  int is_listening = 0;
  bool is_stream = type == SOCK_STREAM;
  if (is_stream) /* left at 0 where it fails */
    (void)lsk_sys_getsockopt_int(fd, SO_ACCEPTCONN, &is_listening);
  if (is_listening) return is_server ? server_kind(domain) : LSK_SOCKET;
  if (domain == AF_UNIX && is_stream) return LSK_UNIXSOCKET;
  if (domain != AF_INET && domain != AF_INET6) return LSK_SOCKET;
  if (is_stream) return LSK_TCPSOCKET;
  return type == SOCK_DGRAM ? LSK_UDPSOCKET : LSK_SOCKET;
}

/* What a file that was made here is closed with. */
static int close_file(lua_State *L) {
  luaL_Stream *file = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  return luaL_fileresult(L, fclose(file->f) == 0, NULL);
}

static int push_file(lua_State *L, int fd) {
  if (luaL_getmetatable(L, LUA_FILEHANDLE) != LUA_TTABLE)
    return luaL_error(L, "the library 'io' is not loaded");
  lua_pop(L, 1);
  luaL_Stream *file = lua_newuserdatauv(L, sizeof *file, 0);
  file->closef = NULL; /* closed, so far */
  luaL_setmetatable(L, LUA_FILEHANDLE);
  int rc = lsk_sys_file(fd, &file->f);
  if (rc < 0) {
    lua_pop(L, 1);
    return rc;
  }
  file->closef = close_file;
  return 0;
}

static int push_io(lua_State *L, int fd, bool is_server) {
  int domain, type, protocol;
  int rc = lsk_sys_identify(fd, &domain, &type, &protocol);
  if (rc == -ENOTSOCK) return push_file(L, fd);
  int nonblocking = rc < 0 ? rc : lsk_sys_is_nonblocking(fd);
  if (nonblocking < 0) return nonblocking;
  struct lsk_handle *h =
      lsk_new_handle(L, kind_of(fd, domain, type, is_server));
  lsk_adopt_fd(h, fd, domain, type, protocol);
  h->nonblocking = nonblocking != 0;
  h->is_foreign = true;
  return 0;
}

/* A listening socket is a Socket, as Ruby has it: its accept tells the peer. */
int lsk_push_io(lua_State *L, int fd) {
  return push_io(L, fd, false);
}

int lsk_push_listening_io(lua_State *L, int fd) {
  return push_io(L, fd, true);
}

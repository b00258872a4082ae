/*
** Pieces of the texts that `inspect` gives.
*/

#include "text.h"

#include "sockaddr.h"

#include <stdarg.h>
#include <stdio.h>

#include <arpa/inet.h>

void lsk_add_format(luaL_Buffer *text, const char *format, ...) {
  char piece[128];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(piece, sizeof piece, format, args);
  va_end(args);
  luaL_addstring(text, piece);
}

void lsk_add_name(luaL_Buffer *text, const char *name, const char *what,
                  int number) {
  if (name != NULL)
    luaL_addstring(text, name);
  else
    lsk_add_format(text, "%s:%d", what, number);
  luaL_addchar(text, ' ');
}

void lsk_add_host(luaL_Buffer *text, int family, const void *bytes) {
  char address[INET6_ADDRSTRLEN];
  if (inet_ntop(family, bytes, address, sizeof address) != NULL)
    luaL_addstring(text, address);
}

void lsk_add_interface(luaL_Buffer *text, const char *prefix, intmax_t index) {
  char name[IF_NAMESIZE];
  if (lsk_sockaddr_ifname((int)index, name))
    luaL_addstring(text, name);
  else
    lsk_add_format(text, "%s%jd", prefix, index);
}

/*
** Reading a line with nothing but C's library.
*/

#include "prompt.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

bool lsk_prompt_read(lua_State *L, const char *prompt) {
  char piece[256];
  luaL_Buffer line;
  luaL_buffinit(L, &line);
  (void)fputs(prompt, stdout);
  (void)fflush(stdout);
  bool any = false;
  while (fgets(piece, sizeof piece, stdin) != NULL) {
    any = true;
    size_t length = strcspn(piece, "\n");
    luaL_addlstring(&line, piece, length);
    if (piece[length] == '\n') break;
  }
  luaL_pushresult(&line);
  if (!any) lua_pop(L, 1);
  return any;
}

void lsk_prompt_remember(const char *statement) {
  (void)statement;
}

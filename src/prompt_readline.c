/*
** Reading a line with GNU readline: editing and a history.
*/

#include "prompt.h"

#include <stdio.h>
#include <stdlib.h>

#include <readline/history.h>
#include <readline/readline.h>

bool lsk_prompt_read(lua_State *L, const char *prompt) {
  char *line = readline(prompt);
  if (line == NULL) return false;
  lua_pushstring(L, line);
  free(line);
  return true;
}

void lsk_prompt_remember(const char *statement) {
  if (statement[0] != '\0') add_history(statement);
}

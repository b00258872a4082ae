/*
** Reading a line from the terminal. Two files hold the same functions: the
** build takes the one with line editing where the library for it is installed.
*/

#ifndef LSK_PROMPT_H
#define LSK_PROMPT_H

#include <stdbool.h>

#include <lua.h>

/* Leaves one line without its newline; false and nothing at the end. */
bool lsk_prompt_read(lua_State *L, const char *prompt);

/* Adds a statement to what the arrow keys bring back. */
void lsk_prompt_remember(const char *statement);

#endif

/*
** The interactive mode of the stand-alone interpreter.
*/

#ifndef LSK_REPL_H
#define LSK_REPL_H

#include <lua.h>

/* Calls the function that lies below its arguments: a status of Lua's. */
typedef int (*lsk_repl_call)(lua_State *L, int arguments, int results);

/* Shows the message on top of the stack. */
typedef void (*lsk_repl_report)(lua_State *L);

/* Reads and runs statements from the standard input to its end. The stack is
   its own: it begins by clearing it. */
void lsk_repl(lua_State *L, lsk_repl_call call, lsk_repl_report report);

#endif

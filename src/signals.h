/*
** What the interpreter does at SIGINT and SIGTERM. The module handles no
** signals.
*/

#ifndef LSK_SIGNALS_H
#define LSK_SIGNALS_H

#include <lua.h>

/*
** Begins to handle SIGTERM. The process ends at once unless server loops run.
** These are told to end, and `grace` seconds later what still runs is
** interrupted as by Ctrl-C; whoever withstands that, or a second SIGTERM, ends
** at once, too. A worker (a number from 1) leaves SIGINT and SIGHUP to the
** process that watches over it. Lets the module know of all this.
*/
void lsk_signals_begin(lua_State *L, double grace, int worker);

/* Around a call: while it runs, Ctrl-C makes it raise an error. A second Ctrl-C
   ends the process. */
void lsk_signals_enter(lua_State *L);
void lsk_signals_leave(lua_State *L);

#endif

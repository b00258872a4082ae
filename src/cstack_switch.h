/*
** From one C stack to another. A stack that does not run goes on where its
** `top` points to: there stands what the one that runs has in registers.
*/

#ifndef LSK_CSTACK_SWITCH_H
#define LSK_CSTACK_SWITCH_H

#include <stddef.h>

/* The top of a stack of so many bytes on which fn(arg) is going to run; fn
   never returns. `bottom + size` is a multiple of 16. */
void *lsk_cstack_begin(char *bottom, size_t size, void (*fn)(void *arg),
                       void *arg);

/* Leaves the running stack, sets its top, and goes on on another one. Comes
   back when something goes on there. */
void lsk_cstack_change(void **top, void *other_top);

#endif

/*
** A control buffer that owns the fds that the kernel has put into it, until
** something else does.
*/

#ifndef LSK_PASSED_H
#define LSK_PASSED_H

#include <stdalign.h>
#include <stddef.h>

#include <lua.h>

struct lsk_passed {
  size_t size; /* of the control data; 0: none */
  alignas(max_align_t) char control[];
};

/* Leaves a new owner of nothing so far, with that much room. It may be marked
   to be closed. */
struct lsk_passed *lsk_push_passed(lua_State *L, size_t room);

/* Closes the fds that nothing else owns. Never raises; twice is fine. */
void lsk_close_passed(struct lsk_passed *passed);

#endif

/*
** A growing run of bytes: filled at its end, emptied at its start. Its memory
** comes from the Lua state's allocator, which its owner passes in.
*/

#ifndef LSK_BUFFER_H
#define LSK_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* As lua_Alloc. */
typedef void *(*lsk_allocator)(void *ud, void *block, size_t old, size_t new);

struct lsk_buffer {
  char *data;   /* NULL: no memory held */
  size_t start; /* the first byte not yet taken */
  size_t end;   /* one past the last byte */
  size_t size;  /* bytes allocated */
};

#endif

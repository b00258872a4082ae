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

/* Where memory comes from, as lua_getallocf gives it. */
struct lsk_memory {
  lsk_allocator allocate;
  void *ud;
};

/* What a buffer has: a system call's worth of a busy stream. While its socket
   waits, it is moved to a small one if it fits. */
#define LSK_BUFFER_SIZE ((size_t)65536)
#define LSK_BUFFER_SMALL ((size_t)1024)

struct lsk_buffer {
  char *data;   /* NULL: no memory held */
  size_t start; /* the first byte not yet taken */
  size_t end;   /* one past the last byte */
  size_t size;  /* bytes allocated */
};

/* How many bytes it holds. */
static inline size_t lsk_buffer_length(const struct lsk_buffer *buffer) {
  return buffer->end - buffer->start;
}

/* The first of them; NULL where no memory is held. */
static inline const char *lsk_buffer_bytes(const struct lsk_buffer *buffer) {
  return buffer->data == NULL ? NULL : buffer->data + buffer->start;
}

/* Gives the empty buffer memory of that size: false when there is none. */
bool lsk_buffer_make(struct lsk_buffer *buffer, size_t size,
                     struct lsk_memory memory);

/*
** Makes room for `room` more bytes at the end: false when memory is out, and
** then nothing has changed. The bytes may move.
*/
bool lsk_buffer_reserve(struct lsk_buffer *buffer, size_t room,
                        struct lsk_memory memory);

/* Puts bytes at the end, where there is room for them. */
void lsk_buffer_append(struct lsk_buffer *buffer, const char *bytes,
                       size_t length);

/* Puts bytes before the first, after room was made for them. */
void lsk_buffer_prepend(struct lsk_buffer *buffer, const char *bytes,
                        size_t length);

/* Gives the memory back; the bytes are lost. */
void lsk_buffer_free(struct lsk_buffer *buffer, struct lsk_memory memory);

#endif

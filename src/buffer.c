/*
** A growing run of bytes: filled at its end, emptied at its start.
*/

#include "buffer.h"

#include <stdint.h>
#include <string.h>

/* Moves the bytes so that they start at `start`, within the same memory. */
static void move_to(struct lsk_buffer *buffer, size_t start) {
  size_t length = lsk_buffer_length(buffer);
  if (length > 0 && buffer->data != NULL)
    memmove(buffer->data + start, buffer->data + buffer->start, length);
  buffer->start = start;
  buffer->end = start + length;
}

bool lsk_buffer_make(struct lsk_buffer *buffer, size_t size,
                     struct lsk_memory memory) {
  char *data = memory.allocate(memory.ud, NULL, 0, size);
  if (data == NULL) return false;
  *buffer = (struct lsk_buffer){.data = data, .size = size};
  return true;
}

/* Moves the bytes to new memory: false when there is none. */
static bool move_out(struct lsk_buffer *buffer, size_t size,
                     struct lsk_memory memory) {
  struct lsk_buffer larger;
  if (!lsk_buffer_make(&larger, size, memory)) return false;
  lsk_buffer_append(&larger, lsk_buffer_bytes(buffer),
                    lsk_buffer_length(buffer));
  lsk_buffer_free(buffer, memory);
  *buffer = larger;
  return true;
}

/* Grows by doubling: false when memory is out or `least` is beyond any. */
static bool grow(struct lsk_buffer *buffer, size_t least,
                 struct lsk_memory memory) {
  size_t size = buffer->size > LSK_BUFFER_SIZE ? buffer->size : LSK_BUFFER_SIZE;
  while (size < least) {
    if (size > SIZE_MAX / 2) return false;
    size *= 2;
  }
  if (buffer->start > 0 || buffer->data == NULL)
    return move_out(buffer, size, memory);
  char *data = memory.allocate(memory.ud, buffer->data, buffer->size, size);
  if (data == NULL) return false;
  buffer->data = data;
  buffer->size = size;
  return true;
}

bool lsk_buffer_reserve(struct lsk_buffer *buffer, size_t room,
                        struct lsk_memory memory) {
  size_t length = lsk_buffer_length(buffer);
  if (room > SIZE_MAX - length) return false;
  /* Few bytes are moved at once: that leaves the most room. */
  if (length <= buffer->start / 2 && buffer->data != NULL) move_to(buffer, 0);
  if (buffer->size - buffer->end >= room) return true;
  if (buffer->size - length < room) return grow(buffer, length + room, memory);
  move_to(buffer, 0);
  return true;
}

void lsk_buffer_append(struct lsk_buffer *buffer, const char *bytes,
                       size_t length) {
  if (length == 0) return;
  memcpy(buffer->data + buffer->end, bytes, length);
  buffer->end += length;
}

void lsk_buffer_prepend(struct lsk_buffer *buffer, const char *bytes,
                        size_t length) {
  if (length == 0) return;
  /* All room goes to the front: the next byte will come there, too. */
  if (buffer->start < length)
    move_to(buffer, buffer->size - lsk_buffer_length(buffer));
  buffer->start -= length;
  memcpy(buffer->data + buffer->start, bytes, length);
}

void lsk_buffer_free(struct lsk_buffer *buffer, struct lsk_memory memory) {
  if (buffer->data != NULL)
    (void)memory.allocate(memory.ud, buffer->data, buffer->size, 0);
  *buffer = (struct lsk_buffer){0};
}

/*
** The buffer: filled at its end, emptied at its start, with and without memory.
*/

#include "buffer.h"

#include "check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* An allocator that counts what is held and can be told to fail. */
struct heap {
  size_t held;
  bool is_empty;
};

static void *allocate(void *ud, void *block, size_t old, size_t new) {
  struct heap *heap = ud;
  if (block == NULL) old = 0;
  if (new == 0) {
    heap->held -= old;
    free(block);
    return NULL;
  }
  if (heap->is_empty) return NULL;
  void *moved = realloc(block, new);
  if (moved != NULL) heap->held += new - old;
  return moved;
}

static struct lsk_memory memory_of(struct heap *heap) {
  return (struct lsk_memory){allocate, heap};
}

static bool holds(const struct lsk_buffer *buffer, const char *text) {
  size_t length = strlen(text);
  return lsk_buffer_length(buffer) == length &&
         memcmp(lsk_buffer_bytes(buffer), text, length) == 0;
}

static void check_ends(void) {
  struct heap heap = {0};
  struct lsk_buffer buffer = {0};
  CHECK(lsk_buffer_length(&buffer) == 0);
  CHECK(lsk_buffer_bytes(&buffer) == NULL);
  CHECK(lsk_buffer_reserve(&buffer, 6, memory_of(&heap)));
  CHECK(buffer.size == LSK_BUFFER_SIZE && heap.held == LSK_BUFFER_SIZE);
  lsk_buffer_append(&buffer, "abcdef", 6);
  buffer.start += 2;
  CHECK(holds(&buffer, "cdef"));
  lsk_buffer_prepend(&buffer, "b", 1);
  CHECK(holds(&buffer, "bcdef"));
  lsk_buffer_prepend(&buffer, "xyza", 4);
  CHECK(holds(&buffer, "xyzabcdef"));
  CHECK(buffer.size == LSK_BUFFER_SIZE);
  lsk_buffer_free(&buffer, memory_of(&heap));
  CHECK(buffer.data == NULL && heap.held == 0);
}

/* The room at the end is used, then that at the start, then memory grows. */
static void check_room(void) {
  struct heap heap = {0};
  struct lsk_buffer buffer = {0};
  CHECK(lsk_buffer_reserve(&buffer, LSK_BUFFER_SIZE, memory_of(&heap)));
  memset(buffer.data, 'x', LSK_BUFFER_SIZE);
  buffer.end = LSK_BUFFER_SIZE;
  buffer.start = 1000;
  CHECK(lsk_buffer_reserve(&buffer, 1000, memory_of(&heap)));
  CHECK(buffer.start == 0 && buffer.size == LSK_BUFFER_SIZE);
  CHECK(lsk_buffer_reserve(&buffer, 1001, memory_of(&heap)));
  CHECK(buffer.size == 2 * LSK_BUFFER_SIZE);
  CHECK(lsk_buffer_length(&buffer) == LSK_BUFFER_SIZE - 1000);
  buffer.start = buffer.end;
  CHECK(lsk_buffer_reserve(&buffer, 2 * LSK_BUFFER_SIZE, memory_of(&heap)));
  CHECK(buffer.size == 2 * LSK_BUFFER_SIZE);
  lsk_buffer_free(&buffer, memory_of(&heap));
  CHECK(heap.held == 0);
}

static void check_failing(void) {
  struct heap heap = {0};
  struct lsk_buffer buffer = {0};
  heap.is_empty = true;
  CHECK(!lsk_buffer_reserve(&buffer, 1, memory_of(&heap)));
  CHECK(buffer.data == NULL);
  heap.is_empty = false;
  CHECK(lsk_buffer_reserve(&buffer, 3, memory_of(&heap)));
  lsk_buffer_append(&buffer, "abc", 3);
  heap.is_empty = true;
  CHECK(!lsk_buffer_reserve(&buffer, LSK_BUFFER_SIZE, memory_of(&heap)));
  buffer.start++;
  CHECK(!lsk_buffer_reserve(&buffer, LSK_BUFFER_SIZE, memory_of(&heap)));
  CHECK(!lsk_buffer_reserve(&buffer, SIZE_MAX, memory_of(&heap)));
  CHECK(!lsk_buffer_reserve(&buffer, SIZE_MAX / 2 + 9, memory_of(&heap)));
  CHECK(holds(&buffer, "bc"));
  lsk_buffer_free(&buffer, memory_of(&heap));
  CHECK(heap.held == 0);
}

int main(void) {
  check_ends();
  check_room();
  check_failing();
  return check_result();
}

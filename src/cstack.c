/*
** C stacks for waits that cannot yield.
*/

#include "cstack.h"

#include "compat.h"
#include "cstack_switch.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#if LSK_HAVE_CSTACK

#include <sys/mman.h>

/* What a stack may grow to: the kernel gives a page when it is touched. Lua's
   own limit on nested C calls keeps far below that. */
#define STACK_SIZE ((size_t)1024 * 1024)

/* What lies below it and must not be touched; no page is larger. */
#define GUARD_SIZE ((size_t)65536)

/* How many are kept for later. */
#define MOST_SPARE 16

/* A stack's record; it stands at its upper end, above all frames,
   which are aligned like it. */
struct lsk_cstack {
  _Alignas(16) struct lsk_cstack *next; /* the next spare one */
  const struct lsk_cpoint *from;        /* what was left for it */
  void (*fn)(void *arg);
  void *arg;
  void *top; /* where it ended: nothing goes back there */
};

#define FRAMES_SIZE (STACK_SIZE - sizeof(struct lsk_cstack))

static char *frames_of(struct lsk_cstack *stack) {
  return (char *)stack - FRAMES_SIZE;
}

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZES_ADDRESSES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZES_ADDRESSES 1
#endif
#endif

/* AddressSanitizer is told where the frames are going to be; else it takes
   those of another stack for wild pointers. */
#if defined(SANITIZES_ADDRESSES)

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

/* The thread's own stack; known when it was left. LeakSanitizer may take what
   is before thread-local memory that the linker allocates late for its own. */
static _Thread_local __attribute__((tls_model("initial-exec"))) struct {
  const void *bottom;
  size_t size;
} own;

/* `here`: what is left; NULL when it ends. `to`: NULL for the thread's own. */
static void before_switch(struct lsk_cpoint *here, struct lsk_cstack *to) {
  void **fake_stack = here == NULL ? NULL : &here->fake_stack;
  if (to == NULL)
    __sanitizer_start_switch_fiber(fake_stack, own.bottom, own.size);
  else
    __sanitizer_start_switch_fiber(fake_stack, frames_of(to), FRAMES_SIZE);
}

static void after_start(const struct lsk_cstack *stack) {
  const void *bottom;
  size_t size;
  __sanitizer_finish_switch_fiber(NULL, &bottom, &size);
  if (stack->from->stack != NULL) return;
  own.bottom = bottom;
  own.size = size;
}

static void after_switch(const struct lsk_cpoint *here) {
  __sanitizer_finish_switch_fiber(here->fake_stack, NULL, NULL);
}

/* Its frames never returned: what they forbade is to be allowed again. */
static void forget_frames(struct lsk_cstack *stack) {
  __asan_unpoison_memory_region(frames_of(stack), FRAMES_SIZE);
}

#else

static void before_switch(const struct lsk_cpoint *here,
                          const struct lsk_cstack *to) {
  (void)here;
  (void)to;
}

static void after_start(const struct lsk_cstack *stack) {
  (void)stack;
}

static void after_switch(const struct lsk_cpoint *here) {
  (void)here;
}

static void forget_frames(const struct lsk_cstack *stack) {
  (void)stack;
}

#endif

/* A new stack | NULL, and -errno in `*err`. */
static struct lsk_cstack *map_stack(int *err) {
  char *map =
      mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (map == MAP_FAILED) {
    *err = -errno;
    return NULL;
  }
  if (mprotect(map, GUARD_SIZE, PROT_NONE) < 0) {
    *err = -errno;
    (void)munmap(map, GUARD_SIZE + STACK_SIZE);
    return NULL;
  }
  return (struct lsk_cstack *)(void *)(map + GUARD_SIZE + FRAMES_SIZE);
}

static void unmap_stack(struct lsk_cstack *stack) {
  (void)munmap(frames_of(stack) - GUARD_SIZE, GUARD_SIZE + STACK_SIZE);
}

static struct lsk_cstack *take_spare(struct lsk_cstacks *stacks) {
  struct lsk_cstack *stack = stacks->spare;
  stacks->spare = stack->next;
  stacks->spare_count--;
  forget_frames(stack);
  return stack;
}

/* The first that runs on a stack. */
static void start(void *arg) {
  const struct lsk_cstack *stack = arg;
  after_start(stack);
  stack->fn(stack->arg);
  abort();
}

/* Goes on on a stack at `top`, and comes back when something goes to `here`. */
static void change(struct lsk_cstacks *stacks, struct lsk_cpoint *here,
                   struct lsk_cstack *to, void *top) {
  here->stack = stacks->running;
  stacks->running = to;
  before_switch(here, to);
  lsk_cstack_change(&here->top, top);
  after_switch(here);
}

int lsk_cstack_leave(struct lsk_cstacks *stacks, struct lsk_cpoint *here,
                     void (*fn)(void *arg), void *arg) {
  int err = 0;
  struct lsk_cstack *stack =
      stacks->spare != NULL ? take_spare(stacks) : map_stack(&err);
  if (stack == NULL) return err;
  *stack = (struct lsk_cstack){.from = here, .fn = fn, .arg = arg};
  change(stacks, here, stack,
         lsk_cstack_begin(frames_of(stack), FRAMES_SIZE, start, stack));
  return 0;
}

void lsk_cstack_switch(struct lsk_cstacks *stacks, struct lsk_cpoint *here,
                       struct lsk_cpoint *there) {
  change(stacks, here, there->stack, there->top);
}

/* It is a spare one while it still runs: that hurts nobody until something else
   runs, so another one goes where there are too many. */
void lsk_cstack_end(struct lsk_cstacks *stacks, struct lsk_cpoint *there) {
  struct lsk_cstack *stack = stacks->running;
  if (stacks->spare_count == MOST_SPARE) unmap_stack(take_spare(stacks));
  stack->next = stacks->spare;
  stacks->spare = stack;
  stacks->spare_count++;
  stacks->running = there->stack;
  before_switch(NULL, there->stack);
  lsk_cstack_change(&stack->top, there->top);
  abort();
}

void lsk_cstacks_free(struct lsk_cstacks *stacks) {
  while (stacks->spare != NULL) unmap_stack(take_spare(stacks));
}

#else

int lsk_cstack_leave(struct lsk_cstacks *stacks, struct lsk_cpoint *here,
                     void (*fn)(void *arg), void *arg) {
  (void)stacks;
  (void)here;
  (void)fn;
  (void)arg;
  return -ENOSYS;
}

/* No stack was ever left. */
void lsk_cstack_switch(struct lsk_cstacks *stacks, struct lsk_cpoint *here,
                       struct lsk_cpoint *there) {
  (void)stacks;
  (void)here;
  (void)there;
  abort();
}

void lsk_cstack_end(struct lsk_cstacks *stacks, struct lsk_cpoint *there) {
  (void)stacks;
  (void)there;
  abort();
}

void lsk_cstacks_free(struct lsk_cstacks *stacks) {
  (void)stacks;
}

#endif

/*
** C stacks for waits that cannot yield: such a wait leaves its C stack as it
** is, and the program goes on with another one. Stacks have a guard page each
** and are used again. Nothing here raises. Where there is no way to change
** stacks, lsk_cstack_leave gives -ENOSYS.
**
** At any time one stack runs, and every other one in use is left at a point,
** to which something goes back once.
*/

#ifndef LSK_CSTACK_H
#define LSK_CSTACK_H

struct lsk_cstack;

/* Where a stack was left. It stands on that stack. */
struct lsk_cpoint {
  void *top;
  struct lsk_cstack *stack; /* the stack left; NULL: the thread's own */
  void *fake_stack;         /* the address sanitizer's */
};

/* The stacks of one thread; all zero at first. */
struct lsk_cstacks {
  struct lsk_cstack *running; /* NULL: the thread's own */
  struct lsk_cstack *spare;   /* made and not in use */
  unsigned spare_count;
};

/*
** Leaves the running stack at `here` and calls fn(arg) on another one; fn never
** returns. Comes back when something goes to `here`: 0. At once, when there is
** no memory or map left for a stack: -errno.
*/
int lsk_cstack_leave(struct lsk_cstacks *stacks, struct lsk_cpoint *here,
                     void (*fn)(void *arg), void *arg);

/* Leaves the running stack at `here` and goes on at `there`. */
void lsk_cstack_switch(struct lsk_cstacks *stacks, struct lsk_cpoint *here,
                       struct lsk_cpoint *there);

/* Ends the running stack, which lsk_cstack_leave began, and goes on at `there`.
   Never returns. */
_Noreturn void lsk_cstack_end(struct lsk_cstacks *stacks,
                              struct lsk_cpoint *there);

/* Gives the memory of the spare stacks back. */
void lsk_cstacks_free(struct lsk_cstacks *stacks);

#endif

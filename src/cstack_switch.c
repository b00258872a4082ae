/*
** From one C stack to another. It takes a few instructions: what a call keeps
** is all there is to keep. makecontext(3) and its like would do a system call
** for each change, and set the signal mask back to what it once was. They stand
** in for other processors, and where return addresses have a shadow stack.
*/

#include "cstack_switch.h"

#include "compat.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#if LSK_HAVE_SWITCH

/* Where fn begins, called by nobody. */
void lsk_cstack_start(void);

#if defined(__x86_64__)

/* What stands at the top, from there upwards. */
struct registers {
  uint32_t mxcsr;
  uint32_t x87;
  void *r15, *r14;
  void *arg;             /* r13 */
  void (*fn)(void *arg); /* r12 */
  void *rbx, *rbp;
  void (*go_on)(void);
};

__asm__(".text\n"
        ".p2align 4\n"
        ".globl lsk_cstack_change\n"
        ".hidden lsk_cstack_change\n"
        ".type lsk_cstack_change, @function\n"
        "lsk_cstack_change:\n"
        "  pushq %rbp\n"
        "  pushq %rbx\n"
        "  pushq %r12\n"
        "  pushq %r13\n"
        "  pushq %r14\n"
        "  pushq %r15\n"
        "  subq $8, %rsp\n"
        "  stmxcsr (%rsp)\n"
        "  fnstcw 4(%rsp)\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  ldmxcsr (%rsp)\n"
        "  fldcw 4(%rsp)\n"
        "  addq $8, %rsp\n"
        "  popq %r15\n"
        "  popq %r14\n"
        "  popq %r13\n"
        "  popq %r12\n"
        "  popq %rbx\n"
        "  popq %rbp\n"
        "  ret\n"
        ".size lsk_cstack_change, . - lsk_cstack_change\n"
        ".p2align 4\n"
        ".globl lsk_cstack_start\n"
        ".hidden lsk_cstack_start\n"
        ".type lsk_cstack_start, @function\n"
        "lsk_cstack_start:\n"
        "  .cfi_startproc\n"
        "  .cfi_undefined rip\n" /* debuggers stop here */
        "  movq %r13, %rdi\n"
        "  callq *%r12\n"
        "  ud2\n"
        "  .cfi_endproc\n"
        ".size lsk_cstack_start, . - lsk_cstack_start\n");

/* How floating point numbers are rounded is as it is now. */
static void keep_modes(struct registers *registers) {
  __asm__ volatile("stmxcsr %0" : "=m"(registers->mxcsr));
  __asm__ volatile("fnstcw %0" : "=m"(registers->x87));
}

#else

struct registers {
  void (*fn)(void *arg); /* x19 */
  void *arg;             /* x20 */
  uint64_t x21_to_x29[9];
  void (*go_on)(void); /* x30 */
  double d8_to_d15[8];
  uint64_t fpcr;
  uint64_t unused; /* the top is a multiple of 16 */
};

__asm__(".text\n"
        ".p2align 4\n"
        ".globl lsk_cstack_change\n"
        ".hidden lsk_cstack_change\n"
        ".type lsk_cstack_change, %function\n"
        "lsk_cstack_change:\n"
        "  sub sp, sp, #176\n"
        "  stp x19, x20, [sp, #0]\n"
        "  stp x21, x22, [sp, #16]\n"
        "  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n"
        "  stp x27, x28, [sp, #64]\n"
        "  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n"
        "  stp d10, d11, [sp, #112]\n"
        "  stp d12, d13, [sp, #128]\n"
        "  stp d14, d15, [sp, #144]\n"
        "  mrs x9, fpcr\n"
        "  str x9, [sp, #160]\n"
        "  mov x9, sp\n"
        "  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldp x19, x20, [sp, #0]\n"
        "  ldp x21, x22, [sp, #16]\n"
        "  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n"
        "  ldp x27, x28, [sp, #64]\n"
        "  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n"
        "  ldp d10, d11, [sp, #112]\n"
        "  ldp d12, d13, [sp, #128]\n"
        "  ldp d14, d15, [sp, #144]\n"
        "  ldr x9, [sp, #160]\n"
        "  msr fpcr, x9\n"
        "  add sp, sp, #176\n"
        "  ret\n"
        ".size lsk_cstack_change, . - lsk_cstack_change\n"
        ".p2align 4\n"
        ".globl lsk_cstack_start\n"
        ".hidden lsk_cstack_start\n"
        ".type lsk_cstack_start, %function\n"
        "lsk_cstack_start:\n"
        "  .cfi_startproc\n"
        "  .cfi_undefined x30\n" /* debuggers stop here */
        "  mov x0, x20\n"
        "  blr x19\n"
        "  brk #0\n"
        "  .cfi_endproc\n"
        ".size lsk_cstack_start, . - lsk_cstack_start\n");

/* How floating point numbers are rounded is as it is now. */
static void keep_modes(struct registers *registers) {
  __asm__ volatile("mrs %0, fpcr" : "=r"(registers->fpcr));
}

#endif

void *lsk_cstack_begin(char *bottom, size_t size, void (*fn)(void *arg),
                       void *arg) {
  struct registers *top = (struct registers *)(void *)(bottom + size) - 1;
  *top = (struct registers){.fn = fn, .arg = arg, .go_on = lsk_cstack_start};
  keep_modes(top);
  return top;
}

#elif LSK_HAVE_UCONTEXT

#include <ucontext.h>

/* What stands at the upper end of a new stack. */
struct beginning {
  ucontext_t context;
  void (*fn)(void *arg);
  void *arg;
};

/* The address comes in two halves: a context's arguments are of type int. */
static void start(unsigned high, unsigned low) {
  uintptr_t address = (uintptr_t)((uint64_t)high << 32 | low);
  const struct beginning *beginning = (const struct beginning *)address;
  beginning->fn(beginning->arg);
  abort();
}

void *lsk_cstack_begin(char *bottom, size_t size, void (*fn)(void *arg),
                       void *arg) {
  struct beginning *top = (struct beginning *)(void *)(bottom + size) - 1;
  uint64_t address = (uintptr_t)top;
  *top = (struct beginning){.fn = fn, .arg = arg};
  (void)getcontext(&top->context);
  top->context.uc_stack.ss_sp = bottom;
  top->context.uc_stack.ss_size = size - sizeof *top;
  top->context.uc_link = NULL;
  makecontext(&top->context, (void (*)(void))start, 2,
              (unsigned)(address >> 32), (unsigned)address);
  return &top->context;
}

/* swapcontext(3), put together, as AddressSanitizer warns of that one. */
void lsk_cstack_change(void **top, void *other_top) {
  ucontext_t here;
  volatile bool is_back = false;
  *top = &here;
  (void)getcontext(&here);
  if (is_back) return;
  is_back = true;
  (void)setcontext(other_top);
}

#endif

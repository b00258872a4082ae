/*
** C stacks: left and come back to in any order, with what stood on them, many
** at a time, used again, and not to be overrun.
*/

#include "cstack.h"

#include "check.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many spare stacks are kept. */
#define MOST_SPARE 16

/* What leaving gives; not asked of compat.h. */
#if defined(LSK_PORTABLE)
#define OUTCOME (-ENOSYS)
#elif defined(__GLIBC__) || defined(__x86_64__) || defined(__aarch64__)
#define OUTCOME 0
#else
#define OUTCOME (-ENOSYS)
#endif

static struct lsk_cstacks stacks;

/* The work that a test does: each step leaves the running stack, and the one
   begun then takes the next step, until the last one goes back. */
struct chain {
  struct lsk_cpoint *points;
  int count;
  int steps;
  const int *order; /* in which they go back to the points */
  int came_back;    /* how many did */
};

static int go_back_next(struct chain *chain) {
  return chain->order[chain->came_back++];
}

/* Something on the stack that has to be there still. */
static void fill(unsigned char *bytes, size_t size, int step) {
  memset(bytes, step & 0xff, size);
}

static int is_filled(const unsigned char *bytes, size_t size, int step) {
  for (size_t i = 0; i < size; i++) {
    if (bytes[i] != (step & 0xff)) return 0;
  }
  return 1;
}

static void take_step(struct chain *chain);

static void run_chain(void *arg) {
  struct chain *chain = arg;
  take_step(chain);
  lsk_cstack_end(&stacks, &chain->points[go_back_next(chain)]);
}

static void take_step(struct chain *chain) {
  unsigned char bytes[3000];
  int step = chain->steps;
  if (step == chain->count) return;
  chain->steps++;
  fill(bytes, sizeof bytes, step);
  struct lsk_cstack *running = stacks.running;
  CHECK(lsk_cstack_leave(&stacks, &chain->points[step], run_chain, chain) == 0);
  CHECK(stacks.running == running);
  CHECK(is_filled(bytes, sizeof bytes, step));
}

static void run_in_order(int count, const int *order) {
  struct chain chain = {.count = count, .order = order};
  chain.points = calloc((size_t)count, sizeof *chain.points);
  if (chain.points == NULL) abort();
  take_step(&chain);
  CHECK(chain.came_back == count);
  CHECK(stacks.running == NULL);
  free(chain.points);
}

/* The thread's own stack was left first, and is come back to last: each stack
   that is come back to ends and goes to the next. */
static void test_nested(void) {
  int downwards[] = {4, 3, 2, 1, 0};
  int upwards[] = {1, 2, 3, 4, 0};
  int mixed[] = {3, 1, 4, 2, 0};
  run_in_order(5, downwards);
  run_in_order(5, upwards);
  run_in_order(5, mixed);
  CHECK(stacks.spare_count == 5);
}

static void test_many(void) {
  enum { COUNT = 1000 };
  int order[COUNT];
  for (int i = 0; i < COUNT; i++) order[i] = (i * 7 + 1) % COUNT;
  CHECK(order[COUNT - 1] != 0); /* what follows exchanges two of them */
  for (int i = 0; i < COUNT; i++) {
    if (order[i] == 0) order[i] = order[COUNT - 1];
  }
  order[COUNT - 1] = 0;
  run_in_order(COUNT, order);
  CHECK(stacks.spare_count == MOST_SPARE);
}

/* Two stacks that go to each other, again and again. */
struct pair {
  struct lsk_cpoint main, other;
  int turns;
};

static void answer(void *arg) {
  struct pair *pair = arg;
  while (pair->turns < 1000) {
    pair->turns++;
    lsk_cstack_switch(&stacks, &pair->other, &pair->main);
  }
  lsk_cstack_end(&stacks, &pair->main);
}

static void test_switch(void) {
  struct pair pair = {.turns = 0};
  int asked = 1;
  CHECK(lsk_cstack_leave(&stacks, &pair.main, answer, &pair) == 0);
  while (pair.turns < 1000) {
    CHECK(pair.turns == asked);
    lsk_cstack_switch(&stacks, &pair.main, &pair.other);
    asked++;
  }
  lsk_cstack_switch(&stacks, &pair.main, &pair.other);
  CHECK(asked == 1000 && stacks.running == NULL);
}

/* Jumps within one stack, over frames, as Lua does it for errors. */
static int jump(jmp_buf *target, int depth) {
  volatile unsigned char bytes[256];
  bytes[0] = (unsigned char)depth;
  if (depth > 0) return jump(target, depth - 1) + bytes[0];
  if (target != NULL) longjmp(*target, 1);
  return bytes[0];
}

/* Leaves between them, too, if there is somewhere to go. */
static int try_jumps(struct lsk_cpoint *here, struct lsk_cpoint *there) {
  jmp_buf target;
  if (setjmp(target) == 0) return jump(&target, 50);
  if (setjmp(target) == 0) {
    lsk_cstack_switch(&stacks, here, there);
    return jump(&target, 20);
  }
  return 1;
}

static void jump_and_end(void *arg) {
  struct pair *pair = arg;
  for (int i = 0; i < 3; i++) {
    CHECK(try_jumps(&pair->other, &pair->main) == 1);
    pair->turns++;
  }
  lsk_cstack_end(&stacks, &pair->main);
}

static void test_jumps(void) {
  struct pair pair = {.turns = 0};
  CHECK(lsk_cstack_leave(&stacks, &pair.main, jump_and_end, &pair) == 0);
  for (int i = 0; i < 3; i++) CHECK(try_jumps(&pair.main, &pair.other) == 1);
  CHECK(pair.turns == 3 && stacks.running == NULL);
}

/* The registers that a call keeps are those of its own stack. */
static void test_floating_point(void) {
  struct pair pair = {.turns = 990};
  volatile double start = 0.5;
  double sum = start;
  CHECK(lsk_cstack_leave(&stacks, &pair.main, answer, &pair) == 0);
  while (pair.turns < 1000) {
    sum *= 2;
    lsk_cstack_switch(&stacks, &pair.main, &pair.other);
  }
  lsk_cstack_switch(&stacks, &pair.main, &pair.other);
  CHECK(sum >= 256 && sum <= 256);
}

static void end_at_once(void *arg) {
  lsk_cstack_end(&stacks, arg);
}

/* One after the other, they have the same stack. */
static void test_reuse(void) {
  struct lsk_cpoint here;
  lsk_cstacks_free(&stacks);
  CHECK(stacks.spare == NULL && stacks.spare_count == 0);
  for (int i = 0; i < 100; i++) {
    const struct lsk_cstack *spare = stacks.spare;
    CHECK(lsk_cstack_leave(&stacks, &here, end_at_once, &here) == 0);
    CHECK(i == 0 || stacks.spare == spare);
    CHECK(stacks.spare_count == 1);
  }
  lsk_cstacks_free(&stacks);
  lsk_cstacks_free(&stacks);
  CHECK(stacks.spare == NULL && stacks.spare_count == 0);
}

/* In small steps, far beyond what a stack has. */
static int overflow(volatile const unsigned char *above, int steps) {
  volatile unsigned char bytes[512];
  bytes[0] = above[0];
  return steps == 0 ? 0 : overflow(bytes, steps - 1) + bytes[0];
}

static void overflow_stack(void *arg) {
  unsigned char byte = 0;
  (void)arg;
  _exit(overflow(&byte, 1 << 14));
}

/* In the child. A sanitizer would handle the signal. */
static void overrun(void) {
  struct lsk_cpoint here;
  struct rlimit none = {0, 0};
  (void)signal(SIGSEGV, SIG_DFL);
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)lsk_cstack_leave(&stacks, &here, overflow_stack, NULL);
}

static void test_guard(void) {
  int status = 0;
  (void)fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    overrun();
    _exit(0);
  }
  CHECK(waitpid(pid, &status, 0) == pid);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

/* In the child, which may map no more. */
static void test_memory_out(void) {
  int status = -1;
  (void)fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    struct lsk_cpoint here;
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_AS, &none);
    int rc = lsk_cstack_leave(&stacks, &here, end_at_once, &here);
    _exit(rc == -ENOMEM && stacks.running == NULL ? 0 : 1);
  }
  CHECK(waitpid(pid, &status, 0) == pid);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_all(void) {
  test_nested();
  test_many();
  test_switch();
  test_jumps();
  test_floating_point();
  test_reuse();
  test_guard();
  test_memory_out();
}

int main(void) {
  struct lsk_cpoint here;
  int rc = lsk_cstack_leave(&stacks, &here, end_at_once, &here);
  CHECK(rc == OUTCOME);
  if (rc == 0) test_all();
  lsk_cstacks_free(&stacks);
  return check_result();
}

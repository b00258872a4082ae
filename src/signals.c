/*
** What the interpreter does at SIGINT and SIGTERM. A handler changes numbers
** and sets a hook; what follows is done where Lua may run.
*/

#include "signals.h"

#include "process.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

#include <sys/time.h>

#include <lauxlib.h>

/* How often what waits is woken until a signal is heeded, in microseconds: one
   that comes just before a wait would wake nobody. */
#define TICK 50000

/* How long what was interrupted may take to end, in seconds. */
#define PATIENCE 1.0

static struct lsk_process process;

/* The state that signals interrupt, and whether its waits are woken for that.
 */
static lua_State *interruptible;
static volatile sig_atomic_t is_waking;

/* How long connections may take to end, and when that is over. */
static double grace_time;
static double grace_end;

static double now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* With SA_RESTART polls are interrupted, yet no read of a file. */
static void set_handler(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  (void)sigemptyset(&action.sa_mask);
  (void)sigaction(signal, &action, NULL);
}

static void raise_error(lua_State *L, const char *message) {
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "%s", message);
}

static void set_ticks(long microseconds, void (*handler)(int)) {
  struct timeval time = {.tv_usec = microseconds};
  struct itimerval interval = {.it_interval = time, .it_value = time};
  set_handler(SIGALRM, handler, SA_RESTART);
  (void)setitimer(ITIMER_REAL, &interval, NULL);
}

static void ignore(int signal) {
  (void)signal;
}

/* While an interrupt is to be heeded; the end of the process has ticks of its
   own. */
static void start_waking(void) {
  if (process.stop != LSK_STOP_NONE) return;
  is_waking = 1;
  set_ticks(TICK, ignore);
}

static void stop_waking(void) {
  if (!is_waking) return;
  is_waking = 0;
  if (process.stop == LSK_STOP_NONE) set_ticks(0, ignore);
}

static void raise_interrupt(lua_State *L, lua_Debug *activation) {
  (void)activation;
  stop_waking();
  raise_error(L, "interrupted!");
}

static void raise_termination(lua_State *L, lua_Debug *activation) {
  (void)activation;
  raise_error(L, "terminated!");
}

/* lua_sethook is the one function of Lua that a handler may call. */
static void interrupt_by(lua_Hook hook) {
  if (interruptible == NULL) return;
  lua_sethook(interruptible, hook,
              LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

/* Does what the signal does by default, when the handler returns. */
static void die(int signal) {
  set_handler(signal, SIG_DFL, 0);
  (void)raise(signal);
}

static void interrupt(int signal) {
  set_handler(signal, SIG_DFL, 0);
  interrupt_by(raise_interrupt);
  start_waking();
}

/* The time is over: from the next tick on, reads of files are interrupted. */
static void terminate(void (*tick)(int)) {
  process.stop = LSK_STOP_TASKS;
  set_handler(SIGALRM, tick, 0);
  interrupt_by(raise_termination);
}

static void tick(int signal) {
  (void)signal;
  int err = errno;
  double late = now() - grace_end;
  if (late >= PATIENCE)
    die(SIGTERM);
  else if (late >= 0 && process.stop == LSK_STOP_LOOPS)
    terminate(tick);
  errno = err;
}

static void stop(int signal) {
  int err = errno;
  if (process.loops == 0 || process.stop != LSK_STOP_NONE) {
    die(signal);
  } else {
    process.stop = LSK_STOP_LOOPS;
    grace_end = now() + grace_time;
    set_ticks(TICK, tick);
  }
  errno = err;
}

/* Unless whoever started the process wants the signal to be ignored. A handler
   of one's own, unlike SIG_IGN, does not go on to programs that are started. */
static void handle(int signal, void (*handler)(int)) {
  struct sigaction before;
  (void)sigaction(signal, NULL, &before);
  if (before.sa_handler != SIG_IGN) set_handler(signal, handler, SA_RESTART);
}

void lsk_signals_begin(lua_State *L, double grace, int worker) {
  grace_time = grace;
  process.worker = worker;
  handle(SIGTERM, stop);
  if (worker > 0) {
    handle(SIGINT, ignore);
    handle(SIGHUP, ignore);
  }
  lua_pushlightuserdata(L, &process);
  lua_setfield(L, LUA_REGISTRYINDEX, LSK_PROCESS);
}

void lsk_signals_enter(lua_State *L) {
  interruptible = L;
  if (process.worker == 0) set_handler(SIGINT, interrupt, 0);
}

/* A coroutine may have raised in the place of the state's main one. */
void lsk_signals_leave(lua_State *L) {
  if (process.worker == 0) set_handler(SIGINT, SIG_DFL, 0);
  stop_waking();
  lua_sethook(L, NULL, 0, 0);
}

/*
** Who waits under another event loop, which Socket.set_scheduler names: its
** place among the others that wait for the same socket, and how it is woken
** when the socket is closed or its turn has come. How the loop is asked to wait
** is in ask.c.
*/

#ifndef LSK_FOREIGN_H
#define LSK_FOREIGN_H

#include "clock.h"
#include "loop.h"
#include "state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

/* What a wait is for, which tells what its end means. */
enum lsk_foreign_kind {
  LSK_FOREIGN_SOCKET, /* for a socket, by who has the turn */
  LSK_FOREIGN_TURN,   /* for the calls that came before */
  LSK_FOREIGN_MANY,   /* for several fds, or none of the library's sockets */
  LSK_FOREIGN_BLOCK,  /* for a call of `unblock` */
  LSK_FOREIGN_TIME,
  LSK_FOREIGN_CALL /* for what the method gives */
};

/* Takes what a method has given, the value on top, for the value at `owner`. */
typedef void lsk_take(lua_State *L, int owner);

/* A value on the stack of the coroutine that waits, for the time of one wait.
   It ends as a to-be-closed value, or else with the coroutine. */
struct lsk_foreign_wait {
  struct lsk_waiter waiter; /* first; its place in the socket's queue */
  struct lsk_state *state;
  lua_State *thread;     /* the coroutine, which it keeps alive */
  lsk_deadline deadline; /* of the call */
  lsk_deadline bound;    /* that, or a with_timeout's */
  uint64_t ticket; /* the order in the queue; 0: before all that have one */
  lsk_take *take;  /* of LSK_FOREIGN_CALL, for the owner of what is wanted */
  int top;         /* the operation's values, below all of the wait's */
  struct lsk_wanted wanted; /* of several fds, or of one without a queue */
  struct lsk_foreign_wait *next, *previous; /* of those with entries */
  unsigned char kind;                       /* enum lsk_foreign_kind */
  bool is_limited;                          /* a with_timeout bounds it */
  bool is_called;                           /* unblock was called for it */
};

/* Leaves the scheduler's method and the scheduler itself, its first argument;
   false, and nothing, when it has none of that name. */
bool lsk_push_scheduler_method(lua_State *L, const char *name);

/* Leaves a new wait of the coroutine, which is to be closed. */
struct lsk_foreign_wait *lsk_new_foreign_wait(lua_State *L,
                                              enum lsk_foreign_kind kind,
                                              lsk_deadline deadline);

/* The wait at that index; NULL for any other value. */
struct lsk_foreign_wait *lsk_test_foreign_wait(lua_State *L, int index);

/* Puts it into the queue, by its ticket. */
void lsk_foreign_enqueue(struct lsk_foreign_wait *wait,
                         struct lsk_queue *queue);

/* Whether others of the queue come before that ticket. */
bool lsk_is_foreign_turn(const struct lsk_queue *queue, uint64_t ticket);

/* Lets it wait for those. */
void lsk_foreign_observe(struct lsk_foreign_wait *wait,
                         const struct lsk_wanted *wanted);

/*
** The fd of a watch that the other loop may know of is about to be closed, or
** given away: tells the loop, and those who wait. Of a socket that is collected
** only the former. Never raises.
*/
void lsk_foreign_end(struct lsk_state *state, struct lsk_watch *watch, int fd,
                     bool is_collected);

/* Sets the scheduler on top of the stack, which goes; nil takes it away. */
void lsk_set_scheduler(lua_State *L);

/* Leaves it, or nil. */
void lsk_push_scheduler(lua_State *L);

/* Sets the function on top of the stack, which goes: it is called with each
   such fd before it is closed, and whether its socket is collected. */
void lsk_set_on_close(lua_State *L);

/* Registers the metatable of waits. */
void lsk_open_foreign(lua_State *L);

#endif

/*
** What all sockets of one Lua state share. One object in the registry, which
** lives as long as the state.
*/

#ifndef LSK_STATE_H
#define LSK_STATE_H

#include "buffer.h"
#include "loop.h"
#include "recent.h"

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

struct lsk_foreign_wait;
struct lsk_process;
struct lsk_task;  /* a coroutine of the scheduler */
struct lsk_limit; /* a with_timeout in progress */
struct lsk_runner;

/* What a call has put off so that others may join it, but not for longer than
   its caller runs. */
struct lsk_held {
  bool (*release)(struct lsk_held *held); /* whether all of it is done */
  struct lsk_held *next;
};

/* Of the other event loop that Socket.set_scheduler names. */
struct lsk_foreign {
  bool is_set;                   /* there is one */
  bool has_turn;                 /* the wait just over was one with the turn */
  lua_State *asking;             /* what it calls itself blocks the process */
  uint64_t ticket;               /* of the wait just over */
  uint64_t last_ticket;          /* that was given out */
  struct lsk_foreign_wait *many; /* who waits for several fds */
};

struct lsk_state {
  lua_State *main; /* the main thread: lua.c sets its Ctrl-C hook there */
  lua_Hook hook;   /* that thread's hook when the present operation began */
  lua_State *aux;  /* a thread for what must not disturb a task's stack */
  int must_poll;   /* over 0: no call may sleep in the kernel */
  int credit;      /* how many calls the task may make until others go on */
  struct lsk_task *task;     /* the one that runs; NULL: code outside tasks */
  size_t tasks;              /* how many there are */
  int list;                  /* of sockets, see registry.h; 0: none yet */
  int last_slot;             /* how many slots of it were ever given */
  int slot_room;             /* how many it can have */
  int free_slot;             /* the first of those given back; 0: none */
  int registered;            /* how many open sockets are listed */
  bool no_registry;          /* sockets to be made are not */
  struct lsk_limit *limits;  /* those of code outside tasks */
  size_t requests;           /* how many stand in queues of calls */
  size_t mailboxes;          /* of tasks: how many there are */
  bool has_wraps;            /* sockets have noted counters that began anew */
  struct lsk_loop loop;      /* open while Socket.run runs */
  struct lsk_runner *runner; /* runs the tasks; NULL: none run */
  struct lsk_held *held;     /* to be done before the next wait */
  struct lsk_foreign foreign;
  struct lsk_buffer spare; /* empty: memory for the next socket that buffers */
  bool no_reverse_lookup;  /* what sockets to be made begin with */
  struct lsk_recent recent[LSK_RECENT_COUNT]; /* lines read lately */
  struct lsk_process *process; /* what sockeye shares; else NULL */
  bool has_stopped;            /* the server loops were told to end */
  bool is_closing;             /* the Lua state ends: keep nothing any more */
};

/* The state's one object. */
struct lsk_state *lsk_get_state(lua_State *L);

/* Makes it, before any socket is made. Loading the module anew keeps it: the
   sockets made before point to it. */
void lsk_open_state(lua_State *L);

/*
** Whether Ctrl-C came since the main thread had the hook `before`. lua.c's
** handler has set one there that raises; it is set on `L`, too, and runs as
** soon as control is back in Lua.
*/
bool lsk_is_interrupted(lua_State *L, const struct lsk_state *state,
                        lua_Hook before);

/* Puts it off until the next wait. No call sleeps in the kernel meanwhile. */
void lsk_hold(struct lsk_state *state, struct lsk_held *held);

/* Takes it back; nothing if it is not held. */
void lsk_stop_holding(struct lsk_state *state, struct lsk_held *held);

/* Whoever is about to wait, or to let others run, does what was put off. */
void lsk_release_all(struct lsk_state *state);
static inline void lsk_release(struct lsk_state *state) {
  if (state->held != NULL) lsk_release_all(state);
}

/* Where the Lua state takes its memory from. */
struct lsk_memory lsk_get_memory(lua_State *L);

/* Makes room in the buffer, with the spare memory if there is some; raises
   when memory is out. */
void lsk_reserve(lua_State *L, struct lsk_state *state,
                 struct lsk_buffer *buffer, size_t room);

/* The spare memory, LSK_BUFFER_SIZE bytes, to be used before anything else runs
   that may buffer; raises when memory is out. */
char *lsk_get_scratch(lua_State *L, struct lsk_state *state);

/* Gives back the memory that the buffer's bytes do not need. Never raises. */
void lsk_pack_buffer(lua_State *L, struct lsk_state *state,
                     struct lsk_buffer *buffer);

/* Gives the buffer's memory back; the bytes are lost. Never raises. */
void lsk_drop_buffer(lua_State *L, struct lsk_state *state,
                     struct lsk_buffer *buffer);

#endif

/*
** Data to send, as a Lua program writes it: strings, and arrays of them, nested
** at will, as pieces for one gathering system call.
*/

#ifndef LSK_PIECES_H
#define LSK_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include <sys/uio.h>

#include <lua.h>

/* How values become pieces. */
enum lsk_text {
  LSK_DATA, /* strings and numbers; anything else raises */
  LSK_TEXT, /* as tostring has it; nil is nothing */
  LSK_LINES /* the same, and each ends with a newline */
};

/* As many as one system call takes, at most. */
#define LSK_PIECES_MAX 1024

struct lsk_pieces {
  size_t count;
  size_t total; /* bytes */
  struct iovec at[LSK_PIECES_MAX];
};

/*
** Makes strings of the values at `first` to `last` in their places, but for
** arrays. Raises for what is no data.
*/
void lsk_check_pieces(lua_State *L, int first, int last, enum lsk_text text);

/*
** Collects them; true when they are all there, in place. The pieces are valid
** as long as the values stay and no other Lua code runs. Runs none itself.
*/
bool lsk_get_pieces(lua_State *L, int first, int last, enum lsk_text text,
                    struct lsk_pieces *pieces);

/* Leaves a new flat array of strings with all of them. Raises for what is no
   data. */
void lsk_push_pieces(lua_State *L, int first, int last, enum lsk_text text);

/*
** Collects the data at `index` in as many pieces as one call takes; an array
** that has others within becomes a flat one in its place. False when there are
** more. Raises for what is no data.
*/
bool lsk_settle_pieces(lua_State *L, int index, struct lsk_pieces *pieces);

/* Joins the data at `index`, an array of strings after lsk_settle_pieces, to
   one string in its place. */
void lsk_join_pieces(lua_State *L, int index);

/* How far the sending of a flat array has come. */
struct lsk_progress {
  size_t next;   /* the first string that is not all sent; 1 at first */
  size_t offset; /* how much of that one is */
  size_t done;   /* bytes sent in all */
};

/* Adds the strings of the array at `index` that are left, as many as fit. */
void lsk_add_rest(lua_State *L, int index, const struct lsk_progress *progress,
                  struct lsk_pieces *pieces);

/* Notes that so many bytes of the array's strings went out. */
void lsk_note_sent(lua_State *L, int index, struct lsk_progress *progress,
                   size_t sent);

/* Leaves what was not sent as one string. */
void lsk_push_rest(lua_State *L, int index,
                   const struct lsk_progress *progress);

#endif

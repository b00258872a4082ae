/*
** Waits for one of several things: fds, and works on other threads. Whose wait
** is over is told to the caller, who ends it. Nothing here raises.
*/

#ifndef LSK_MANY_H
#define LSK_MANY_H

#include "pool.h"
#include "watches.h"

#include <poll.h>
#include <stddef.h>

/* One such wait. */
struct lsk_many;

/* Several things to wait for. They are the caller's until the wait has ended;
   the entries then tell what is ready. */
struct lsk_wanted {
  struct pollfd *entries;
  struct lsk_work *const *works; /* whose end makes an entry, of an fd below 0,
                                    readable; NULL: of none */
  size_t count;
  int owners; /* the stack index of what they belong to, for another event
                 loop: a table that lists it, or the one thing itself */
};

/* How many bytes a wait for so many has. */
size_t lsk_many_size(size_t count);

/* Looks at them without waiting: how many are ready | -errno. */
int lsk_look(const struct lsk_wanted *wanted);

/* Begins a wait in such memory, which is the caller's; one for works joins the
   list of those: 0 | -errno, and then it has not begun. */
int lsk_many_begin(struct lsk_many *many, const struct lsk_wanted *wanted,
                   struct lsk_waiter *waiter, struct lsk_watches *watches,
                   struct lsk_many **for_work);

/* Ends it; while it is due, its memory is still in use. */
void lsk_many_end(struct lsk_many *many, struct lsk_watches *watches,
                  struct lsk_many **for_work);

/* Something may have become of a watch, or of some work: those who wait for it
   join the list of the due, who are to be looked at after the events. */
void lsk_many_note_watch(const struct lsk_watch *watch, struct lsk_many **due);
void lsk_many_note_work(struct lsk_many *for_work, struct lsk_many **due);

/* Takes the first that is due, and looks at its entries: whose wait is over;
   NULL if it goes on. */
struct lsk_waiter *lsk_many_take_due(struct lsk_many **due,
                                     struct lsk_watches *watches);

/* The observed fd ends: the first observer's wait is over with that. */
struct lsk_waiter *lsk_many_lose(const struct lsk_watch *watch, int fd);

#endif

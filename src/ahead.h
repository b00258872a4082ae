/*
** Brings what the next tasks need into the processor's cache.
*/

#ifndef LSK_AHEAD_H
#define LSK_AHEAD_H

#include "loop.h"

/* How many tasks at a time. */
#define LSK_AHEAD 32

/* Looks at those that go on from this one on; NULL: there is none. */
void lsk_look_ahead(const struct lsk_waiter *first);

#endif

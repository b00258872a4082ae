/*
** The monotonic clock, and deadlines on it.
*/

#ifndef LSK_CLOCK_H
#define LSK_CLOCK_H

#include <stdint.h>

/*
** A point of monotonic time, in ticks since the clock was first asked. It is as
** wide as a pointer, so that it travels as the context of a continuation: a
** tick is a nanosecond where that is 64 bits, a millisecond where it is 32.
*/
typedef intptr_t lsk_deadline;

/* No deadline: wait for ever. */
#define LSK_NEVER INTPTR_MAX

/* Do not wait at all. */
#define LSK_NOW ((lsk_deadline)0)

/* Do not wait, but have a message told when to call again: where nothing else
   is made of it, a deadline that does not come. */
#define LSK_NOWAIT (INTPTR_MAX - 1)

/* The present time; always later than LSK_NOW. */
lsk_deadline lsk_clock_now(void);

/* The same in seconds. */
double lsk_clock_seconds(void);

/*
** The deadline `seconds` from now: LSK_NOW for 0, LSK_NEVER for what the clock
** cannot hold (infinity too). `seconds` is not negative and not NaN.
*/
lsk_deadline lsk_deadline_after(double seconds);

/* The same, counted from a time that was asked for already. */
lsk_deadline lsk_deadline_from(lsk_deadline now, double seconds);

/* The same for a timeout as sockets keep it: negative is none. */
static inline lsk_deadline lsk_timeout_deadline(double timeout) {
  return timeout < 0 ? LSK_NEVER : lsk_deadline_after(timeout);
}

/* Seconds left until `deadline`; 0 when it has passed, infinite for LSK_NEVER.
 */
double lsk_deadline_seconds(lsk_deadline deadline);

/*
** The same as poll(2) takes it: milliseconds, rounded up, so that a wait never
** ends early; -1 for LSK_NEVER. A very far deadline is cut to what an int
** holds: the waiter looks at the clock again.
*/
int lsk_deadline_poll(lsk_deadline deadline);

#endif

/*
** What a C test is made of: conditions, and an exit status that tells whether
** all of them held. A program that includes this is run by a spec.
*/

#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static int check_failures;

/* Prints the place and the condition when it does not hold, and goes on. */
#define CHECK(condition)                                                       \
  ((condition) ? (void)0                                                       \
               : (void)(check_failures++, printf("%s:%d: %s\n", __FILE__,      \
                                                 __LINE__, #condition)))

/* What main returns. */
static int check_result(void) {
  return check_failures > 0;
}

#endif

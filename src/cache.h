/*
** The processor's cache. Among thousands of connections nothing of one is there
** any more when its turn comes, and each part that is missing costs as much as
** some hundred instructions. Independent loads wait for memory together; so the
** parts of many are looked at in one go, before the first of them is needed.
*/

#ifndef LSK_CACHE_H
#define LSK_CACHE_H

#include <stddef.h>

#define LSK_LINE 64 /* bytes, on most processors */

/* Loads a byte of an object; NULL is none. */
static inline void lsk_touch(const void *object) {
  if (object != NULL) (void)*(const volatile char *)object;
}

/*
** Has lines of memory fetched without waiting for them; any address will do.
** Processors may give that up, as where they do not know yet which page it is:
** a load is better wherever it is allowed.
*/
static inline void lsk_fetch(const void *start, int lines) {
#if defined(__GNUC__)
  for (int i = 0; i < lines; i++)
    __builtin_prefetch((const char *)start + (ptrdiff_t)i * LSK_LINE);
#else
  (void)start;
  (void)lines;
#endif
}

#endif

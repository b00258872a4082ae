/*
** Numbers in bytes, as Lua's format "n" reads them.
*/

#ifndef LSK_NUMBER_H
#define LSK_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* The longest number, as in Lua. */
#define LSK_NUMBER_MAX 200

struct lsk_number {
  char text[LSK_NUMBER_MAX + 1]; /* the longest start of a number; "" for none,
                                    or one that is too long */
  size_t end;                    /* how far that reaches, with spaces before */
  bool is_open;                  /* the bytes ended where it may go on */
};

/* Reads the start of the bytes: spaces, then what may be a number. */
void lsk_scan_number(const char *bytes, size_t length,
                     struct lsk_number *number);

#endif

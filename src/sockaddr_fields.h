/*
** What the addresses of each family consist of: a list of fields, by which they
** are both made and taken apart. The bytes of an address are the kernel's ABI,
** so they are read by offset: nothing here reads past an address's length.
*/

#ifndef LSK_SOCKADDR_FIELDS_H
#define LSK_SOCKADDR_FIELDS_H

#include "sockaddr.h"

#include <stdbool.h>
#include <stdint.h>

/* What a field holds. The last three reach from their offset to the end of the
   address. */
enum lsk_addr_kind {
  LSK_ADDR_NUMBER,
  LSK_ADDR_PORT,     /* a number for which the name of a service may stand */
  LSK_ADDR_HOST,     /* an IP address, by default that of any host */
  LSK_ADDR_PATH,     /* a unix path or an abstract name */
  LSK_ADDR_HARDWARE, /* bytes whose count stands in the byte before them */
  LSK_ADDR_BYTES
};

/* A name for a number; several numbers may have one, and the first is shown. */
struct lsk_addr_word {
  const char *name; /* NULL ends a list */
  uint32_t number;
};

struct lsk_addr_field {
  const char *name; /* NULL ends a list */
  enum lsk_addr_kind kind;
  struct {
    unsigned char offset, size;
  } at;
  bool is_net;                       /* the number is in network byte order */
  uint32_t most;                     /* the greatest number; 0: that fits */
  uint32_t fallback;                 /* the number where none is given */
  const struct lsk_addr_word *words; /* NULL: none */
};

struct lsk_addr_family {
  const char *name; /* in a table; NULL: that of the constant */
  socklen_t least;  /* how long an address is that has all fields */
  socklen_t size;   /* how long one is made, at least */
  const struct lsk_addr_field *fields;
};

/* The description of a family; one that is not known consists of bytes. */
const struct lsk_addr_family *lsk_addr_family(int family);

/* The greatest number that a field takes. */
uint32_t lsk_addr_most(const struct lsk_addr_field *field);

/* Reads and writes the number of a field that is within the address. */
uint32_t lsk_addr_number(const struct lsk_sockaddr *addr,
                         const struct lsk_addr_field *field);
void lsk_addr_set_number(struct lsk_sockaddr *addr,
                         const struct lsk_addr_field *field, uint32_t number);

/* The bytes from an offset to the end of the address. */
const char *lsk_addr_tail(const struct lsk_sockaddr *addr, size_t offset,
                          size_t *length);

/* Makes the bytes the end of the address, which begins with `offset` others;
   false where there are too many. */
bool lsk_addr_set_tail(struct lsk_sockaddr *addr, size_t offset,
                       const void *bytes, size_t length);

#endif

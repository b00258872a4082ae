/*
** Numbers in bytes, as Lua's format "n" reads them.
*/

#include "number.h"

#include <string.h>

struct scan {
  const char *bytes;
  size_t length;
  size_t at;
  size_t taken; /* characters in the text; one more than fit: too long */
  struct lsk_number *number;
};

/* Whether the next byte is one of `set`; notes where the bytes have ended. */
static bool is_next(struct scan *scan, const char *set) {
  if (scan->at < scan->length)
    return scan->bytes[scan->at] != '\0' &&
           strchr(set, scan->bytes[scan->at]) != NULL;
  scan->number->is_open = true;
  return false;
}

/* Takes the next byte where it is one of `set` and the text has room. */
static bool take(struct scan *scan, const char *set) {
  if (scan->taken > LSK_NUMBER_MAX || !is_next(scan, set)) return false;
  if (scan->taken < LSK_NUMBER_MAX)
    scan->number->text[scan->taken] = scan->bytes[scan->at++];
  scan->taken++;
  return scan->taken <= LSK_NUMBER_MAX;
}

static size_t take_digits(struct scan *scan, bool is_hex) {
  const char *set = is_hex ? "0123456789abcdefABCDEF" : "0123456789";
  size_t count = 0;
  while (take(scan, set)) count++;
  return count;
}

void lsk_scan_number(const char *bytes, size_t length,
                     struct lsk_number *number) {
  *number = (struct lsk_number){0};
  struct scan scan = {bytes, length, 0, 0, number};
  while (is_next(&scan, " \f\n\r\t\v")) scan.at++;
  (void)take(&scan, "+-");
  size_t digits = 0;
  bool is_hex = false;
  if (take(&scan, "0")) {
    is_hex = take(&scan, "xX");
    digits = is_hex ? 0 : 1;
  }
  digits += take_digits(&scan, is_hex);
  if (take(&scan, ".")) digits += take_digits(&scan, is_hex);
  if (digits > 0 && take(&scan, is_hex ? "pP" : "eE")) {
    (void)take(&scan, "+-");
    (void)take_digits(&scan, false);
  }
  bool is_too_long = scan.taken > LSK_NUMBER_MAX;
  if (is_too_long) number->is_open = false;
  number->text[is_too_long ? 0 : scan.taken] = '\0';
  number->end = scan.at;
}

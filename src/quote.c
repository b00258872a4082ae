/*
** Bytes as a quoted string with escapes.
*/

#include "quote.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The letter that stands after the backslash for a character; 0: none. */
static char escape_of(char c) {
  static const char characters[] = "\a\b\t\n\v\f\r\033\"\\";
  static const char letters[] = "abtnvfre\"\\";
  for (size_t i = 0; characters[i] != '\0'; i++)
    if (characters[i] == c) return letters[i];
  return 0;
}

/* In Ruby "#{", "#$" and "#@" would put a value in. */
static bool interpolates(const char *at, const char *end) {
  return *at == '#' && at + 1 < end && strchr("{$@", at[1]) != NULL &&
         at[1] != '\0';
}

void lsk_add_quoted(luaL_Buffer *text, const char *bytes, size_t length) {
  const char *end = bytes + length;
  luaL_addchar(text, '"');
  for (const char *at = bytes; at < end; at++) {
    char escape = escape_of(*at);
    if (escape != '\0' || interpolates(at, end)) {
      luaL_addchar(text, '\\');
      luaL_addchar(text, escape != '\0' ? escape : *at);
    } else if (*at >= ' ' && *at <= '~') {
      luaL_addchar(text, *at);
    } else {
      char hex[8];
      (void)snprintf(hex, sizeof hex, "\\x%02X", (unsigned)*at & 0xFF);
      luaL_addstring(text, hex);
    }
  }
  luaL_addchar(text, '"');
}

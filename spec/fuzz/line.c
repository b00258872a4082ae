/*
** Finding lines: the input is a line's form and the bytes of a stream. Whatever
** both are, a line lies within the bytes, and is the same when the bytes come
** one by one.
*/

#include "target.h"

#include "line.h"

#include <string.h>

#define HEAD 5

/* Takes the line's form off the input: 0 where it is too short for one. A
   paragraph's end is always two newlines, a limit is never 0. */
static size_t read_form(struct lsk_line *line, const uint8_t *data,
                        size_t size) {
  if (size < HEAD) return 0;
  size_t length = data[0] % 5;
  if (size < HEAD + length) return 0;
  bool is_paragraph = data[3] % 4 == 3;
  *line = (struct lsk_line){
      .separator = length == 0 ? NULL : (const char *)data + HEAD,
      .length = length,
      .most = data[1] % 2 == 0 ? SIZE_MAX : data[2] + 1U,
      .is_limited = data[1] % 4 == 1,
      .is_paragraph = is_paragraph,
      .chomp = data[4] % 3,
  };
  if (is_paragraph) {
    line->separator = "\n\n";
    line->length = 2;
  }
  return HEAD + length;
}

static void check_span(const struct lsk_line *line, const char *bytes,
                       size_t length, const struct lsk_span *span) {
  MUST(span->start <= length);
  MUST(span->length <= length - span->start);
  MUST(lsk_line_cut(line, bytes, span) <= span->length);
}

/* The same line as at once, though each time there is a byte more. */
static void check_bytewise(const struct lsk_line *line, const char *bytes,
                           size_t length, const struct lsk_span *whole) {
  struct lsk_span span;
  for (size_t have = 1, scanned = 0; have <= length; scanned = have++) {
    enum lsk_found found =
        lsk_find_line(line, bytes, have, scanned, have == length, &span);
    if (found == LSK_MISSING) continue;
    if (found != LSK_FOUND) return;
    check_span(line, bytes, have, &span);
    MUST(span.start == whole->start && span.length == whole->length);
    return;
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct lsk_line line;
  size_t head = read_form(&line, data, size);
  if (head == 0) return 0;
  size_t length = size - head;
  /* A copy of its own: what is read beyond it is seen. */
  char *bytes = malloc(length == 0 ? 1 : length);
  MUST(bytes != NULL);
  memcpy(bytes, data + head, length);
  struct lsk_span span;
  enum lsk_found found = lsk_find_line(&line, bytes, length, 0, true, &span);
  if (found == LSK_FOUND) {
    check_span(&line, bytes, length, &span);
    if (length <= 64) check_bytewise(&line, bytes, length, &span);
  }
  free(bytes);
  return 0;
}

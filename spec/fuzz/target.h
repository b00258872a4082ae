/*
** What the fuzz targets share: libFuzzer calls these by name.
*/

#ifndef TARGET_H
#define TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Called with each input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Called once, before. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* What must hold of any input: libFuzzer keeps the one for which it does not.
 */
#define MUST(condition)                                                        \
  do {                                                                         \
    if (!(condition)) {                                                        \
      (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
      abort();                                                                 \
    }                                                                          \
  } while (0)

#endif

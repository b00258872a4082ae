/*
** Short forms for writing down a layout.
*/

#ifndef LSK_LAYOUT_FIELDS_H
#define LSK_LAYOUT_FIELDS_H

#include "layout.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SIZE(type, member) sizeof(((type *)NULL)->member)

/* A member of a struct, of that kind; the second must be written. */
#define FIELD(field_name, type, member, field_kind)                            \
  {                                                                            \
    .name = (field_name), .kind = (field_kind),                                \
    .offset = offsetof(type, member), .size = SIZE(type, member)               \
  }
#define NEEDED(field_name, type, member, field_kind)                           \
  {                                                                            \
    .name = (field_name), .kind = (field_kind),                                \
    .offset = offsetof(type, member), .size = SIZE(type, member),              \
    .is_needed = 1                                                             \
  }

/* The elements at the struct's end, which another member counts. */
#define COUNTED(field_name, type, member, counter, field_kind)                 \
  {                                                                            \
    .name = (field_name), .kind = (field_kind),                                \
    .offset = offsetof(type, member), .count_at = offsetof(type, counter),     \
    .count_size = SIZE(type, counter), .is_needed = 1                          \
  }

/* The layout of a struct whose fields are in the array NAME_fields. */
#define LAYOUT(layout_name, type)                                              \
  const struct lsk_layout lsk_layout_##layout_name = {                         \
      .fields = layout_name##_fields,                                          \
      .count = COUNT(layout_name##_fields),                                    \
      .size = sizeof(type)}

/* One that the platform does not have. */
#define ABSENT(layout_name)                                                    \
  const struct lsk_layout lsk_layout_##layout_name = {.size = 0}

#endif

/*
** The values of socket options and control messages: Lua values from bytes and
** back, by the layouts of layout.h.
*/

#include "value.h"

#include "consts.h"
#include "scalar.h"
#include "tcp_info.h"

#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

/* How many bytes an element that is counted takes. */
static size_t element_size(const struct lsk_field *field) {
  if (field->kind == LSK_COUNTED_BYTES) return 1;
  return field->kind == LSK_COUNTED_UINT16 ? 2 : 4;
}

/* What one of them is. */
static struct lsk_field element_of(const struct lsk_field *field) {
  return (struct lsk_field){
      .name = field->name,
      .kind = field->kind == LSK_COUNTED_IPV4 ? LSK_IPV4 : LSK_UINT,
      .size = (unsigned short)element_size(field),
  };
}

/* Counts the elements of the list at `index` in the struct; raises when there
   are more than fit. */
static void store_count(lua_State *L, int index, const struct lsk_place *place,
                        const struct lsk_field *field, size_t count,
                        char *bytes) {
  size_t room = field->size > 0 ? field->size : LSK_VALUE_MAX - field->offset;
  size_t size = field->count_size;
  if (count > room / element_size(field))
    lsk_scalar_error(L, index, place, field, "shorter");
  lsk_store_integer(bytes + field->count_at, size, (lua_Integer)count);
}

static void check_bytes(lua_State *L, int index, const struct lsk_place *place,
                        const struct lsk_field *field, char *bytes) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING)
    lsk_scalar_error(L, index, place, field, "a string");
  const char *from = lua_tolstring(L, index, &length);
  store_count(L, index, place, field, length, bytes);
  memcpy(bytes + field->offset, from, length);
}

static void check_list(lua_State *L, int index, const struct lsk_place *place,
                       const struct lsk_field *field, char *bytes) {
  struct lsk_field element = element_of(field);
  if (!lua_istable(L, index))
    lsk_scalar_error(L, index, place, field, "a list");
  size_t count = lua_rawlen(L, index);
  store_count(L, index, place, field, count, bytes);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, index, (lua_Integer)i + 1);
    lsk_check_scalar(L, lua_gettop(L), place, &element,
                     bytes + field->offset + i * element.size);
    lua_pop(L, 1);
  }
}

static size_t check_struct(lua_State *L, int index,
                           const struct lsk_place *place,
                           const struct lsk_layout *layout, char *bytes);

/* One field; gives how many bytes it adds to the struct's own. */
static size_t check_field(lua_State *L, int index,
                          const struct lsk_place *place,
                          const struct lsk_field *field, char *bytes) {
  switch (field->kind) {
  case LSK_STRUCT:
    return check_struct(L, index, place, field->inner, bytes + field->offset);
  case LSK_COUNTED_BYTES:
    check_bytes(L, index, place, field, bytes);
    break;
  case LSK_COUNTED_UINT16:
  case LSK_COUNTED_IPV4:
    check_list(L, index, place, field, bytes);
    break;
  default:
    lsk_check_scalar(L, index, place, field, bytes + field->offset);
    return 0;
  }
  if (field->size > 0) return 0; /* there is room in the struct */
  return element_size(field) *
         (size_t)lsk_load_unsigned(bytes + field->count_at, field->count_size);
}

/* A field that the layout does not have is a misspelt one. */
static void check_names(lua_State *L, int index, const struct lsk_place *place,
                        const struct lsk_layout *layout) {
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    int i = 0;
    while (i < layout->count && strcmp(layout->fields[i].name, key) != 0) i++;
    if (i < layout->count) continue;
    lua_pushfstring(L, "unknown field '%s'", luaL_tolstring(L, -2, NULL));
    lsk_complain(L, place);
  }
}

/* A table of fields; gives how many bytes stand behind the struct's own. */
static size_t check_struct(lua_State *L, int index,
                           const struct lsk_place *place,
                           const struct lsk_layout *layout, char *bytes) {
  size_t more = 0;
  if (!lua_istable(L, index)) {
    lua_pushfstring(L, "table expected, got %s", luaL_typename(L, index));
    lsk_complain(L, place);
  }
  check_names(L, index, place, layout);
  for (int i = 0; i < layout->count; i++) {
    const struct lsk_field *field = &layout->fields[i];
    bool is_given = lua_getfield(L, index, field->name) != LUA_TNIL;
    if (!is_given && field->is_needed) {
      lua_pushfstring(L, "field '%s' is missing", field->name);
      lsk_complain(L, place);
    }
    if (is_given) more += check_field(L, lua_gettop(L), place, field, bytes);
    lua_pop(L, 1);
  }
  return more;
}

/* A string; a NUL within text would cut it. */
static size_t check_string(lua_State *L, int index,
                           const struct lsk_place *place,
                           const struct lsk_field *field, char *bytes) {
  size_t length;
  bool is_name = field->kind == LSK_NAME;
  if (lua_type(L, index) != LUA_TSTRING)
    lsk_scalar_error(L, index, place, field, "a string");
  const char *from = lua_tolstring(L, index, &length);
  if (length > LSK_VALUE_MAX || (is_name && strlen(from) != length)) {
    lua_pushstring(L, is_name ? "value must have no NUL" : "value too long");
    lsk_complain(L, place);
  }
  memcpy(bytes, from, length);
  return length;
}

/* Bytes, or a boolean: false takes them away, and what true means is for the
   system to say. */
static size_t check_header(lua_State *L, int index,
                           const struct lsk_place *place,
                           const struct lsk_field *field, char *bytes) {
  if (!lua_isboolean(L, index))
    return check_string(L, index, place, field, bytes);
  if (!lua_toboolean(L, index)) return 0;
  lsk_store_integer(bytes, sizeof(int), 1);
  return sizeof(int);
}

static bool is_name(lua_State *L, int index, const char *name) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING) return false;
  const char *text = lua_tolstring(L, index, &length);
  return lsk_same_name(text, length, name);
}

size_t lsk_check_value(lua_State *L, int index, const struct lsk_place *place,
                       const struct lsk_layout *layout,
                       char bytes[LSK_VALUE_MAX]) {
  const struct lsk_field *field = &layout->fields[0];
  memset(bytes, 0, LSK_VALUE_MAX);
  index = lua_absindex(L, index);
  if (layout->word != NULL && is_name(L, index, layout->word)) {
    if (layout->word_size > 0)
      memcpy(bytes, layout->word_bytes, layout->word_size);
    return layout->word_size;
  }
  if (field->name != NULL)
    return layout->size + check_struct(L, index, place, layout, bytes);
  switch (field->kind) {
  case LSK_NAME:
  case LSK_STRING:
    return check_string(L, index, place, field, bytes);
  case LSK_HEADER:
    return check_header(L, index, place, field, bytes);
  default:
    lsk_check_scalar(L, index, place, field, bytes + field->offset);
    return layout->size;
  }
}

/* Leaves the elements that are there, whatever their count says. */
static void push_counted(lua_State *L, const struct lsk_field *field,
                         const char *bytes, size_t length) {
  struct lsk_field element = element_of(field);
  size_t count =
      (size_t)lsk_load_unsigned(bytes + field->count_at, field->count_size);
  size_t most = (length - field->offset) / element.size;
  if (count > most) count = most;
  if (field->kind == LSK_COUNTED_BYTES) {
    lua_pushlstring(L, bytes + field->offset, count);
    return;
  }
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lsk_push_scalar(L, &element, bytes + field->offset + i * element.size);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

static void push_struct(lua_State *L, const struct lsk_layout *layout,
                        const char *bytes, size_t length) {
  lua_createtable(L, 0, layout->count);
  for (int i = 0; i < layout->count; i++) {
    const struct lsk_field *field = &layout->fields[i];
    if (field->kind == LSK_STRUCT)
      push_struct(L, field->inner, bytes + field->offset, field->size);
    else if (field->kind >= LSK_COUNTED_BYTES)
      push_counted(L, field, bytes, length);
    else
      lsk_push_scalar(L, field, bytes + field->offset);
    lua_setfield(L, -2, field->name);
  }
}

/* Leaves what is not of one size. */
static void push_bytes(lua_State *L, const struct lsk_field *field,
                       const char *bytes, size_t length) {
  if (field->kind == LSK_NAME)
    lua_pushlstring(L, bytes, strnlen(bytes, length));
  else if (field->kind == LSK_HEADER && length == 0)
    lua_pushboolean(L, false);
  else if (field->kind != LSK_STATISTICS ||
           !lsk_push_tcp_info(L, bytes, length))
    lua_pushlstring(L, bytes, length);
}

/* Whether an integer stands there in a byte. */
static bool is_byte(const struct lsk_field *field, size_t length) {
  return field->name == NULL && field->kind <= LSK_HOPS && length == 1;
}

static void push_byte(lua_State *L, const struct lsk_field *field,
                      const char *bytes) {
  struct lsk_field byte = *field;
  byte.size = 1;
  byte.kind = field->kind == LSK_BOOL ? LSK_BOOL : LSK_UINT;
  lsk_push_scalar(L, &byte, bytes);
}

/* Whether the layout is of bytes without end. */
static bool is_open(const struct lsk_field *field) {
  return field->name == NULL && field->kind >= LSK_NAME;
}

bool lsk_value_fits(const struct lsk_layout *layout, size_t length) {
  const struct lsk_field *field = &layout->fields[0];
  return is_open(field) || is_byte(field, length) || length == layout->size;
}

void lsk_push_value(lua_State *L, const struct lsk_layout *layout,
                    const char *bytes, size_t length) {
  const struct lsk_field *field = &layout->fields[0];
  if (is_open(field))
    push_bytes(L, field, bytes, length);
  else if (is_byte(field, length))
    push_byte(L, field, bytes);
  else if (length < layout->size)
    lua_pushlstring(L, bytes, length);
  else if (field->name == NULL)
    lsk_push_scalar(L, field, bytes + field->offset);
  else
    push_struct(L, layout, bytes, length);
}

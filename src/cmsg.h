/*
** Control messages: building and taking apart the buffer that sendmsg(2) and
** recvmsg(2) carry beside the data. Nothing here reads past the buffer,
** whatever its bytes say.
*/

#ifndef LSK_CMSG_H
#define LSK_CMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* More than any system gives along with one message. */
#define LSK_CONTROL_MAX ((size_t)16384)

struct lsk_cmsg {
  int level;
  int type;
  const char *data; /* of any alignment */
  size_t length;
};

/*
** Reads the message at `*at`, which is 0 at first, and moves on to the next
** one. False at the end. A message that claims more than there is gives what
** there is; one that claims less than its own head is the end.
*/
bool lsk_cmsg_next(const void *control, size_t size, size_t *at,
                   struct lsk_cmsg *message);

/* How many bytes a message takes in a buffer. */
size_t lsk_cmsg_space(size_t length);

/* Writes a message at `at`, where there is room for it: where it ends. */
size_t lsk_cmsg_put(void *control, size_t at, const struct lsk_cmsg *message);

/* Whether the message passes fds; how many, and which. */
bool lsk_cmsg_is_rights(const struct lsk_cmsg *message);
size_t lsk_cmsg_fds(const struct lsk_cmsg *message);
int lsk_cmsg_fd(const struct lsk_cmsg *message, size_t index);

/* Makes the buffer forget an fd that somebody owns from now on. */
void lsk_cmsg_disown(const struct lsk_cmsg *message, size_t index);

/* Closes all fds in a buffer that the kernel filled, but those that somebody
   else owns. */
void lsk_cmsg_close(void *control, size_t size);

/* Calls fn for each fd of the buffer. */
void lsk_cmsg_each_fd(const void *control, size_t size, int (*fn)(int fd));

#endif

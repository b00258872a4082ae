/*
** System calls about the paths of unix sockets. Nothing here raises: a result,
** or -errno. A symbolic link is never followed.
*/

#ifndef LSK_SYS_PATH_H
#define LSK_SYS_PATH_H

#include <stdbool.h>

#include <sys/types.h>

/* Tells one file from every other that exists at the same time. */
struct lsk_path_id {
  dev_t device;
  ino_t inode;
  bool is_own; /* it belongs to the effective user */
};

/* 0 with which socket the path names | -errno (ENOTSOCK: another file). */
int lsk_sys_path_socket(const char *path, struct lsk_path_id *id);

/* Removes the name: 0 | -errno. */
int lsk_sys_unlink(const char *path);

#endif

/*
** The addresses of a numeric host and port, without the system's resolver.
*/

#ifndef LSK_NUMERIC_H
#define LSK_NUMERIC_H

#include <netdb.h>

/*
** A list as getaddrinfo(3) gives, one entry for each type of socket that the
** hints let pass, in one block of memory for free(3). The flags play no part,
** as in Ruby. NULL: something is not a number (NULL stands for no service), or
** nothing matches, or there is no memory: the system's resolver knows which.
*/
struct addrinfo *lsk_numeric_addresses(const char *host, const char *service,
                                       const struct addrinfo *hints);

#endif

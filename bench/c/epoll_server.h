/*
** The plain epoll server that others are measured by.
*/

#ifndef EPOLL_SERVER_H
#define EPOLL_SERVER_H

/* Each prints its port and then serves all connections, until it is killed. */
void serve_echo(void);   /* sends back what comes */
void serve_line(void);   /* sends back what comes, a line at a time */
void serve_sink(void);   /* receives only */
void serve_source(void); /* sends only */

#endif

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* Declared by glibc only with _GNU_SOURCE, which would make this module's idea of the other headers differ from
   the one of Swift's Glibc module. */
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

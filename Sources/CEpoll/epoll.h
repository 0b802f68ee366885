#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* Declared by glibc only with _GNU_SOURCE, which would make this module's idea of the other headers differ from
   the one of Swift's Glibc module. */
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
extern long syscall(long number, ...);

/* glibc has a function of this purpose since 2.36 only; Swift cannot call variadic ones. */
static inline int harbor_pidfd_open(int process) { return (int) syscall(SYS_pidfd_open, process, 0U); }

#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* Declared by glibc only with _GNU_SOURCE, which would make this module's idea of the other headers differ from
   the one of Swift's Glibc module. The second action of a spawn is there since glibc 2.34. */
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
extern int pipe2(int ends[2], int flags);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern long syscall(long number, ...);

/* glibc has a function of this purpose since 2.36 only; Swift cannot call variadic ones. */
static inline int harbor_pidfd_open(int process) { return (int) syscall(SYS_pidfd_open, process, 0U); }

/* The kernel's calls and not glibc's, whose parameter is a fixed set of 1,024: a mask of `bytes`, bit n for processor
   n; thread 0 is the caller's. The first returns how many bytes it filled in, or -1. */
static inline int harbor_get_affinity(int thread, unsigned long *mask, unsigned long bytes) {
    return (int) syscall(SYS_sched_getaffinity, thread, bytes, mask);
}
static inline int harbor_set_affinity(int thread, const unsigned long *mask, unsigned long bytes) {
    return (int) syscall(SYS_sched_setaffinity, thread, bytes, mask);
}

#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* glibc declares these functions only with _GNU_SOURCE. Defining that here would make the other headers in this module
   differ from those in Swift's Glibc module. posix_spawn_file_actions_addclosefrom_np exists since glibc 2.34. */
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
extern int pipe2(int ends[2], int flags);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern long syscall(long number, ...);

/* A wrapper of the system call, because glibc has pidfd_open only since 2.36, and Swift cannot call the variadic
   syscall. */
static inline int harbor_pidfd_open(int process) { return (int) syscall(SYS_pidfd_open, process, 0U); }

/* Wrappers of the kernel's calls. glibc's functions take a fixed set of 1,024 processors, but these take a mask of
   `bytes` bytes, with bit n for processor n. Thread 0 is the calling thread. The first function returns the number of
   bytes that it has filled in, or -1. */
static inline int harbor_get_affinity(int thread, unsigned long *mask, unsigned long bytes) {
    return (int) syscall(SYS_sched_getaffinity, thread, bytes, mask);
}
static inline int harbor_set_affinity(int thread, const unsigned long *mask, unsigned long bytes) {
    return (int) syscall(SYS_sched_setaffinity, thread, bytes, mask);
}

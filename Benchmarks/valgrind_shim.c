/*
 * Makes libdispatch run under valgrind up to 3.19: valgrind's sigsuspend wrapper writes into the caller's signal
 * set, and libdispatch's set is in read-only memory, so valgrind itself crashes. LD_PRELOAD this shim; it passes
 * a copy.
 */

#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return syscall(SYS_rt_sigsuspend, &copy, 8);
}

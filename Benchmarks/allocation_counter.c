/*
 * Counts a process's allocations: LD_PRELOAD it with ALLOCATION_COUNTER=PREFIX in the environment. The running
 * totals are in the file PREFIX.PID, as four little-endian 64-bit numbers: allocations, requested bytes, frees,
 * reallocations.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    atomic_uint_fast64_t allocations, bytes, frees, reallocations;
} Totals;

static Totals before_start, *totals = &before_start;

/* glibc's own names: dlsym is not used, because it allocates memory itself. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

__attribute__((constructor)) static void open_totals(void) {
    const char *prefix = getenv("ALLOCATION_COUNTER");
    char path[4096];
    if (!prefix || snprintf(path, sizeof path, "%s.%d", prefix, getpid()) >= (int)sizeof path) return;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof(Totals)) < 0) return;
    void *memory = mmap(NULL, sizeof(Totals), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory != MAP_FAILED) totals = memory;
}

static void count(size_t bytes) {
    atomic_fetch_add_explicit(&totals->allocations, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&totals->bytes, bytes, memory_order_relaxed);
}

void *malloc(size_t bytes) {
    count(bytes);
    return __libc_malloc(bytes);
}

void *calloc(size_t number, size_t bytes) {
    count(number * bytes);
    return __libc_calloc(number, bytes);
}

void *realloc(void *memory, size_t bytes) {
    if (memory) atomic_fetch_add_explicit(&totals->reallocations, 1, memory_order_relaxed);
    else count(bytes);
    return __libc_realloc(memory, bytes);
}

void *memalign(size_t alignment, size_t bytes) {
    count(bytes);
    return __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
    *memory = memalign(alignment, bytes);
    return *memory ? 0 : 12; /* ENOMEM */
}

void free(void *memory) {
    if (memory) atomic_fetch_add_explicit(&totals->frees, 1, memory_order_relaxed);
    __libc_free(memory);
}

// Tells the thread sanitizer of three things that happen inside Swift's libraries, which are not instrumented. Preloaded
// by `make test-thread` (ld.so(8), LD_PRELOAD): these functions stand before the libraries', call them, and say what
// they do. Nothing is suppressed by it: an access without the lock, or beside the continuation, is still reported.
//
// Contended `Synchronization.Mutex`es: a Mutex's quick way is atomic operations in our own code, which the sanitizer
// sees. Its slow way, taken when two threads meet, is a futex in libswiftSynchronization; the sanitizer would miss
// that the one thread's unlocking comes before the other's locking and report what the lock protects. It is told so
// at the address that the quick way's atomics use.
//
// Continuations that are resumed before their task waits for them: the runtime tells the sanitizer of each resuming,
// at the task's address, and of each job that starts, but a task that finds itself resumed already goes on without a
// word. Our code frees the callee's frame when an asynchronous call returns: there the word is made up for.
// `AtomicLazyReference`: who stores the reference releases the object's contents, and who reads it acquires them. Both
// happen in libswiftSynchronization, so the sanitizer would report the first read of the object's contents.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *
#define HANDLE "$s15Synchronization12_MutexHandleV"
#define LAZY "$s15Synchronization19AtomicLazyReferenceV"

// Of the sanitizer's runtime (sanitizer/tsan_interface.h); null in processes without it, such as PostgreSQL's.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

// _MutexHandle._lockSlow(UInt32), _tryLockSlow() and _unlockSlow() of the standard library.
SWIFT void lock_slow(uint32_t thread, SELF handle) __asm__(HANDLE "9_lockSlowyys6UInt32VF");
SWIFT bool try_lock_slow(SELF handle) __asm__(HANDLE "12_tryLockSlowSbyF");
SWIFT void unlock_slow(SELF handle) __asm__(HANDLE "11_unlockSlowyyF");

// AtomicLazyReference.storeIfNil(_:) and load(), which get the type's metadata last.
SWIFT void *store_if_nil(void *object, void *type, SELF reference) __asm__(LAZY "10storeIfNilyxxnF");
SWIFT void *lazy_load(void *type, SELF reference) __asm__(LAZY "4loadxSgyF");

// Of the concurrency runtime.
extern SWIFT void *swift_task_getCurrent(void) __attribute__((weak));
SWIFT void swift_task_dealloc(void *frame);

static SWIFT void (*real_task_dealloc)(void *);
static SWIFT void (*real_lock_slow)(uint32_t, SELF);
static SWIFT bool (*real_try_lock_slow)(SELF);
static SWIFT void (*real_unlock_slow)(SELF);
static SWIFT void *(*real_store_if_nil)(void *, void *, SELF);
static SWIFT void *(*real_lazy_load)(void *, SELF);

__attribute__((constructor)) static void find_real(void) {
    *(void **)&real_task_dealloc = dlsym(RTLD_NEXT, "swift_task_dealloc");
    *(void **)&real_lock_slow = dlsym(RTLD_NEXT, HANDLE "9_lockSlowyys6UInt32VF");
    *(void **)&real_try_lock_slow = dlsym(RTLD_NEXT, HANDLE "12_tryLockSlowSbyF");
    *(void **)&real_unlock_slow = dlsym(RTLD_NEXT, HANDLE "11_unlockSlowyyF");
    *(void **)&real_store_if_nil = dlsym(RTLD_NEXT, LAZY "10storeIfNilyxxnF");
    *(void **)&real_lazy_load = dlsym(RTLD_NEXT, LAZY "4loadxSgyF");
}

SWIFT void lock_slow(uint32_t thread, SELF handle) {
    real_lock_slow(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT bool try_lock_slow(SELF handle) {
    bool locked = real_try_lock_slow(handle);
    if (locked && __tsan_acquire) __tsan_acquire(handle);
    return locked;
}

SWIFT void unlock_slow(SELF handle) {
    if (__tsan_release) __tsan_release(handle);
    real_unlock_slow(handle);
}

SWIFT void *store_if_nil(void *object, void *type, SELF reference) {
    if (__tsan_release) __tsan_release(reference);
    void *stored = real_store_if_nil(object, type, reference);
    if (__tsan_acquire) __tsan_acquire(reference);
    return stored;
}

SWIFT void *lazy_load(void *type, SELF reference) {
    void *stored = real_lazy_load(type, reference);
    if (stored && __tsan_acquire) __tsan_acquire(reference);
    return stored;
}

SWIFT void swift_task_dealloc(void *frame) {
    void *task = swift_task_getCurrent ? swift_task_getCurrent() : 0;
    if (task && __tsan_acquire) __tsan_acquire(task);
    real_task_dealloc(frame);
}

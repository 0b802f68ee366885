internal import Glibc

/// A lock on a file that ends with its owner, even with one that is killed (flock(2)).
struct FileLock: ~Copyable, Sendable {
    private let descriptor: CInt

    /// Opens the file, made when it is missing, without taking the lock yet.
    init(path: String) throws(PrivatePostgresError) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw .directory(path: path, reason: "cannot be opened: \(SystemError.text(errno))")
        }
    }

    deinit { close(descriptor) }

    /// Takes the lock alone, or says false at once when anybody else has it.
    borrowing func tryExclusive() -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    /// Takes the lock beside others who share it, or says false at once when somebody has it alone.
    borrowing func tryShared() -> Bool {
        flock(descriptor, LOCK_SH | LOCK_NB) == 0
    }
}

internal import Glibc

/// A lock on a file. It ends when this value is destroyed or the process ends, even if that is killed (flock(2)). The
/// file names the holder.
package struct FileLock: ~Copyable, Sendable {
    private let file: FileDescriptor

    /// Opens the file, and creates it if it is missing. It does not take the lock.
    package init(path: String) throws(FileFailure) {
        do throws(SystemError) {
            file = try FileDescriptor(opening: path, O_RDWR | O_CREAT | O_NOFOLLOW)
        } catch {
            throw FileFailure(path: path, reason: "cannot be opened: \(error)")
        }
    }

    /// Takes the lock exclusively. Does not wait.
    /// - Returns: false when another process has the lock.
    package borrowing func tryExclusive() -> Bool {
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else { return false }
        // If the write fails, such as on a full disk, waiting processes cannot name the holder. The
        // lock works nevertheless.
        _ = ftruncate(file.rawValue, 0)
        _ = lseek(file.rawValue, 0, SEEK_SET)
        try? file.write(Array(LockHolder.own.text.utf8))
        return true
    }

    /// Takes the lock together with others that share it. Does not wait.
    /// - Returns: false when another process has the lock exclusively.
    package borrowing func tryShared() -> Bool {
        flock(file.rawValue, LOCK_SH | LOCK_NB) == 0
    }

    /// The holder of the exclusive lock, as the file names it; nil when the file names no process that may exist.
    package borrowing func holder() -> LockHolder? {
        guard let text = try? file.read(512, at: 0) else { return nil }
        return LockHolder(text: String(decoding: text, as: UTF8.self))
    }
}

/// The process that has a lock. Its machine's name is part of it, because containers that share a directory have
/// separate process ids.
package struct LockHolder: Sendable, Equatable, CustomStringConvertible {
    package let processID: Int32
    package let machine: String

    package init(processID: Int32, machine: String) {
        self.processID = processID
        self.machine = machine
    }

    /// This process.
    package static var own: LockHolder { LockHolder(processID: getpid(), machine: MachineName.read()) }

    /// Parses the content of a lock's file. Nil when it is malformed, or when it names a process of this machine that
    /// no longer runs. In that case the holder may be an earlier release, which writes nothing into the file.
    init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, let id = Int32(lines[0]), id > 0 else { return nil }
        self.init(processID: id, machine: String(lines[1]))
        guard !isHere || ProcessTable.isAlive(id) else { return nil }
    }

    var text: String { "\(processID)\n\(machine)\n" }

    private var isHere: Bool { machine == MachineName.read() }

    package var description: String {
        isHere ? "process \(processID)" : "process \(processID) on '\(machine)'"
    }
}

internal import Glibc

/// A lock on a file that ends with its owner, even with one that is killed (flock(2)). The file names the holder.
package struct FileLock: ~Copyable, Sendable {
    private let file: FileDescriptor

    /// Opens the file, made when it is missing, without taking the lock yet.
    package init(path: String) throws(FileFailure) {
        do throws(SystemError) {
            file = try FileDescriptor(opening: path, O_RDWR | O_CREAT | O_NOFOLLOW)
        } catch {
            throw FileFailure(path: path, reason: "cannot be opened: \(error)")
        }
    }

    /// Takes the lock alone, or says false at once when another process has it.
    package borrowing func tryExclusive() -> Bool {
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else { return false }
        // What cannot be written, on a full disk say, is only missed by those who wait.
        _ = ftruncate(file.rawValue, 0)
        _ = lseek(file.rawValue, 0, SEEK_SET)
        try? file.write(Array(LockHolder.own.text.utf8))
        return true
    }

    /// Takes the lock beside others that share it, or says false at once when a process has it alone.
    package borrowing func tryShared() -> Bool {
        flock(file.rawValue, LOCK_SH | LOCK_NB) == 0
    }

    /// The holder of the exclusive lock, as the file names it; nil when the file names no process that can exist.
    package borrowing func holder() -> LockHolder? {
        guard let text = try? file.read(512, at: 0) else { return nil }
        return LockHolder(text: String(decoding: text, as: UTF8.self))
    }
}

/// The process that has a lock. Containers that share a directory count their processes apart, so its machine's name
/// belongs to it.
package struct LockHolder: Sendable, Equatable, CustomStringConvertible {
    package let processID: Int32
    package let machine: String

    package init(processID: Int32, machine: String) {
        self.processID = processID
        self.machine = machine
    }

    /// This process.
    package static var own: LockHolder { LockHolder(processID: getpid(), machine: MachineName.read()) }

    /// Reads what a lock's file holds. A process of this machine that is gone left it behind: an earlier release, which
    /// writes nothing, may have the lock now.
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

internal import Foundation
internal import Glibc
internal import Processes

/// The kernel's notices of what happens to one file or directory (inotify(7)).
package struct FileWatch: ~Copyable, Sendable {
    /// Readable when there is a notice.
    let fileDescriptor: FileDescriptor

    /// - Parameter events: `IN_MODIFY`, `IN_DELETE_SELF` and the like.
    init(of path: String, for events: CInt) throws(SystemError) {
        let number = inotify_init1(CInt(IN_CLOEXEC))
        guard number >= 0 else { throw SystemError(errno) }
        let owned = FileDescriptor(owning: number)
        guard unsafe inotify_add_watch(number, path, UInt32(events)) >= 0 else { throw SystemError(errno) }
        fileDescriptor = owned
    }

    /// Takes the notices that are there, and blocks until there is one.
    borrowing func takeNotices() { _ = try? fileDescriptor.read() }

    /// Returns once a file or directory is deleted.
    /// - Returns: whether it was deleted within `limit`.
    package static func waitForRemoval(of path: String, within limit: Duration = .seconds(20)) async -> Bool {
        await BlockingQueue(label: "test.file-watch").run {
            // A file that is gone cannot be watched.
            guard let watch = try? FileWatch(of: path, for: IN_DELETE_SELF) else {
                return !FileManager.default.fileExists(atPath: path)
            }
            return watch.fileDescriptor.waitUntilReadable(until: .now + limit)
        }
    }
}

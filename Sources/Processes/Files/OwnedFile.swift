internal import Glibc

/// Writes small files durably, with the right mode from their creation on, so that no other user can read a secret.
package enum OwnedFile {
    /// Creates a new file with these bytes and waits until the disk has them. Throws if the file exists.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(SystemError) {
        let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        try file.write(bytes)
        guard fsync(file.rawValue) == 0 else { throw SystemError(errno) }
    }

    /// Makes renames and links in a directory survive a power loss, if the file system supports that.
    package static func synchronizeDirectory(_ path: String) {
        guard let directory = try? FileDescriptor(opening: path, O_RDONLY | O_DIRECTORY) else { return }
        _ = fsync(directory.rawValue)
    }
}

internal import Glibc

/// Small files that must be on the disk, with the mode they need from their first moment on.
package enum OwnedFile {
    /// Makes a new file with these bytes and waits for the disk.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(SystemError) {
        let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        try file.write(bytes)
        guard fsync(file.rawValue) == 0 else { throw SystemError(errno) }
    }

    /// Makes a rename or link in a directory survive a power loss, where the file system can.
    package static func synchronizeDirectory(_ path: String) {
        guard let directory = try? FileDescriptor(opening: path, O_RDONLY | O_DIRECTORY) else { return }
        _ = fsync(directory.rawValue)
    }
}

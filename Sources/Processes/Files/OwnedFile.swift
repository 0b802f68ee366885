package import Glibc

/// Small files that must be on the disk, with the mode they need from their first moment on.
package enum OwnedFile {
    /// Makes a new file with these bytes and waits for the disk; false, with errno set, when any step fails.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t) -> Bool {
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard number >= 0 else { return false }
        defer { close(number) }
        // The array lends its bytes for the call.
        let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
        return written == bytes.count && fsync(number) == 0
    }

    /// Makes a rename or link in a directory survive a power loss.
    package static func synchronizeDirectory(_ path: String) {
        let number = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { return }
        _ = fsync(number)
        close(number)
    }
}

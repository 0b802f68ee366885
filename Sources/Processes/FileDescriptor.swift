internal import CLinux
internal import Glibc

/// The only owner of a descriptor. The descriptor is closed exactly once, when the owner is destroyed.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The descriptor's number. It may be used only while the owner exists.
    package let rawValue: CInt

    /// Takes ownership of an open descriptor, which must have no other owner.
    package init(owning rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// Opens a file, with close-on-exec.
    /// - Parameters:
    ///   - flags: the flags of open(2).
    ///   - mode: the mode of a file that is created.
    package init(opening path: String, _ flags: CInt, mode: UInt32 = 0o600) throws(SystemError) {
        let number = unsafe open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw SystemError(errno) }
        self.init(owning: number)
    }

    // On Linux the descriptor is closed even if close() fails, so it must not be called again (close(2)).
    deinit { close(rawValue) }

    /// Reads the next bytes. Blocks until there are any.
    /// - Parameter offset: where to read in the file; nil to continue after the last read.
    /// - Returns: at most `count` bytes; none at the end of the file.
    package borrowing func read(_ count: Int = 16_384, at offset: Int? = nil) throws(SystemError) -> [UInt8] {
        while true {
            var (result, code): (Int, CInt) = (0, 0)
            // The kernel writes at most `count` bytes into the array's memory, only during the call.
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, initialized in
                if let offset {
                    result = unsafe pread(rawValue, room.baseAddress, count, offset)
                } else {
                    result = unsafe Glibc.read(rawValue, room.baseAddress, count)
                }
                code = errno
                initialized = max(result, 0)
            }
            if result >= 0 { return bytes }
            guard code == EINTR else { throw SystemError(code) }
        }
    }

    /// Writes all of `bytes`. Blocks until the kernel has accepted them.
    package borrowing func write(_ bytes: [UInt8]) throws(SystemError) {
        try Self.write(bytes, to: rawValue)
    }

    /// The same for a descriptor with another owner, such as a standard stream. It also works with a non-blocking
    /// descriptor, because another process that shares a standard stream may have made it non-blocking.
    package static func write(_ bytes: [UInt8], to number: CInt) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The pointer is the array's own memory and valid for this call.
            let (count, code) = unsafe rest.withUnsafeBytes {
                unsafe (Glibc.write(number, $0.baseAddress, $0.count), errno)
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if code == EAGAIN {
                var watched = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&watched, 1, 1000)
            } else if code != EINTR {
                throw SystemError(code)
            }
        }
    }
}

/// The two ends of a pipe(7), both close-on-exec.
package struct Pipe: ~Copyable, Sendable {
    package let reader: FileDescriptor
    package let writer: FileDescriptor

    package init() throws(SystemError) {
        var ends: [CInt] = [-1, -1]
        // The kernel writes two numbers into the array.
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else { throw SystemError(errno) }
        reader = FileDescriptor(owning: ends[0])
        writer = FileDescriptor(owning: ends[1])
    }

    /// Closes the writer and returns the reader. The reader gets the end of the file once no process has a copy
    /// of the writer.
    package consuming func closingWriter() -> FileDescriptor { reader }
}

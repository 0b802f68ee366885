internal import CLinux
internal import Glibc

/// The one owner of a descriptor: it is closed exactly once, when the owner ends.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The number, for a call made while the owner lives.
    package let rawValue: CInt

    /// Takes over an open descriptor that has no other owner.
    package init(owning rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// Opens a file, close-on-exec.
    /// - Parameters:
    ///   - flags: of open(2).
    ///   - mode: of a file that is made.
    package init(opening path: String, _ flags: CInt, mode: UInt32 = 0o600) throws(SystemError) {
        let number = unsafe open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw SystemError(errno) }
        self.init(owning: number)
    }

    // On Linux the descriptor is gone whatever close() says, so it is never tried again (close(2)).
    deinit { close(rawValue) }

    /// Reads the next bytes; blocks until there are any.
    /// - Parameter offset: where in the file they begin; nil for where the last read ended.
    /// - Returns: at most `count` bytes; none at the end.
    package borrowing func read(_ count: Int = 16_384, at offset: Int? = nil) throws(SystemError) -> [UInt8] {
        while true {
            var (result, code): (Int, CInt) = (0, 0)
            // The kernel writes at most `count` bytes into the array's own room.
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

    /// Writes all of `bytes`; blocks until they are taken.
    package borrowing func write(_ bytes: [UInt8]) throws(SystemError) {
        try Self.write(bytes, to: rawValue)
    }

    /// The same for a descriptor of another owner, such as a standard stream. One that does not block is waited for:
    /// the processes that share it decide that.
    package static func write(_ bytes: [UInt8], to number: CInt) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The array lends its bytes for the call.
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

    /// Closes the writer: the reader comes to its end once no other process holds a copy of it.
    package consuming func closingWriter() -> FileDescriptor { reader }
}

internal import Glibc

/// The one owner of a descriptor: it is closed exactly once, when the owner ends.
package struct FileDescriptor: ~Copyable {
    /// The number, for a call made while the owner lives.
    package let rawValue: CInt

    /// Takes over an open descriptor that nothing else closes.
    package init(owning rawValue: CInt) {
        self.rawValue = rawValue
    }

    // On Linux the descriptor is gone whatever close() says, so it is never tried again (close(2)).
    deinit { close(rawValue) }
}

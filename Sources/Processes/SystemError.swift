internal import Glibc

/// An error number of the kernel (errno(3)), described in the kernel's words.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    package let number: CInt

    package init(_ number: CInt) {
        self.number = number
    }

    package var description: String {
        // strerror's text lives until the thread's next call; it is copied at once.
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }
}

internal import Glibc

/// An error number of the kernel (errno(3)). Its description is the text of strerror(3).
package struct SystemError: Error, Equatable, CustomStringConvertible {
    package let number: CInt

    package init(_ number: CInt) {
        self.number = number
    }

    package var description: String {
        // strerror's text is valid until this thread's next call, so it is copied at once.
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }
}

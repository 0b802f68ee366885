internal import Glibc

/// The kernel's words for an error number.
package enum SystemError {
    package static func text(_ number: CInt) -> String {
        // strerror's text lives until the thread's next call; it is copied at once.
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }
}

internal import Glibc

/// Converts strings for C functions.
package enum CStrings {
    /// Calls `body` with a NULL-terminated array of C strings. They are valid until `body` returns.
    package static func with<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { unsafe copies.forEach { unsafe free($0) } }
        return unsafe body(copies)
    }
}

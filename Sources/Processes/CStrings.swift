internal import Glibc

/// Strings as C wants them.
package enum CStrings {
    /// Calls `body` with a NULL-terminated array of the strings as C strings, which live until it returns.
    package static func with<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { unsafe copies.forEach { unsafe free($0) } }
        return unsafe body(copies)
    }
}

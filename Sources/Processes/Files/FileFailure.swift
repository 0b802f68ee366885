/// The error when a file or a directory cannot be used.
package struct FileFailure: Error, Equatable {
    /// The file, or the parent directory that causes the failure.
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}

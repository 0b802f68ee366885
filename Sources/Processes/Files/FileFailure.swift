/// Why a file or a directory cannot be used.
package struct FileFailure: Error, Equatable {
    /// The file, or the directory above it that is at fault.
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}

internal import Foundation

/// A directory for one test, short enough for a socket in it and open to PostgreSQL's own user.
package struct TemporaryDirectory: ~Copyable {
    package let path: String

    package init() throws {
        path = "/tmp/hf-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    package func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
        return path + "/" + name
    }
}

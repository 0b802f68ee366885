internal import FoundationEssentials
internal import Glibc

/// Reads a whole file whose path a person has given. It blocks.
package enum WholeFile {
    /// The longest file of settings or secrets, in bytes. With this limit a wrong path (a disk, /dev/zero)
    /// gives an error.
    package static let longestSettings = 1_048_576

    /// The errors of reading a file. In a message, the description must follow the file's path.
    package enum Failure: Error, Equatable, CustomStringConvertible {
        case refused(SystemError)
        case tooLong(limit: Int)
        case notUTF8

        package var description: String {
            switch self {
            case .refused(let error): "cannot be read: \(error)"
            case .tooLong(let limit): "is longer than \(limit) bytes"
            case .notUTF8: "is not UTF-8 text"
            }
        }
    }

    /// The bytes of a file. A pipe (a shell's `<(…)`) is read to its end.
    /// - Parameter limit: the most bytes that are accepted.
    package static func bytes(at path: String, limit: Int = longestSettings) throws(Failure) -> [UInt8] {
        var content: [UInt8] = []
        do throws(SystemError) {
            let file = try FileDescriptor(opening: path, O_RDONLY)
            while content.count <= limit {
                let bytes = try file.read()
                if bytes.isEmpty { return content }
                content += bytes
            }
        } catch {
            throw .refused(error)
        }
        throw .tooLong(limit: limit)
    }

    /// The text of a file.
    package static func text(at path: String) throws(Failure) -> String {
        let content = try bytes(at: path)
        guard let text = String(validating: content, as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    /// The text of a file without line ends at its end, because those that an editor or `echo` adds are not part
    /// of a secret.
    package static func secret(at path: String) throws(Failure) -> String {
        var text = try text(at: path)[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}

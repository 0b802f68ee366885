internal import FoundationEssentials
internal import Glibc

/// A file that a person names, read whole. Blocks.
package enum WholeFile {
    /// What no file of settings or secret exceeds, so that a wrong path (a disk, /dev/zero) ends as an error.
    package static let longestSettings = 1_048_576

    /// Why a file cannot be read, in words that go behind its path.
    package enum Failure: Error, Equatable, CustomStringConvertible {
        case refused(SystemError)
        case tooLong(limit: Int)
        case notUTF8

        package var description: String {
            switch self {
            case .refused(let error): "cannot be read: \(error)"
            case .tooLong(let limit): "is longer than \(limit) bytes"
            case .notUTF8: "is no text in UTF-8"
            }
        }
    }

    /// The bytes; of a pipe (`<(…)` of a shell) all that come until its end.
    /// - Parameter limit: the most bytes that are taken.
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

    /// The text.
    package static func text(at path: String) throws(Failure) -> String {
        let content = try bytes(at: path)
        guard let text = String(validating: content, as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    /// The text without the line ends behind it: what an editor or `echo` left does not belong to a secret.
    package static func secret(at path: String) throws(Failure) -> String {
        var text = try text(at: path)[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}

/// A request or a response as it arrived.
package struct RawMessage: Sendable, Equatable {
    /// The first line.
    package let start: String
    /// The lines of the head after the first, names in lower case.
    package let fields: [String]
    package let body: [UInt8]

    /// The status of a response; 0 when there is none.
    package var status: Int { Int(start.dropFirst(9).prefix(3)) ?? 0 }

    /// The value of the first field with this name.
    package subscript(name: String) -> String? {
        let start = name.lowercased() + ": "
        return fields.first { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
    }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// Takes the first message out of `bytes`; nil while it is not complete.
    /// - Parameter hasBody: false after HEAD, whose response names a length and has no body.
    static func take(from bytes: inout [UInt8], hasBody: Bool = true) -> RawMessage? {
        let end = Array("\r\n\r\n".utf8)
        guard let headEnd = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else { return nil }
        let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).split(separator: "\r\n").map(
            String.init)
        let fields = lines.dropFirst().map { line in
            let name = line.prefix { $0 != ":" }
            return name.lowercased() + line.dropFirst(name.count)
        }
        let head = RawMessage(start: lines.first ?? "", fields: fields, body: [])
        let length = hasBody ? head["content-length"].flatMap { Int($0) } ?? 0 : 0
        let bodyStart = headEnd + 4
        guard bytes.count >= bodyStart + length else { return nil }
        defer { bytes.removeFirst(bodyStart + length) }
        return RawMessage(
            start: head.start, fields: fields, body: Array(bytes[bodyStart..<(bodyStart + length)]))
    }
}

package typealias RawResponse = RawMessage

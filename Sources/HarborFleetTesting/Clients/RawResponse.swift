/// A response as it came.
package struct RawResponse: Sendable, Equatable {
    package let status: Int
    /// The lines of the head after the first, names in lower case.
    package let fields: [String]
    package let body: [UInt8]

    /// The value of the first field with this name.
    package subscript(name: String) -> String? {
        let start = name.lowercased() + ": "
        return fields.first { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
    }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The first response in `bytes` and its length; nil while it is not whole.
    static func parse(_ bytes: [UInt8], hasBody: Bool) -> (RawResponse, Int)? {
        let end = Array("\r\n\r\n".utf8)
        guard let headEnd = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else { return nil }
        let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).split(separator: "\r\n").map(
            String.init)
        let status = lines.first.flatMap { Int($0.dropFirst(9).prefix(3)) } ?? 0
        let fields = lines.dropFirst().map { line in
            let name = line.prefix { $0 != ":" }
            return name.lowercased() + line.dropFirst(name.count)
        }
        let head = RawResponse(status: status, fields: fields, body: [])
        let length = hasBody ? head["content-length"].flatMap { Int($0) } ?? 0 : 0
        let bodyStart = headEnd + 4
        guard bytes.count >= bodyStart + length else { return nil }
        let body = Array(bytes[bodyStart..<(bodyStart + length)])
        return (RawResponse(status: status, fields: fields, body: body), bodyStart + length)
    }
}

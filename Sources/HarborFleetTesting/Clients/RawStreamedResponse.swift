internal import Foundation

/// A response as it arrived until the end of its connection, with its chunks joined.
package struct RawStreamedResponse: Sendable {
    package let head: RawResponse
    package let body: [UInt8]
    /// Whether the body is complete: the last chunk arrived, or as many bytes as the head declares.
    package let isWhole: Bool

    /// - Parameter bytes: everything that arrived.
    package init(_ bytes: [UInt8]) throws {
        var rest = bytes
        guard let head = RawMessage.take(from: &rest, hasBody: false) else {
            throw TestFailure("a response without a head")
        }
        self.head = head
        if head["transfer-encoding"] == "chunked" {
            (body, isWhole) = Self.joined(rest[...])
        } else {
            body = rest
            isWhole = head["content-length"].map { Int($0) == rest.count } ?? true
        }
    }

    package var status: Int { head.status }
    package subscript(name: String) -> String? { head[name] }
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The body decoded from JSON, `snake_case` to `camelCase`.
    package func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(body))
    }

    /// The data of the chunks (RFC 9112 section 7.1), and whether the last chunk arrived with nothing after it.
    private static func joined(_ bytes: ArraySlice<UInt8>) -> ([UInt8], Bool) {
        var data: [UInt8] = []
        var rest = bytes
        while let lineEnd = rest.firstIndex(of: 0x0D),
            let size = Int(String(decoding: rest[..<lineEnd], as: UTF8.self), radix: 16)
        {
            guard size > 0 else { return (data, rest.elementsEqual("0\r\n\r\n".utf8)) }
            let start = lineEnd + 2
            guard rest.endIndex >= start + size + 2 else { break }
            data += rest[start..<(start + size)]
            rest = rest[(start + size + 2)...]
        }
        return (data, false)
    }
}

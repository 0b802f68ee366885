package import HTTP1
package import HTTPTypes

/// The fields that a naive reader finds in the bytes of a head, to compare with the parser's result.
extension RequestHead {
    /// The request target as sent, in any form.
    package var target: String {
        let words = HeadFields.lines(bytes)[0].split(separator: 0x20)
        return String(decoding: words[1], as: UTF8.self)
    }

    /// All fields in order.
    package var fields: HTTPFields { HeadFields.fields(bytes) }
}

extension ResponseHead {
    /// All fields in order.
    package var fields: HTTPFields { HeadFields.fields(bytes) }
}

private enum HeadFields {
    static func lines(_ head: [UInt8]) -> [ArraySlice<UInt8>] {
        head.split(separator: 0x0A).map { $0.dropLast() }
    }

    static func fields(_ head: [UInt8]) -> HTTPFields {
        var fields = HTTPFields()
        for line in lines(head).dropFirst() {
            guard let colon = line.firstIndex(of: 0x3A),
                let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
            else { continue }
            fields.append(HTTPField(name: name, value: trimmed(line[(colon + 1)...])))
        }
        return fields
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard let last = bytes.lastIndex(where: { !isBlank($0) }) else { return [] }
        return bytes[...last].drop(while: isBlank)
    }
}

extension RequestParser {
    /// The next event, for a parser without a cache of heads.
    package mutating func next(
        _ input: Span<UInt8>, _ offset: inout Int, limits: HTTPLimits
    ) throws(RequestError) -> RequestEvent? {
        var cache = HeadCache()
        return try next(input, &offset, limits: limits, cache: &cache)
    }
}

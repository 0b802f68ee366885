/// One parsed element of `Sec-WebSocket-Extensions` (RFC 6455 section 9.1): a name and its parameters, in order.
struct WebSocketExtension: Sendable, Equatable {
    struct Parameter: Sendable, Equatable {
        let name: String
        /// The value without its quotes; nil when there is no `=`.
        let value: String?
    }

    let name: String
    var parameters: [Parameter] = []

    /// Parses the elements of a field value; nil when it violates the grammar.
    static func list(_ field: String) -> [WebSocketExtension]? {
        var scanner = ExtensionScanner(field)
        return scanner.list()
    }
}

/// Parses the grammar of section 9.1, with the blanks between its parts that section 2.1 implies.
private struct ExtensionScanner {
    private static let comma: UInt8 = 0x2C
    private static let semicolon: UInt8 = 0x3B
    private static let equals: UInt8 = 0x3D
    private static let quote: UInt8 = 0x22
    private static let backslash: UInt8 = 0x5C

    private let bytes: [UInt8]
    private var index = 0

    init(_ field: String) { bytes = Array(field.utf8) }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func list() -> [WebSocketExtension]? {
        var result: [WebSocketExtension] = []
        while next != nil {
            // Empty elements must be ignored (RFC 9110 section 5.6.1.2).
            if take(Self.comma) { continue }
            guard let element = element(), next == nil || take(Self.comma) else { return nil }
            result.append(element)
        }
        return result
    }

    private mutating func element() -> WebSocketExtension? {
        guard let name = token() else { return nil }
        var element = WebSocketExtension(name: name)
        while take(Self.semicolon) {
            guard let parameter = parameter() else { return nil }
            element.parameters.append(parameter)
        }
        return element
    }

    private mutating func parameter() -> WebSocketExtension.Parameter? {
        guard let name = token() else { return nil }
        guard take(Self.equals) else { return .init(name: name, value: nil) }
        guard let value = next == Self.quote ? quoted() : token() else { return nil }
        return .init(name: name, value: value)
    }

    private mutating func token() -> String? {
        let start = index
        while let byte = next, Self.isTokenByte(byte) { index += 1 }
        guard index > start else { return nil }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        skipBlanks()
        return text
    }

    /// Parses a quoted string, whose content must also be a token.
    private mutating func quoted() -> String? {
        index += 1
        var content: [UInt8] = []
        while let byte = next {
            index += 1
            if byte == Self.quote {
                skipBlanks()
                return content.isEmpty ? nil : String(decoding: content, as: UTF8.self)
            }
            var meant = byte
            if byte == Self.backslash {
                guard let escaped = next else { return nil }
                index += 1
                meant = escaped
            }
            guard Self.isTokenByte(meant) else { return nil }
            content.append(meant)
        }
        return nil
    }

    private mutating func take(_ separator: UInt8) -> Bool {
        skipBlanks()
        guard next == separator else { return false }
        index += 1
        skipBlanks()
        return true
    }

    private mutating func skipBlanks() {
        while next == 0x20 || next == 0x09 { index += 1 }
    }

    /// `tchar` of RFC 9110 section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}

import HTTPTypes

/// Finds fields by name in the bytes of a head. The cost is linear in the number of lines, which is small and bounded.
enum FieldLookup {
    /// The bytes as text. Bytes that are not UTF-8 are replaced.
    static func string(_ bytes: [UInt8], _ range: ByteRange) -> String {
        String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }

    /// Calls `body` with the value of each line of a field, in order. The name is converted once, not once per line.
    private static func ranges(
        _ bytes: [UInt8], _ fields: [FieldRange], _ name: HTTPField.Name, _ body: (ByteRange) -> Void
    ) {
        let canonical = name.canonicalName
        let utf8 = canonical.utf8
        for field in fields
        where ByteScan.equals(bytes.span, field.name.start..<field.name.end, ignoringCase: utf8.span) {
            body(field.value)
        }
    }

    static func combined(_ bytes: [UInt8], _ fields: [FieldRange], _ name: HTTPField.Name) -> String? {
        var result: String?
        ranges(bytes, fields, name) { range in
            let value = string(bytes, range)
            result = result.map { $0 + (name == .cookie ? "; " : ", ") + value } ?? value
        }
        return result
    }

    static func values(_ bytes: [UInt8], _ fields: [FieldRange], _ name: HTTPField.Name) -> [String] {
        var result: [String] = []
        ranges(bytes, fields, name) { result.append(string(bytes, $0)) }
        return result
    }

    /// Whether there is a line with this name.
    static func contains(_ bytes: [UInt8], _ fields: [FieldRange], _ name: HTTPField.Name) -> Bool {
        var isThere = false
        ranges(bytes, fields, name) { _ in isThere = true }
        return isThere
    }
}

import HTTPTypes

/// Finds fields by name in the bytes of a head. Linear in the number of lines, which is small and bounded.
enum FieldLookup {
    /// The bytes as text; what is not UTF-8 is replaced.
    static func string(_ bytes: [UInt8], _ range: ByteRange) -> String {
        String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }

    private static func isNamed(_ bytes: Span<UInt8>, _ field: FieldRange, _ name: HTTPField.Name) -> Bool {
        ByteScan.equals(bytes, field.name.start..<field.name.end, ignoringCase: name.canonicalName)
    }

    static func combined(_ bytes: [UInt8], _ fields: [FieldRange], _ name: HTTPField.Name) -> String? {
        let separator = name == .cookie ? "; " : ", "
        var result: String?
        for field in fields where isNamed(bytes.span, field, name) {
            let value = string(bytes, field.value)
            result = result.map { $0 + separator + value } ?? value
        }
        return result
    }

    static func values(_ bytes: [UInt8], _ fields: [FieldRange], _ name: HTTPField.Name) -> [String] {
        var result: [String] = []
        for field in fields where isNamed(bytes.span, field, name) {
            result.append(string(bytes, field.value))
        }
        return result
    }

    static func equals(
        _ bytes: [UInt8], _ fields: [FieldRange], _ name: HTTPField.Name, _ expected: Span<UInt8>
    ) -> Bool {
        var matches = 0
        for field in fields where isNamed(bytes.span, field, name) {
            guard matches == 0, ByteScan.equals(bytes.span, field.value.start..<field.value.end, expected)
            else { return false }
            matches &+= 1
        }
        return matches == 1
    }

    static func fields(_ bytes: [UInt8], _ ranges: [FieldRange]) -> HTTPFields {
        var result = HTTPFields()
        for range in ranges {
            guard let name = HTTPField.Name(string(bytes, range.name)) else { continue }
            result.append(HTTPField(name: name, value: bytes[range.value.start..<range.value.end]))
        }
        return result
    }
}

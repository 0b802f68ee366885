/// Appends JSON (RFC 8259) to an array of bytes, without white space.
public enum JSONWriter {
    /// Appends `text` unchanged. It is for punctuation and for member names that need no escaping.
    @inlinable @inline(__always)
    public static func append(raw text: String, to output: inout [UInt8]) {
        output.append(contentsOf: text.utf8)
    }

    /// Appends a string with its quotes.
    package static func append(_ text: String, to output: inout [UInt8]) {
        append(utf8: text.utf8, to: &output)
    }

    /// Appends a string with its quotes, and also escapes U+007F, for lines that a terminal may show.
    package static func append(printable text: String, to output: inout [UInt8]) {
        append(utf8: text.utf8, escapesDelete: true, to: &output)
    }

    /// Appends a string, given as valid UTF-8, with its quotes. It is inlinable, so that each target specialises it.
    @inlinable public static func append(
        utf8 bytes: some Sequence<UInt8>, escapesDelete: Bool = false, to output: inout [UInt8]
    ) {
        output.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), ..<0x20: appendEscaped(byte, to: &output)
            case 0x7F where escapesDelete: appendEscaped(byte, to: &output)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends an id, which needs no escaping, with its quotes.
    package static func append(identifier: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        output.append(contentsOf: identifier.utf8)
        output.append(UInt8(ascii: "\""))
    }

    /// Appends an integer.
    package static func append(_ value: UInt64, to output: inout [UInt8]) {
        if value >= 10 { append(value / 10, to: &output) }
        output.append(0x30 &+ UInt8(truncatingIfNeeded: value % 10))
    }

    /// Appends a count, which must not be negative.
    package static func append(_ value: Int, to output: inout [UInt8]) {
        append(UInt64(value.magnitude), to: &output)
    }

    /// Appends elements with commas between them.
    @inlinable public static func appendList<Element>(
        _ elements: some Sequence<Element>, to output: inout [UInt8],
        _ append: (Element, inout [UInt8]) -> Void
    ) {
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            append(element, &output)
        }
    }

    /// Appends the escape of one byte, in its short form if there is one (section 7).
    @usableFromInline static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            output.append(UInt8(ascii: "\\"))
            output.append(byte)
        case 0x08: append(raw: "\\b", to: &output)
        case 0x09: append(raw: "\\t", to: &output)
        case 0x0A: append(raw: "\\n", to: &output)
        case 0x0C: append(raw: "\\f", to: &output)
        case 0x0D: append(raw: "\\r", to: &output)
        default:
            append(raw: "\\u00", to: &output)
            Hexadecimal.append(byte, to: &output)
        }
    }
}

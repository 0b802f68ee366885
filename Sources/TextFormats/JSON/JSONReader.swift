/// Parses one JSON text (RFC 8259) from front to back. It is strict, and does not recurse deeper than `depthLimit`.
///
/// It stores only a position. The caller must pass the same bytes to each call, because a `Span` cannot yet be stored
/// in this type. Nothing is copied until a string's content is read. The functions that run for each member are
/// inlinable, because the decoders are in other targets.
public struct JSONReader {
    /// The next byte to read.
    public var position = 0
    @usableFromInline var depth = 0
    @usableFromInline let depthLimit: Int

    package init(depthLimit: Int) {
        self.depthLimit = depthLimit
    }

    /// Skips a byte order mark at the start (section 8.1), which .NET and PowerShell write.
    package mutating func skipByteOrderMark(_ bytes: Span<UInt8>) {
        guard position == 0, bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF else {
            return
        }
        position = 3
    }

    /// Skips white space and returns the next byte without reading it (section 2).
    @inlinable public mutating func peek(_ bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        skipWhiteSpace(bytes)
        guard position < bytes.count else { throw error(.unexpectedEnd) }
        return bytes[position]
    }

    /// Reads `byte`, after optional white space. Throws when another byte is next.
    @inlinable public mutating func expect(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONError) {
        guard try peek(bytes) == byte else { throw error(.unexpectedByte) }
        position &+= 1
    }

    /// Reads `byte` if it is next, after optional white space.
    /// - Returns: whether it was next.
    @inlinable public mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        guard try peek(bytes) == byte else { return false }
        position &+= 1
        return true
    }

    /// Checks that only white space is left.
    package mutating func expectEnd(_ bytes: Span<UInt8>) throws(JSONError) {
        skipWhiteSpace(bytes)
        guard position == bytes.count else { throw error(.trailingBytes) }
    }

    /// Reads the opening byte of an object or array.
    @inlinable public mutating func open(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONError) {
        guard depth < depthLimit else { throw error(.tooDeep) }
        try expect(byte, bytes)
        depth &+= 1
    }

    /// Whether another element or member follows; `position` is then at its first byte. If none follows,
    /// it reads `closing`.
    @inlinable public mutating func hasNext(
        _ closing: UInt8, first: Bool, _ bytes: Span<UInt8>
    ) throws(JSONError) -> Bool {
        if try take(closing, bytes) {
            depth &-= 1
            return false
        }
        guard !first else { return true }
        try expect(UInt8(ascii: ","), bytes)
        skipWhiteSpace(bytes)
        return true
    }

    /// Reads a member's name and the colon after it.
    package mutating func memberName(_ bytes: Span<UInt8>) throws(JSONError) -> JSONText {
        let name = try string(bytes)
        try expect(UInt8(ascii: ":"), bytes)
        return name
    }

    /// Reads one of the three literal names (section 3).
    package mutating func literal(_ name: StaticString, _ bytes: Span<UInt8>) throws(JSONError) {
        for expected in name.description.utf8 {
            guard position < bytes.count else { throw error(.unexpectedEnd) }
            guard bytes[position] == expected else { throw error(.unexpectedByte) }
            position &+= 1
        }
    }

    @usableFromInline func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(offset: position, reason: reason)
    }

    @inlinable mutating func skipWhiteSpace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position &+= 1
            default: return
            }
        }
    }
}

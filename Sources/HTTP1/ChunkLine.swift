/// Parses `chunk-size [ chunk-ext ] CRLF` (RFC 9112 section 7.1), byte by byte.
///
/// It checks the whole grammar, so that an extension cannot hide bytes that another parser reads differently. The
/// extensions' meaning is ignored.
struct ChunkLine: Sendable {
    /// The position in the line, with what may follow.
    private enum Place: Sendable {
        /// Digits → `size`.
        case start
        /// Digits, blanks → `beforeSemicolon`, `;` → `beforeName`, CR → `lineEnd`.
        case size
        /// Blanks, `;` → `beforeName`. No CR: a blank at the end of the line is refused.
        case beforeSemicolon
        /// Blanks, token → `name`.
        case beforeName
        /// Token, blanks → `afterName`, `=` → `beforeValue`, `;`, CR.
        case name
        /// Blanks, `=`, `;`.
        case afterName
        /// Blanks, token → `value`, quote → `quoted`.
        case beforeValue
        /// Token, blanks → `beforeSemicolon`, `;`, CR.
        case value
        /// Anything, backslash → `escaped`, quote → `afterQuoted`.
        case quoted
        /// Anything → `quoted`.
        case escaped
        /// Blanks → `beforeSemicolon`, `;`, CR.
        case afterQuoted
        /// LF ends the line.
        case lineEnd
    }

    private var place = Place.start
    /// The size so far.
    private(set) var size = 0
    /// The number of bytes of the line so far, with its CR.
    private(set) var length = 0

    /// Reads the next byte.
    /// - Returns: true when it ended the line.
    mutating func take(_ byte: UInt8) throws(RequestError) -> Bool {
        if case .lineEnd = place {
            guard byte == ASCII.lineFeed else { throw Self.fault }
            return true
        }
        guard let next = try follow(byte) else { throw Self.fault }
        place = next
        length &+= 1
        return false
    }

    private mutating func follow(_ byte: UInt8) throws(RequestError) -> Place? {
        switch place {
        case .start: return try addDigit(byte)
        case .size: return try addDigit(byte) ?? afterPart(byte, blank: .beforeSemicolon)
        case .beforeSemicolon: return blank(byte, .beforeSemicolon) ?? semicolon(byte)
        case .beforeName: return blank(byte, .beforeName) ?? token(byte, .name)
        case .name: return token(byte, .name) ?? equalsSign(byte) ?? afterPart(byte, blank: .afterName)
        case .afterName: return blank(byte, .afterName) ?? equalsSign(byte) ?? semicolon(byte)
        case .beforeValue:
            return blank(byte, .beforeValue) ?? token(byte, .value) ?? (byte == ASCII.quote ? .quoted : nil)
        case .value: return token(byte, .value) ?? afterPart(byte, blank: .beforeSemicolon)
        case .quoted: return quoted(byte)
        case .escaped: return isText(byte) ? .quoted : nil
        case .afterQuoted: return afterPart(byte, blank: .beforeSemicolon)
        case .lineEnd: return nil
        }
    }

    private mutating func addDigit(_ byte: UInt8) throws(RequestError) -> Place? {
        guard let digit = ASCII.hexValue(byte) else { return nil }
        guard size <= Int.max >> 4 else {
            throw RequestError(.contentTooLarge, "A chunk's size is too large.")
        }
        size = size << 4 | Int(digit)
        return .size
    }

    private func blank(_ byte: UInt8, _ next: Place) -> Place? { ASCII.isBlank(byte) ? next : nil }
    private func token(_ byte: UInt8, _ next: Place) -> Place? { ASCII.isToken(byte) ? next : nil }
    private func semicolon(_ byte: UInt8) -> Place? { byte == ASCII.semicolon ? .beforeName : nil }
    private func equalsSign(_ byte: UInt8) -> Place? { byte == ASCII.equals ? .beforeValue : nil }
    private func isText(_ byte: UInt8) -> Bool { byte == ASCII.tab || (byte >= 0x20 && byte != ASCII.delete) }

    private func afterPart(_ byte: UInt8, blank next: Place) -> Place? {
        blank(byte, next) ?? semicolon(byte) ?? (byte == ASCII.carriageReturn ? .lineEnd : nil)
    }

    private func quoted(_ byte: UInt8) -> Place? {
        switch byte {
        case ASCII.quote: .afterQuoted
        case ASCII.backslash: .escaped
        default: isText(byte) ? .quoted : nil
        }
    }

    private static var fault: RequestError {
        RequestError(.framing, "A chunk does not begin with a valid size and valid extensions.")
    }
}

/// The error of parsing JSON: where and why a text is not JSON by RFC 8259, or is JSON that we do not accept.
public struct JSONError: Error, Equatable {
    /// The offset of the byte at which parsing stopped.
    package let offset: Int
    package let reason: Reason

    package init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    @usableFromInline package enum Reason: String, Equatable, Sendable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "unexpected character"
        case trailingBytes = "text after the end of the value"
        case invalidNumber = "invalid number"
        case invalidEscape = "invalid escape in a string"
        case loneSurrogate = "half of a surrogate pair in a string"
        case controlCharacter = "control character in a string"
        case invalidUTF8 = "invalid UTF-8"
        case tooDeep = "nested too deep"
        case duplicateMember = "an object names a member twice"
    }
}

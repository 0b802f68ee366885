/// Collects, line by line, what the fields of a head say about the message's body and its connection.
struct FramingFields: Sendable {
    private(set) var hostCount = 0
    private(set) var host = ByteRange.empty
    private(set) var contentLength: Int?
    private(set) var codings = TransferCodings()
    private(set) var closes = false
    private(set) var staysOpen = false
    private(set) var upgrades = false
    private(set) var offersWebSocket = false
    private(set) var expectsContinue = false
    /// Whether there is an expectation other than `100-continue`.
    private(set) var expectsMore = false

    /// How the head declares the body's end (RFC 9112 section 6.3); nil if it has neither a length nor `chunked` as the
    /// last coding.
    func declaredFraming() throws(RequestError) -> BodyFraming? {
        guard codings.isPresent else { return contentLength.map { .length($0) } }
        guard contentLength == nil else {
            throw RequestError(.framing, "Content-Length and Transfer-Encoding are both present.")
        }
        guard codings.endsChunked else { return nil }
        guard !codings.hasOthers else {
            throw RequestError(.transferCoding, "The only supported transfer coding is chunked.")
        }
        return .chunked
    }

    /// Records one field line. Fields that say nothing about body or connection are ignored.
    mutating func note(_ field: FieldRange, in bytes: Span<UInt8>) throws(RequestError) {
        let name = field.name.start..<field.name.end
        let value = field.value.start..<field.value.end
        // The name's length selects at most one name to compare, so most lines cost only the switch.
        switch name.count {
        case 4 where ByteScan.equals(bytes, name, ignoringCase: "host"): noteHost(field.value)
        case 6 where ByteScan.equals(bytes, name, ignoringCase: "expect"): noteExpect(bytes, value)
        case 7 where ByteScan.equals(bytes, name, ignoringCase: "upgrade"): noteUpgrade(bytes, value)
        case 10 where ByteScan.equals(bytes, name, ignoringCase: "connection"): noteConnection(bytes, value)
        case 14 where ByteScan.equals(bytes, name, ignoringCase: "content-length"):
            try noteContentLength(bytes, value)
        case 17 where ByteScan.equals(bytes, name, ignoringCase: "transfer-encoding"):
            try codings.note(bytes, value)
        default: break
        }
    }

    private mutating func noteHost(_ value: ByteRange) {
        hostCount &+= 1
        host = value
    }

    private mutating func noteUpgrade(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var cursor = value.lowerBound
        while let element = ListSyntax.nextElement(bytes, &cursor, end: value.upperBound) {
            if ByteScan.equals(bytes, element, ignoringCase: "websocket") { offersWebSocket = true }
        }
    }

    /// RFC 9110 section 10.1.1: Expect is a list. Empty elements are ignored.
    private mutating func noteExpect(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var cursor = value.lowerBound
        while let element = ListSyntax.nextElement(bytes, &cursor, end: value.upperBound) {
            if ByteScan.equals(bytes, element, ignoringCase: "100-continue") {
                expectsContinue = true
            } else if !element.isEmpty {
                expectsMore = true
            }
        }
    }

    private mutating func noteConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var cursor = value.lowerBound
        while let element = ListSyntax.nextElement(bytes, &cursor, end: value.upperBound) {
            if ByteScan.equals(bytes, element, ignoringCase: "close") { closes = true }
            if ByteScan.equals(bytes, element, ignoringCase: "keep-alive") { staysOpen = true }
            if ByteScan.equals(bytes, element, ignoringCase: "upgrade") { upgrades = true }
        }
    }

    /// Accepts only digits, and only one line: repeated lengths are refused even if they agree (RFC 9110 section 8.6).
    private mutating func noteContentLength(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(RequestError) {
        guard contentLength == nil else { throw RequestError(.framing, "Content-Length is repeated.") }
        guard !value.isEmpty else { throw Self.malformedLength }
        var length = 0
        for index in value {
            guard ASCII.isDigit(bytes[index]) else { throw Self.malformedLength }
            let (tens, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(bytes[index] &- ASCII.zero))
            guard !overflow, !carry else {
                throw RequestError(.contentTooLarge, "Content-Length is too large.")
            }
            length = sum
        }
        contentLength = length
    }

    private static var malformedLength: RequestError {
        RequestError(.framing, "Content-Length is not a number.")
    }
}

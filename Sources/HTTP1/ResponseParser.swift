package import HTTPTypes

/// What a `ResponseParser` found: any number of `informational`, one `head`, any number of `body`, one `end`.
package enum ResponseEvent: Sendable {
    /// An interim response, 1xx but for 101.
    case informational(ResponseHead)
    /// The final response's head (or a 101's, behind whose `end` another protocol begins).
    case head(ResponseHead)
    /// Body bytes without chunk framing: a range of the input that was given, never empty.
    case body(Range<Int>)
    /// The response is complete.
    case end
}

/// Reads the responses of one connection, for clients of ours (RFC 9112).
///
/// Say with `expectResponse(to:)` which method each next response is for; the default is GET.
package struct ResponseParser: Sendable {
    /// Where in a response we are.
    private enum Place: Sendable {
        /// In a head → itself after a 1xx, `body`, `untilClose`.
        case head
        /// In a body with an end of its own → `head`.
        case body
        /// In a body that the connection's end ends → `head`.
        case untilClose
        /// For good.
        case failed(ResponseError)
    }

    private let limits: HTTPLimits
    private var method = HTTPRequest.Method.get
    private var place = Place.head
    private var isIdle = true
    private var head: HeadGatherer<ResponseHeadScanner>
    private var body: BodyReader

    /// A parser at the start of a connection; the limits' request line is the status line's here.
    package init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        head = HeadGatherer(ResponseHeadScanner(limits: limits))
        body = BodyReader(.none, limits: limits)
    }

    /// Names the method that the next response is for: one to HEAD has no body.
    package mutating func expectResponse(to method: HTTPRequest.Method) { self.method = method }

    /// The next event, or nil when all of `input` is used up and more is needed. After an error the parser
    /// stays failed and throws the same again.
    package mutating func next(_ input: Span<UInt8>, _ offset: inout Int) throws(ResponseError)
        -> ResponseEvent?
    {
        guard offset >= 0, offset <= input.count else { return nil }
        if case .failed(let error) = place { throw error }
        do throws(RequestError) {
            return try advance(input, &offset)
        } catch {
            throw fail(ResponseError(error.detail))
        }
    }

    /// Tells that the connection has ended: the end of a body that lasted until then, or an error when it was
    /// cut; nil between responses.
    package mutating func endOfInput() throws(ResponseError) -> ResponseEvent? {
        switch place {
        case .failed(let error): throw error
        case .head where isIdle: return nil
        case .untilClose:
            reset()
            return .end
        case .head, .body: throw fail(ResponseError("The response was cut.", isTruncated: true))
        }
    }

    private mutating func fail(_ error: ResponseError) -> ResponseError {
        place = .failed(error)
        return error
    }

    private mutating func reset() {
        place = .head
        isIdle = true
        head = HeadGatherer(ResponseHeadScanner(limits: limits))
    }

    private mutating func advance(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError)
        -> ResponseEvent?
    {
        switch place {
        case .head: return try readHead(input, &offset)
        case .body: return try readBody(input, &offset)
        case .untilClose:
            guard offset < input.count else { return nil }
            defer { offset = input.count }
            return .body(offset..<input.count)
        case .failed: return nil
        }
    }

    private mutating func readHead(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError)
        -> ResponseEvent?
    {
        if offset < input.count { isIdle = false }
        guard let bytes = try head.next(input, &offset) else { return nil }
        let found = try head.scanner.head(bytes)
        if found.status.kind == .informational, found.status.code != 101 {
            head = HeadGatherer(ResponseHeadScanner(limits: limits))
            return .informational(found)
        }
        if let framing = try head.scanner.bodyFraming(found.status, to: method) {
            body = BodyReader(framing, limits: limits)
            place = .body
        } else {
            place = .untilClose
        }
        return .head(found)
    }

    private mutating func readBody(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError)
        -> ResponseEvent?
    {
        switch try body.next(input, &offset) {
        case .body(let range): return .body(range)
        case .needsMore: return nil
        case .end:
            reset()
            return .end
        }
    }
}

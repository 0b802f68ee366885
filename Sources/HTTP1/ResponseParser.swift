package import HTTPTypes

/// The events of a `ResponseParser`: any number of `informational`, one `head`, any number of `body`, one `end`.
package enum ResponseEvent: Sendable {
    /// An interim response: 1xx except 101.
    case informational(ResponseHead)
    /// The head of the final response, or of a 101. After the `end` of a 101 another protocol begins.
    case head(ResponseHead)
    /// Body bytes without chunk framing, as a non-empty range of the input.
    case body(Range<Int>)
    /// The response is complete.
    case end
}

/// Parses the responses of one connection, for our clients (RFC 9112).
///
/// Call `expectResponse(to:)` to say which method the next response is for; the default is GET.
package struct ResponseParser: Sendable {
    /// The position in a response, with the places that may follow. An error leads from any place to `failed`.
    private enum Place: Sendable {
        /// In a head → itself after a 1xx, `body`, `untilClose`.
        case head
        /// In a body whose end the framing marks → `head`.
        case body
        /// In a body that ends with the connection → `head`.
        case untilClose
        /// After an error. No place follows.
        case failed(ResponseError)
    }

    private let limits: HTTPLimits
    private var method = HTTPRequest.Method.get
    private var place = Place.head
    private var isIdle = true
    private var head: HeadGatherer<ResponseHeadScanner>
    private var body: BodyReader

    /// Makes a parser for a new connection. `HTTPLimits.requestLineBytes` limits the status line here.
    package init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        head = HeadGatherer(ResponseHeadScanner(limits: limits))
        body = BodyReader(.none, limits: limits)
    }

    /// Sets the method that the next responses are for, because a response to HEAD has no body.
    package mutating func expectResponse(to method: HTTPRequest.Method) { self.method = method }

    /// The next event; nil when all of `input` is consumed and more is needed. After an error, every later call
    /// throws the same error.
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

    /// The connection has ended.
    /// - Returns: `end` if the connection's end ends the body; nil between two responses.
    /// - Throws: an error if the response is incomplete.
    package mutating func endOfInput() throws(ResponseError) -> ResponseEvent? {
        switch place {
        case .failed(let error): throw error
        case .head where isIdle: return nil
        case .untilClose:
            reset()
            return .end
        case .head, .body:
            throw fail(ResponseError("The connection ended within the response.", isTruncated: true))
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

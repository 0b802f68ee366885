/// Reads the requests of one connection from its bytes (RFC 9112), strictly: one reading or an error.
///
/// A pure value: it does no I/O and keeps no more than a partial head or partial trailers, bounded by its limits.
///
/// ```swift
/// var offset = 0
/// while let event = try parser.next(input, &offset) {
///     switch event {
///     case .head(let head): parser.limitBody(to: limit(for: head))
///     case .body(let range): body.append(contentsOf: bytes[range])
///     case .end: answer()          // stop here to answer in order; go on with the same offset
///     }
/// }
/// ```
package struct RequestParser: Sendable {
    /// Where in a request we are.
    private enum Place: Sendable {
        /// Before a request; empty lines are skipped → `head`.
        case start
        /// In a head → `body`.
        case head
        /// After a head → `start`.
        case body
        /// For good.
        case failed(RequestError)
    }

    /// Empty lines that old clients send between requests and we skip (RFC 9112 section 2.2).
    private static let emptyLineLimit = 2

    private let limits: HTTPLimits
    private var place = Place.start
    private var emptyLines = 0
    private var sawCarriageReturn = false
    private var head: HeadGatherer<RequestHeadScanner>
    private var body: BodyReader

    /// A parser at the start of a connection.
    package init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        head = HeadGatherer(RequestHeadScanner(limits: limits))
        body = BodyReader(.none, limits: limits)
    }

    /// Whether nothing of a next request has arrived (an idle connection may be closed without an answer).
    package var isIdle: Bool {
        if case .start = place { true } else { false }
    }

    /// Sets the limit in bytes of the current request's body, between its `head` and the next call of `next`;
    /// else it is the limits' `bodyBytes`. A declared length beyond it makes that next call throw 413, so call
    /// it before `100 Continue` is sent.
    package mutating func limitBody(to bytes: Int) { body.limit(to: bytes) }

    /// The next event, or nil when all of `input` is used up and more is needed.
    ///
    /// Call until it is nil: the `end` of a request may come without further input. What stands behind the
    /// head of an upgrade is untouched until `end` was taken, and from `offset` on still the caller's.
    /// - Parameters:
    ///   - input: bytes as they came.
    ///   - offset: where in `input` to go on; moved behind what was used.
    /// - Throws: what to answer. The parser then stays failed and throws the same again.
    package mutating func next(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError)
        -> RequestEvent?
    {
        guard offset >= 0, offset <= input.count else { return nil }
        do throws(RequestError) {
            return try advance(input, &offset)
        } catch {
            place = .failed(error)
            throw error
        }
    }

    private mutating func advance(
        _ input: Span<UInt8>, _ offset: inout Int
    ) throws(RequestError) -> RequestEvent? {
        switch place {
        case .failed(let error): throw error
        case .start:
            guard try skipEmptyLines(input, &offset) else { return nil }
            place = .head
            return try readHead(input, &offset)
        case .head: return try readHead(input, &offset)
        case .body: return try readBody(input, &offset)
        }
    }

    /// True when something other than an empty line is next.
    private mutating func skipEmptyLines(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError)
        -> Bool
    {
        while offset < input.count {
            let expected = sawCarriageReturn ? ASCII.lineFeed : ASCII.carriageReturn
            guard input[offset] == expected else {
                guard !sawCarriageReturn else {
                    throw RequestError(.syntax, "A carriage return stands without a line feed.")
                }
                return true
            }
            guard emptyLines < Self.emptyLineLimit else {
                throw RequestError(.syntax, "There are too many empty lines before the request.")
            }
            if sawCarriageReturn { emptyLines &+= 1 }
            sawCarriageReturn.toggle()
            offset &+= 1
        }
        return false
    }

    private mutating func readHead(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError)
        -> RequestEvent?
    {
        guard let bytes = try head.next(input, &offset) else { return nil }
        let found = try head.scanner.head(bytes)
        body = BodyReader(found.bodyFraming, limits: limits)
        place = .body
        return .head(found)
    }

    private mutating func readBody(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError)
        -> RequestEvent?
    {
        switch try body.next(input, &offset) {
        case .body(let range): return .body(range)
        case .needsMore: return nil
        case .end:
            place = .start
            emptyLines = 0
            head = HeadGatherer(RequestHeadScanner(limits: limits))
            return .end
        }
    }
}

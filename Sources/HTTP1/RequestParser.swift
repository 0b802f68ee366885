/// Reads the requests of one connection from its bytes (RFC 9112), strictly: one reading or an error.
///
/// A pure value: it does no I/O and keeps no more than a partial head or partial trailers, bounded by the limits.
/// What it knows of a partial message is on the heap; between requests, and while heads come whole, it is a few
/// bytes and allocates nothing of its own.
///
/// ```swift
/// var offset = 0
/// while let event = try parser.next(input, &offset, limits: limits, cache: &cache) {
///     switch event {
///     case .head(let head): parser.limitBody(to: limit(for: head))
///     case .body(let range): body.append(contentsOf: bytes[range])
///     case .end: respond()                 // stop here to respond in order; go on with the same offset
///     case .request(let head): respond()   // a head that the cache knows
///     }
/// }
/// ```
package struct RequestParser: Sendable {
    /// Where in a request we are.
    private enum Place: Sendable {
        /// Before a request; empty lines are skipped → `head`, `end`, `body`.
        case start
        /// In a head that has not come whole → `end`, `body`.
        case head(Boxed<HeadGatherer<RequestHeadScanner>>)
        /// After the head of a request without a body → `start`.
        case end
        /// After the head of a request with a body → `start`.
        case body(Boxed<BodyReader>)
        /// For good.
        case failed(Boxed<RequestError>)
    }

    /// Empty lines that old clients send between requests and we skip (RFC 9112 section 2.2).
    private static let emptyLineLimit = 2

    private var place = Place.start
    private var emptyLines: UInt8 = 0
    private var sawCarriageReturn = false
    /// Where the cache found the last head, since the next one is mostly the same.
    private var headPlace: UInt8

    /// A parser at the start of a connection.
    /// - Parameter headPlace: a cache's `lastPlace`, where the first head may be known.
    package init(headPlace: UInt8 = 0) {
        self.headPlace = headPlace
    }

    /// Whether nothing of a next request has arrived (an idle connection may be closed without a response).
    package var isIdle: Bool {
        if case .start = place { true } else { false }
    }

    /// The memory that a head takes which has not come whole, in bytes.
    package var headBytes: Int {
        if case .head(let head) = place { head.value.heldBytes } else { 0 }
    }

    /// Lets go of a head that has not come whole; nothing may be read afterwards.
    package mutating func forgetHead() {
        guard case .head = place else { return }
        place = .failed(Boxed(RequestError(.syntax, "The head did not come whole.")))
    }

    /// Sets the limit in bytes of the current request's body, between its `head` and the next call of `next`;
    /// else it is the limits' `bodyBytes`. A declared length beyond it makes that next call throw 413, so call
    /// it before `100 Continue` is sent.
    package mutating func limitBody(to bytes: Int) {
        let taken = take()
        guard case .body(var body) = taken else {
            place = taken
            return
        }
        body.update { $0.limit(to: bytes) }
        place = .body(body)
    }

    /// The next event, or nil when all of `input` is used up and more is needed.
    ///
    /// Call until it is nil: the `end` of a request may come without further input. What stands behind the
    /// head of an upgrade is untouched until `end` was taken, and from `offset` on still the caller's.
    /// - Parameters:
    ///   - input: bytes as they came.
    ///   - offset: where in `input` to go on; moved behind what was used.
    ///   - limits: the same at every call; those of a message that has begun are the ones it began with.
    ///   - cache: the heads that came before, here or on other connections with the same limits.
    /// - Throws: the error to respond with. The parser then stays failed and throws the same again.
    package mutating func next(
        _ input: Span<UInt8>, _ offset: inout Int, limits: HTTPLimits, cache: inout HeadCache
    ) throws(RequestError) -> RequestEvent? {
        guard offset >= 0, offset <= input.count else { return nil }
        if case .start = place, !sawCarriageReturn,
            let known = cache.head(of: input.extracting(offset...), near: &headPlace)
        {
            offset = input.count
            emptyLines = 0
            return .request(known)
        }
        do throws(RequestError) {
            return try advance(input, &offset, limits, &cache)
        } catch {
            place = .failed(Boxed(error))
            throw error
        }
    }

    private mutating func advance(
        _ input: Span<UInt8>, _ offset: inout Int, _ limits: HTTPLimits, _ cache: inout HeadCache
    ) throws(RequestError) -> RequestEvent? {
        switch take() {
        case .failed(let error): throw error.value
        case .start:
            guard try skipEmptyLines(input, &offset) else { return nil }
            return try readHead(input, &offset, limits, &cache)
        case .head(let head): return try resumeHead(head, input, &offset, limits)
        case .end: return endRequest()
        case .body(let body): return try readBody(body, input, &offset)
        }
    }

    /// The place, leaving `start`: what it holds has one owner then, and changes in place.
    private mutating func take() -> Place {
        var taken = Place.start
        swap(&taken, &place)
        return taken
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

    /// A head that is whole in the input is read on the stack.
    private mutating func readHead(
        _ input: Span<UInt8>, _ offset: inout Int, _ limits: HTTPLimits, _ cache: inout HeadCache
    ) throws(RequestError) -> RequestEvent? {
        var gatherer = HeadGatherer(RequestHeadScanner(limits: limits))
        guard let bytes = try gatherer.next(input, &offset) else {
            place = .head(Boxed(gatherer))
            return nil
        }
        let head = try endHead(gatherer.scanner, bytes, limits)
        if case .end = place, offset == input.count { cache.remember(head) }
        return .head(head)
    }

    private mutating func resumeHead(
        _ head: consuming Boxed<HeadGatherer<RequestHeadScanner>>, _ input: Span<UInt8>, _ offset: inout Int,
        _ limits: HTTPLimits
    ) throws(RequestError) -> RequestEvent? {
        var end = offset
        let bytes = try head.update { (gatherer) throws(RequestError) in try gatherer.next(input, &end) }
        offset = end
        guard let bytes else {
            place = .head(head)
            return nil
        }
        return .head(try endHead(head.value.scanner, bytes, limits))
    }

    private mutating func endHead(
        _ scanner: RequestHeadScanner, _ bytes: [UInt8], _ limits: HTTPLimits
    ) throws(RequestError) -> RequestHead {
        let found = try scanner.head(bytes)
        switch found.bodyFraming {
        case .none, .length(0): place = .end
        case .length, .chunked: place = .body(Boxed(BodyReader(found.bodyFraming, limits: limits)))
        }
        return found
    }

    private mutating func readBody(
        _ body: consuming Boxed<BodyReader>, _ input: Span<UInt8>, _ offset: inout Int
    ) throws(RequestError) -> RequestEvent? {
        var end = offset
        let step = try body.update { (reader) throws(RequestError) in try reader.next(input, &end) }
        offset = end
        if case .end = step { return endRequest() }
        place = .body(body)
        guard case .body(let range) = step else { return nil }
        return .body(range)
    }

    private mutating func endRequest() -> RequestEvent {
        place = .start
        emptyLines = 0
        return .end
    }
}

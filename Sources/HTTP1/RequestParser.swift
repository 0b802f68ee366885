/// Parses the requests of one connection (RFC 9112). It is strict: ambiguous input is an error.
///
/// It is a value that does no I/O. It keeps at most a partial head or partial trailers, which the limits bound. The
/// state of a partial message is on the heap. Between requests, and while heads arrive in one piece, the parser is a
/// few bytes and allocates nothing for itself.
///
/// ```swift
/// var offset = 0
/// while let event = try parser.next(input, &offset, limits: limits, cache: &cache) {
///     switch event {
///     case .head(let head): parser.limitBody(to: limit(for: head))
///     case .body(let range): body.append(contentsOf: bytes[range])
///     case .end: respond()                 // stop here to respond in order, then continue with the same offset
///     case .request(let head): respond()   // a head from the cache
///     }
/// }
/// ```
package struct RequestParser: Sendable {
    /// The position in a request, with the places that may follow. An error leads from any place to `failed`.
    private enum Place: Sendable {
        /// Before a request; empty lines are skipped → `head`, `end`, `body`.
        case start
        /// In an incomplete head → `end`, `body`.
        case head(Boxed<HeadGatherer<RequestHeadScanner>>)
        /// After the head of a request without a body → `start`.
        case end
        /// After the head of a request with a body → `start`.
        case body(Boxed<BodyReader>)
        /// After an error. No place follows.
        case failed(Boxed<RequestError>)
    }

    /// The most empty lines to skip before a request, which some old clients send (RFC 9112 section 2.2).
    private static let emptyLineLimit = 2

    private var place = Place.start
    private var emptyLines: UInt8 = 0
    private var sawCarriageReturn = false
    /// The place where the cache found the last head. The next head is mostly the same.
    private var headPlace: UInt8

    /// Makes a parser for a new connection.
    /// - Parameter headPlace: the cache's `lastPlace`, where it looks first for the first head.
    package init(headPlace: UInt8 = 0) {
        self.headPlace = headPlace
    }

    /// Whether nothing of the next request has arrived. An idle connection may be closed without a response.
    package var isIdle: Bool {
        if case .start = place { true } else { false }
    }

    /// The memory of an incomplete head, in bytes.
    package var headBytes: Int {
        if case .head(let head) = place { head.value.heldBytes } else { 0 }
    }

    /// Frees an incomplete head. The parser cannot be used afterwards.
    package mutating func forgetHead() {
        guard case .head = place else { return }
        place = .failed(Boxed(RequestError(.syntax, "The head is incomplete.")))
    }

    /// Sets the limit of the current request's body in bytes, in place of the limits' `bodyBytes`. It must be called
    /// between the event `head` and the next call of `next`. If the declared length exceeds the limit, that next call
    /// throws 413, so call it before `100 Continue` is sent.
    package mutating func limitBody(to bytes: Int) {
        let taken = take()
        guard case .body(var body) = taken else {
            place = taken
            return
        }
        body.update { $0.limit(to: bytes) }
        place = .body(body)
    }

    /// The next event; nil when all of `input` is consumed and more is needed.
    ///
    /// Call it until it returns nil: the event `end` may come without further input. The bytes after the head of an
    /// upgrade are not consumed with its `end`: they begin at `offset` and belong to the other protocol.
    /// - Parameters:
    ///   - input: the bytes as they arrived.
    ///   - offset: where in `input` to continue. It is moved past the consumed bytes.
    ///   - limits: must be the same at every call, because a message that has begun keeps the limits it began with.
    ///   - cache: the heads that arrived before, on this connection or on others with the same limits.
    /// - Throws: the error to respond with. Every later call throws the same error.
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

    /// Moves the place out and leaves `start`, so that its value has only one owner and can be changed in place.
    private mutating func take() -> Place {
        var taken = Place.start
        swap(&taken, &place)
        return taken
    }

    /// Skips empty lines.
    /// - Returns: true when another byte is next.
    private mutating func skipEmptyLines(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError)
        -> Bool
    {
        while offset < input.count {
            let expected = sawCarriageReturn ? ASCII.lineFeed : ASCII.carriageReturn
            guard input[offset] == expected else {
                guard !sawCarriageReturn else {
                    throw RequestError(.syntax, "A carriage return has no line feed after it.")
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

    /// Parses a head. If it is complete in the input, its state stays on the stack.
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

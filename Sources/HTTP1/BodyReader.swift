/// Reads one message's body by its framing, within a limit.
struct BodyReader: Sendable {
    /// The result of one call of `next`.
    enum Step {
        /// Bytes of the body, as a range of the input.
        case body(Range<Int>)
        /// The body is complete.
        case end
        /// All input is consumed, and the body is not complete.
        case needsMore
    }

    /// The position in the body, with the places that may follow.
    private enum Place: Sendable {
        /// Nothing was read → `length`, `chunks`, `end`.
        case start(BodyFraming)
        /// In a body of known length, with this many bytes to come → `end`.
        case length(Int)
        /// In the chunks → `trailers`.
        case chunks
        /// After the last chunk → `end`.
        case trailers
        /// Complete.
        case end
    }

    private let limits: HTTPLimits
    private var limit: Int
    private var place: Place
    private var chunks = ChunkDecoder()
    private var trailers: HeadGatherer<TrailerScanner>?

    init(_ framing: BodyFraming, limits: HTTPLimits) {
        place = .start(framing)
        self.limits = limits
        limit = limits.bodyBytes
    }

    /// Sets this body's own limit in bytes, in place of `HTTPLimits.bodyBytes`.
    mutating func limit(to bytes: Int) { limit = max(0, bytes) }

    /// The next part of the body.
    mutating func next(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError) -> Step {
        while true {
            switch place {
            case .start(let framing): place = try first(framing)
            case .length(let left): return readLength(input.count, &offset, left)
            case .chunks:
                switch try chunks.next(input, &offset, limit: limit) {
                case .body(let range): return .body(range)
                case .needsMore: return .needsMore
                case .lastChunk: place = .trailers
                }
            case .trailers:
                guard try readTrailers(input, &offset) else { return .needsMore }
                place = .end
            case .end: return .end
            }
        }
    }

    private func first(_ framing: BodyFraming) throws(RequestError) -> Place {
        switch framing {
        case .none, .length(0): return .end
        case .length(let length):
            guard length <= limit else { throw RequestError(.contentTooLarge, "The body is too large.") }
            return .length(length)
        case .chunked: return .chunks
        }
    }

    private mutating func readLength(_ end: Int, _ offset: inout Int, _ left: Int) -> Step {
        let taken = min(left, end &- offset)
        guard taken > 0 else { return .needsMore }
        let range = offset..<(offset &+ taken)
        offset = range.upperBound
        place = taken == left ? .end : .length(left &- taken)
        return .body(range)
    }

    private mutating func readTrailers(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError) -> Bool
    {
        var gatherer = trailers ?? HeadGatherer(TrailerScanner(limits: limits))
        // Only the local variable holds the bytes now, so that they grow in place instead of being copied.
        trailers = nil
        let isWhole = try gatherer.next(input, &offset) != nil
        if !isWhole { trailers = gatherer }
        return isWhole
    }
}

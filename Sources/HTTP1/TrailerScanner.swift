/// Parses the trailers of a chunked body (RFC 9112 section 7.1.2). It checks them against the limits and drops them.
struct TrailerScanner: HeadScanner {
    private let limits: HTTPLimits
    private var lines = LineScanner()
    private var block: FieldBlock

    init(limits: HTTPLimits) {
        self.limits = limits
        block = FieldBlock(start: 0, limits: limits)
    }

    var maximumBytes: Int { limits.headMaximumBytes }

    mutating func scan(_ bytes: Span<UInt8>) throws(RequestError) -> Int? {
        while true {
            switch try block.next(bytes, &lines) {
            case .field: continue
            case .end(let length): return length
            case .needsMore: return nil
            }
        }
    }
}

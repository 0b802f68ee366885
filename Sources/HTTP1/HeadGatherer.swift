/// Something that finds the end of a head in bytes that may still be arriving.
protocol HeadScanner: Sendable {
    /// The length of the head, or nil while it is not whole; `bytes` is all so far, from the head's start.
    mutating func scan(_ bytes: Span<UInt8>) throws(RequestError) -> Int?
    /// More bytes than `scan` can look at without a verdict.
    var maximumBytes: Int { get }
}

extension HTTPLimits {
    /// A first line, the field lines and the line ends between them, and one byte to see that it is too much.
    var headMaximumBytes: Int {
        let (sum, overflow) = max(0, requestLineBytes).addingReportingOverflow(max(0, headerBytes))
        return overflow ? Int.max : max(sum, min(sum, Int.max - 8) + 8)
    }
}

/// Collects the bytes of one head. A head that is whole in the input is copied once; only one that arrives
/// in parts is kept here.
struct HeadGatherer<Scanner: HeadScanner>: Sendable {
    private(set) var scanner: Scanner
    private var pending: [UInt8] = []

    init(_ scanner: Scanner) { self.scanner = scanner }

    /// The memory that it takes, in bytes.
    var heldBytes: Int { pending.capacity }

    /// The bytes of the head when it is whole, else nil with all input used up.
    mutating func next(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError) -> [UInt8]? {
        if pending.isEmpty {
            let rest = input.extracting(offset..<input.count)
            if let length = try scanner.scan(rest) {
                offset &+= length
                return [UInt8](copying: rest.extracting(0..<length))
            }
            pending.append(copying: rest)
            offset = input.count
            return nil
        }
        return try nextFromPending(input, &offset)
    }

    private mutating func nextFromPending(
        _ input: Span<UInt8>, _ offset: inout Int
    ) throws(RequestError) -> [UInt8]? {
        // Taken out while it works, so that its bytes have one owner and grow in place.
        var bytes = pending
        pending = []
        let known = bytes.count
        let taken = min(input.count &- offset, max(0, scanner.maximumBytes &- known))
        bytes.append(copying: input.extracting(offset..<(offset &+ taken)))
        if let length = try scanner.scan(bytes.span) {
            offset &+= length &- known
            bytes.removeLast(bytes.count &- length)
            return bytes
        }
        // The scanner gives its verdict before the room ends; this only keeps the promise of a bound.
        guard offset &+ taken == input.count else {
            throw RequestError(.fieldsTooLarge, "The head is too large.")
        }
        offset = input.count
        pending = bytes
        return nil
    }
}

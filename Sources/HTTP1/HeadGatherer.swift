/// Finds the end of a head while its bytes arrive.
protocol HeadScanner: Sendable {
    /// The length of the head; nil while it is incomplete.
    /// - Parameter bytes: all bytes so far, from the head's start.
    mutating func scan(_ bytes: Span<UInt8>) throws(RequestError) -> Int?
    /// The most bytes to pass to `scan`. With this many it has either found the end or thrown an error.
    var maximumBytes: Int { get }
}

extension HTTPLimits {
    /// Room for the longest first line, field lines and their line ends, and for one byte more to detect an excess.
    var headMaximumBytes: Int {
        let (sum, overflow) = max(0, requestLineBytes).addingReportingOverflow(max(0, headerBytes))
        return overflow ? Int.max : max(sum, min(sum, Int.max - 8) + 8)
    }
}

/// Collects the bytes of one head. A head that is complete in the input is copied once. Only a head that arrives in
/// parts is kept here.
struct HeadGatherer<Scanner: HeadScanner>: Sendable {
    private(set) var scanner: Scanner
    private var pending: [UInt8] = []

    init(_ scanner: Scanner) { self.scanner = scanner }

    /// The memory of an incomplete head, in bytes.
    var heldBytes: Int { pending.capacity }

    /// The bytes of the head if it is complete; else nil, and all input is consumed.
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
        // Only the local variable holds the bytes now, so that they grow in place instead of being copied.
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
        // The scanner throws before this limit is reached. The check only guarantees that memory stays bounded.
        guard offset &+ taken == input.count else {
            throw RequestError(.fieldsTooLarge, "The head is too large.")
        }
        offset = input.count
        pending = bytes
        return nil
    }
}

/// The heads that were read last, found again by their bytes.
///
/// Who polls sends the same bytes each time. A head depends on nothing but its bytes and the limits, so that the same
/// bytes get the same object, at the price of a comparison instead of a reading. It knows only heads that arrived in
/// one piece with nothing behind them, as those of polls do, and that no body follows.
///
/// One cache serves the connections of one loop, all with the same limits. It holds at most `capacity` heads of
/// `maximumBytes` with the places of their fields, well under 1 MiB in all; heads that meet at one place take it from
/// each other.
package struct HeadCache: Sendable {
    /// A `UInt8` names each place.
    static let capacity = 256
    static let maximumBytes = 1_024

    private var heads: [RequestHead?] = []
    /// Where a head was learned last: the next connection may well begin with the same one.
    package private(set) var lastPlace: UInt8 = 0

    /// A cache that knows nothing yet. Allocates nothing before the first head.
    package init() {}

    /// The head that has exactly these bytes, if it is known.
    /// - Parameter place: where the last one was, which costs less to look at; then where this one is.
    func head(of bytes: Span<UInt8>, near place: inout UInt8) -> RequestHead? {
        guard !heads.isEmpty, bytes.count <= Self.maximumBytes else { return nil }
        if let head = head(of: bytes, at: Int(place)) { return head }
        let hashed = Self.place(of: bytes)
        guard hashed != Int(place), let head = head(of: bytes, at: hashed) else { return nil }
        place = UInt8(truncatingIfNeeded: hashed)
        return head
    }

    private func head(of bytes: Span<UInt8>, at place: Int) -> RequestHead? {
        guard let head = heads[place] else { return nil }
        let known = head.bytes
        return ByteScan.areEqual(known.span, bytes) ? head : nil
    }

    /// Learns a head.
    mutating func remember(_ head: RequestHead) {
        guard head.mayComeAgain else { return }
        if heads.isEmpty { heads = Array(repeating: nil, count: Self.capacity) }
        let bytes = head.bytes
        let place = Self.place(of: bytes.span)
        heads[place] = head
        lastPlace = UInt8(truncatingIfNeeded: place)
    }

    private static func place(of bytes: Span<UInt8>) -> Int {
        Int(truncatingIfNeeded: ByteScan.hash(bytes) % UInt64(capacity))
    }
}

extension RequestHead {
    /// Whether a `HeadCache` may hold it: it is short, no body follows, and it has no key of a WebSocket, which is
    /// another one each time.
    package var mayComeAgain: Bool {
        !upgradesToWebSocket && bytes.count <= HeadCache.maximumBytes
            && (bodyFraming == .none || bodyFraming == .length(0))
    }
}

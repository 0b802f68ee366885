/// A cache of parsed request heads, which are found by their bytes.
///
/// A client that polls sends the same bytes each time. A head depends only on its bytes and the limits, so the cache
/// can return the same object for the same bytes, which costs a comparison instead of a parse. It holds only heads
/// that arrived in one piece with nothing after them, as those of polls do, and that have no body.
///
/// One cache serves the connections of one loop, which all have the same limits. It holds at most `capacity` heads of
/// up to `maximumBytes` bytes and the positions of their fields, well under 1 MiB in all. A hash gives the place of a
/// head; a new head replaces the one at its place.
package struct HeadCache: Sendable {
    /// The number of places. A place must fit a `UInt8`.
    static let capacity = 256
    /// The longest head that is cached, in bytes.
    static let maximumBytes = 1_024

    private var heads: [RequestHead?] = []
    /// The place of the head that was added last. The next connection may well begin with the same head.
    package private(set) var lastPlace: UInt8 = 0

    /// Makes an empty cache. It allocates nothing before the first head.
    package init() {}

    /// The cached head with exactly these bytes; nil if there is none.
    /// - Parameter place: the place of the connection's last head, which is tried first because that needs no hash. On
    ///   return it is the place of the head that was found.
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

    /// Adds a head, if it may be cached.
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
    /// Whether a `HeadCache` may hold the head: it is short, it has no body, and it does not open a WebSocket, whose
    /// key differs each time.
    package var mayComeAgain: Bool {
        !upgradesToWebSocket && bytes.count <= HeadCache.maximumBytes
            && (bodyFraming == .none || bodyFraming == .length(0))
    }
}

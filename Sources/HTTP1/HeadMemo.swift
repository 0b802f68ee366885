/// The heads that were read last, found again by their bytes.
///
/// Who polls sends the same bytes each time. A head depends on nothing but its bytes and the limits, so that the same
/// bytes get the same object, at the price of a comparison instead of a reading. It knows only heads that arrived in
/// one piece with nothing behind them, as those of polls do, and that no body follows.
///
/// One memo serves the connections of one loop, all with the same limits. It holds at most `capacity` heads of
/// `maximumBytes` with the places of their fields, well under 1 MiB in all; heads that meet at one place take it from
/// each other.
package struct HeadMemo: Sendable {
    static let capacity = 256
    static let maximumBytes = 1_024

    private var heads: [RequestHead?] = []
    private let isOn: Bool

    /// A memo that knows nothing yet. Allocates nothing before the first head.
    package init() { isOn = true }

    private init(isOn: Bool) { self.isOn = isOn }

    /// Knows nothing and learns nothing.
    static let none = HeadMemo(isOn: false)

    /// The head that has exactly these bytes, if it is known.
    func head(of bytes: Span<UInt8>) -> RequestHead? {
        guard !heads.isEmpty, bytes.count <= Self.maximumBytes else { return nil }
        guard let head = heads[Self.place(of: bytes)] else { return nil }
        let known = head.bytes
        return ByteScan.areEqual(known.span, bytes) ? head : nil
    }

    /// Learns a head.
    mutating func remember(_ head: RequestHead) {
        guard isOn, head.mayComeAgain else { return }
        if heads.isEmpty { heads = Array(repeating: nil, count: Self.capacity) }
        let bytes = head.bytes
        heads[Self.place(of: bytes.span)] = head
    }

    private static func place(of bytes: Span<UInt8>) -> Int {
        Int(truncatingIfNeeded: ByteScan.hash(bytes) % UInt64(capacity))
    }
}

extension RequestHead {
    /// Whether a `HeadMemo` may hold it: it is short, no body follows, and it has no key of a WebSocket, which is
    /// another one each time.
    package var mayComeAgain: Bool {
        !upgradesToWebSocket && bytes.count <= HeadMemo.maximumBytes
            && (bodyFraming == .none || bodyFraming == .length(0))
    }
}

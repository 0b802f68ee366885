internal import HTTP1

/// What has arrived of one body.
///
/// A body that arrives in one read is one array, copied once. A longer one is kept in pieces and joined at its end:
/// an array that grows would own up to twice what has arrived, for as long as a slow body takes.
struct ReceivedBody {
    /// A full piece with this many bytes gets no more: it would double its room.
    private static let pieceBytes = 8_192
    /// What an array takes besides its elements.
    private static let arrayOverhead = 32

    private var pieces: [[UInt8]] = []
    private var last: [UInt8] = []
    private(set) var count = 0

    /// The memory that it takes, in bytes.
    var heldBytes: Int {
        guard count > 0 else { return 0 }
        let whole = pieces.reduce(0) { $0 + $1.capacity + Self.arrayOverhead }
        return whole + last.capacity + Self.arrayOverhead
    }

    /// Appends a copy.
    mutating func append(copying bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        if last.count >= Self.pieceBytes, last.capacity - last.count < bytes.count {
            pieces.append(last)
            last = []
        }
        last.append(copying: bytes)
        count += bytes.count
    }

    /// Takes all out, joined.
    mutating func take() -> [UInt8] {
        var taken = ReceivedBody()
        swap(&taken, &self)
        guard !taken.pieces.isEmpty else { return taken.last }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(taken.count)
        for piece in taken.pieces { bytes.append(contentsOf: piece) }
        bytes.append(contentsOf: taken.last)
        return bytes
    }

    /// Forgets all.
    mutating func removeAll() {
        self = ReceivedBody()
    }
}

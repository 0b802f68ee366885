internal import HTTP1

/// Collects the bytes of one body as they arrive.
///
/// A body that arrives in one read is one array, copied once. A longer body is kept in pieces that are joined at its
/// end: one growing array would take up to twice the memory of what has arrived, for as long as a slow body lasts.
struct ReceivedBody {
    /// A piece of at least this many bytes is not extended beyond its capacity, because that would double its memory.
    private static let pieceBytes = 8_192
    /// The memory that an array takes besides its elements, in bytes.
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

    /// Returns the whole body in one array, and leaves this empty.
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

    /// Drops all bytes and their memory.
    mutating func removeAll() {
        self = ReceivedBody()
    }
}

internal import HarborFleet

/// Times in ascending order, stored as the differences between them with 7 bits per byte, lowest bits first
/// (LEB128).
///
/// A difference takes two bytes when a vehicle sends every few seconds. A million times within 90 days take at most
/// 3 MiB, because that many differences cannot all be long.
struct PackedTimes: Sendable {
    /// The bytes are in pieces, because one growing array would be copied and would exist twice for a moment.
    private static let pieceBytes = 65_536

    private var pieces: [[UInt8]] = []
    private var first: Timestamp?
    private var last: Timestamp?

    /// The memory used, in bytes.
    var byteCount: Int { pieces.reduce(0) { $0 + $1.capacity } }

    mutating func append(_ time: Timestamp) {
        defer { last = time }
        guard let last else {
            first = time
            return
        }
        var rest = UInt64(bitPattern: time.milliseconds &- last.milliseconds)
        if (pieces.last?.count ?? .max) > Self.pieceBytes - 10 { startPiece() }
        let index = pieces.count - 1
        while rest >= 128 {
            pieces[index].append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        pieces[index].append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func startPiece() {
        var piece: [UInt8] = []
        // A short track does not need the capacity of a whole piece.
        if !pieces.isEmpty { piece.reserveCapacity(Self.pieceBytes) }
        pieces.append(piece)
    }
}

extension PackedTimes: Sequence {
    struct Iterator: IteratorProtocol, Sendable {
        private let pieces: [[UInt8]]
        private var upcoming: Timestamp?
        private var piece = 0
        private var offset = 0

        fileprivate init(_ first: Timestamp?, _ pieces: [[UInt8]]) {
            self.pieces = pieces
            upcoming = first
        }

        mutating func next() -> Timestamp? {
            guard let time = upcoming else { return nil }
            upcoming = difference().map { Timestamp(milliseconds: time.milliseconds &+ $0) }
            return time
        }

        private mutating func difference() -> Int64? {
            if piece < pieces.count, offset >= pieces[piece].count {
                piece += 1
                offset = 0
            }
            guard piece < pieces.count else { return nil }
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while offset < pieces[piece].count {
                let byte = pieces[piece][offset]
                offset += 1
                value |= UInt64(byte & 127) << shift
                shift += 7
                if byte < 128 { break }
            }
            return Int64(bitPattern: value)
        }
    }

    func makeIterator() -> Iterator { Iterator(first, pieces) }
}

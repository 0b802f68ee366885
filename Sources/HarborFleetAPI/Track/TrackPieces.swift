internal import Compression

/// Gathers what a track's writer says into pieces worth sending, and compresses them where that is wanted. Of one task
/// alone.
final class TrackPieces {
    /// Bytes gathered before they are sent.
    private static let pieceBytes = 65_536

    /// What has gathered; the writer appends to it.
    var text: [UInt8] = []
    private let compresses: Bool
    private var deflater: Deflater?

    /// - Parameter compresses: with a stream of its own, 256 KiB, for as long as the track lasts.
    init(compresses: Bool) throws(CompressionError) {
        self.compresses = compresses
        deflater = compresses ? try Deflater(format: .gzip, level: 4) : nil
    }

    /// Whether there is enough to send.
    var isFull: Bool { text.count >= Self.pieceBytes }

    /// Takes what has gathered, as it is sent.
    /// - Parameter isLast: whether nothing follows.
    func take(isLast: Bool = false) throws(CompressionError) -> [UInt8] {
        let gathered = text
        text = []
        text.reserveCapacity(gathered.count)
        guard compresses else { return gathered }
        var piece: [UInt8] = []
        try deflater?.compress(gathered.span, flush: isLast ? .finish : .sync, into: &piece)
        return piece
    }
}

internal import Compression

/// Gathers the output of a track's writer into pieces large enough to send, and compresses them if wanted. For
/// use by one task only.
final class TrackPieces {
    /// The bytes to gather before they are sent.
    private static let pieceBytes = 65_536

    /// The gathered output; the writer appends to it.
    var text: [UInt8] = []
    private let compresses: Bool
    private var deflater: Deflater?

    /// - Parameter compresses: whether to compress, with a stream of 256 KiB that lives as long as the track.
    init(compresses: Bool) throws(CompressionError) {
        self.compresses = compresses
        deflater = compresses ? try Deflater(format: .gzip, level: 4) : nil
    }

    /// Whether there is enough to send.
    var isFull: Bool { text.count >= Self.pieceBytes }

    /// Takes the gathered output in the form in which it is sent.
    /// - Parameter isLast: whether this is the last piece.
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
